"""get, put, remove: values, keys, conditions, versions."""

import os

from .. import api
from .base import Behaviour


class SingleKeys(Behaviour):
    # Values and keys

    def test_ping_answers_pong(self):
        self.assertEqual(self.client.call("ping"), "pong")

    def test_a_value_comes_back(self):
        result = self.put(self.key(), b"value")
        self.assertEqual(result["durability"], api.MEMORY)
        self.assertNotIn("previous", result)
        answer = self.call("get", key=self.key())
        self.assertEqual(answer, {"value": b"value", "version": result["version"]})

    def test_a_missing_key_answers_nothing(self):
        self.assertEqual(self.call("get", key=self.key()), {})

    def test_an_empty_value_is_a_value(self):
        self.put(self.key(), b"")
        self.assertEqual(self.call("get", key=self.key())["value"], b"")

    def test_keys_and_values_are_any_bytes(self):
        everything = bytes(range(256))
        for name in (everything, b"\x00", b"\xff\xfe\xc3\x28", b"\n"):
            self.put(self.key(name), name + everything)
        for name in (everything, b"\x00", b"\xff\xfe\xc3\x28", b"\n"):
            self.assertEqual(self.value(self.key(name)), name + everything)

    def test_keys_of_1_and_4096_bytes_are_keys(self):
        longest = self.key("").ljust(api.KEY_SIZE_MAX, b"k")
        self.put(longest, b"longest")
        self.assertEqual(self.value(longest), b"longest")
        self.assertIs(self.call("remove", key=longest)["removed"], True)
        self.call("get", key=b"k")  # one byte; whatever is there

    def test_a_one_byte_key_can_be_written(self):
        # Shared by every test run against this server, so nothing is said about what it holds afterwards.
        self.put(b"\x01", b"shortest")
        self.call("remove", key=b"\x01")

    def test_empty_and_too_long_keys_are_refused(self):
        for bad in (b"", b"k" * (api.KEY_SIZE_MAX + 1)):
            self.refused(api.INVALID_ARGUMENT, "get", key=bad)
            self.refused(api.INVALID_ARGUMENT, "put", key=bad, value=b"v")
            self.refused(api.INVALID_ARGUMENT, "remove", key=bad)
            self.refused(api.INVALID_ARGUMENT, "increment", key=bad, delta=1)
            self.refused(api.INVALID_ARGUMENT, "touch", key=bad)
            self.refused(api.INVALID_ARGUMENT, "multiGet", keys=[bad])
            self.refused(api.INVALID_ARGUMENT, "multiPut", entries=[{"key": bad, "value": b"v"}])
            self.refused(api.INVALID_ARGUMENT, "multiRemove", keys=[bad])

    def test_a_value_of_one_mebibyte_comes_back(self):
        value = os.urandom(1 << 20)
        self.put(self.key(), value)
        self.assertEqual(self.value(self.key()), value)

    def test_values_of_sizes_around_powers_of_two_come_back(self):
        for exponent in (4, 5, 8, 14, 16):
            for size in ((1 << exponent) - 1, 1 << exponent, (1 << exponent) + 1):
                value = (b"%d," % size * size)[:size]
                self.put(self.key(str(size)), value)
                self.assertEqual(self.value(self.key(str(size))), value)

    def test_a_value_over_the_limit_is_refused(self):
        too_large = bytes(api.VALUE_SIZE_MAX + 1)
        self.put(self.key(), b"before")
        self.refused(api.INVALID_ARGUMENT, "put", key=self.key(), value=too_large)
        self.assertEqual(self.value(self.key()), b"before")

    # Put

    def test_put_replaces(self):
        first = self.put(self.key(), b"one")
        second = self.put(self.key(), b"two")
        self.assertGreater(second["version"], first["version"])
        self.assertEqual(self.value(self.key()), b"two")

    def test_versions_grow_across_keys(self):
        versions = [self.put(self.key(str(n)))["version"] for n in range(20)]
        self.assertEqual(versions, sorted(set(versions)))
        self.assertGreater(versions[0], 0)

    def test_condition_always_writes_in_any_case(self):
        self.put(self.key(), b"one", condition=api.ALWAYS)
        self.put(self.key(), b"two", condition=api.ALWAYS)
        self.assertEqual(self.value(self.key()), b"two")

    def test_condition_if_absent(self):
        first = self.put(self.key(), b"one", condition=api.IF_ABSENT)
        second = self.call("put", key=self.key(), value=b"two", condition=api.IF_ABSENT)
        self.assertEqual(second, {"applied": False, "version": first["version"]})
        self.assertEqual(self.value(self.key()), b"one")

    def test_condition_if_present(self):
        missing = self.call("put", key=self.key(), value=b"one", condition=api.IF_PRESENT)
        self.assertEqual(missing, {"applied": False})
        self.assertIsNone(self.value(self.key()))
        self.put(self.key(), b"two")
        self.put(self.key(), b"three", condition=api.IF_PRESENT)
        self.assertEqual(self.value(self.key()), b"three")

    def test_an_unknown_condition_is_refused(self):
        self.refused(api.INVALID_ARGUMENT, "put", key=self.key(), value=b"v", condition=99)
        self.assertIsNone(self.value(self.key()))

    def test_if_version_compares_and_sets(self):
        first = self.put(self.key(), b"one")
        second = self.put(self.key(), b"two", ifVersion=first["version"])
        late = self.call("put", key=self.key(), value=b"three", ifVersion=first["version"])
        self.assertEqual(late, {"applied": False, "version": second["version"]})
        self.assertEqual(self.value(self.key()), b"two")

    def test_if_version_fails_on_a_missing_key(self):
        self.assertEqual(self.call("put", key=self.key(), value=b"v", ifVersion=1), {"applied": False})
        self.assertIsNone(self.value(self.key()))

    def test_if_version_0_means_must_be_missing(self):
        first = self.put(self.key(), b"one", ifVersion=0)
        again = self.call("put", key=self.key(), value=b"two", ifVersion=0)
        self.assertEqual(again, {"applied": False, "version": first["version"]})
        self.assertEqual(self.value(self.key()), b"one")
        self.call("remove", key=self.key())
        self.put(self.key(), b"three", ifVersion=0)

    def test_condition_and_if_version_must_both_hold(self):
        self.put(self.key(), b"one", condition=api.IF_ABSENT, ifVersion=0)
        version = self.version(self.key())
        for condition, if_version in (
                (api.IF_ABSENT, version), (api.IF_ABSENT, 0), (api.IF_PRESENT, 0), (api.IF_PRESENT, version + 1),
                (api.ALWAYS, 0)):
            result = self.call("put", key=self.key(), value=b"two", condition=condition, ifVersion=if_version)
            self.assertEqual(result, {"applied": False, "version": version}, (condition, if_version))
        self.put(self.key(), b"two", condition=api.IF_PRESENT, ifVersion=version)
        other = self.key("other")
        for condition, if_version in ((api.IF_PRESENT, 0), (api.IF_ABSENT, version)):
            result = self.call("put", key=other, value=b"two", condition=condition, ifVersion=if_version)
            self.assertEqual(result, {"applied": False}, (condition, if_version))

    def test_return_previous(self):
        nothing = self.put(self.key(), b"one", returnPrevious=True)
        self.assertNotIn("previous", nothing)
        self.assertEqual(self.put(self.key(), b"", returnPrevious=True)["previous"], b"one")
        self.assertEqual(self.put(self.key(), b"three", returnPrevious=True)["previous"], b"")
        self.assertNotIn("previous", self.put(self.key(), b"four", returnPrevious=False))
        self.assertNotIn("previous", self.put(self.key(), b"five"))

    def test_return_previous_of_a_put_that_was_not_applied(self):
        version = self.put(self.key(), b"one")["version"]
        refused = self.call("put", key=self.key(), value=b"two", condition=api.IF_ABSENT, returnPrevious=True)
        self.assertEqual(refused, {"applied": False, "version": version, "previous": b"one"})
        other = self.call("put", key=self.key("other"), value=b"v", condition=api.IF_PRESENT, returnPrevious=True)
        self.assertEqual(other, {"applied": False})

    # Remove

    def test_remove(self):
        self.put(self.key())
        result = self.call("remove", key=self.key())
        self.assertEqual(result, {"removed": True, "durability": api.MEMORY})
        self.assertIsNone(self.value(self.key()))
        self.assertIs(self.call("remove", key=self.key())["removed"], False)

    def test_remove_if_version(self):
        version = self.put(self.key())["version"]
        for other in (version - 1, version + 1, 0):
            self.assertIs(self.call("remove", key=self.key(), ifVersion=other)["removed"], False)
        self.assertIsNotNone(self.value(self.key()))
        self.assertIs(self.call("remove", key=self.key(), ifVersion=version)["removed"], True)
        for other in (version, 0):
            self.assertIs(self.call("remove", key=self.key(), ifVersion=other)["removed"], False)
        self.assertIsNone(self.value(self.key()))

    def test_a_key_that_comes_back_has_a_newer_version(self):
        before = self.put(self.key())["version"]
        self.call("remove", key=self.key())
        self.assertGreater(self.put(self.key())["version"], before)

    # Durability

    def test_levels_that_the_engine_lacks_are_refused(self):
        self.put(self.key("there"), b"1")
        for level in (api.LOGGED, api.SYNCED, api.REPLICATED):
            key = self.key(str(level))
            self.refused(api.UNSUPPORTED, "put", key=key, value=b"1", durability=level)
            self.refused(api.UNSUPPORTED, "increment", key=key, delta=1, durability=level)
            self.refused(api.UNSUPPORTED, "multiPut", entries=[{"key": key, "value": b"1"}], durability=level)
            self.assertIsNone(self.value(key))
            self.refused(api.UNSUPPORTED, "remove", key=self.key("there"), durability=level)
            self.refused(api.UNSUPPORTED, "multiRemove", keys=[self.key("there")], durability=level)
            self.refused(api.UNSUPPORTED, "touch", key=self.key("there"), ttlMillis=1, durability=level)
        self.assertEqual(self.value(self.key("there")), b"1")

    def test_the_level_asked_for_is_reported(self):
        asked = {"durability": api.MEMORY}
        self.assertEqual(self.put(self.key(), b"1", **asked)["durability"], api.MEMORY)
        self.assertEqual(self.call("increment", key=self.key(), delta=1, **asked)["durability"], api.MEMORY)
        self.assertEqual(self.call("touch", key=self.key(), **asked)["durability"], api.MEMORY)
        entries = [{"key": self.key("other"), "value": b""}]
        self.assertEqual(self.call("multiPut", entries=entries, **asked)["durability"], api.MEMORY)
        self.assertEqual(self.call("multiRemove", keys=[self.key("other")], **asked)["durability"], api.MEMORY)
        self.assertEqual(self.call("remove", key=self.key(), **asked)["durability"], api.MEMORY)

    def test_an_unknown_level_is_refused(self):
        from ..adapter import StorageFailure

        with self.assertRaises(StorageFailure) as caught:
            self.call("put", key=self.key(), value=b"v", durability=99)
        self.assertIn(caught.exception.code, (api.INVALID_ARGUMENT, api.UNSUPPORTED))
        self.assertEqual(caught.exception.effect, api.NOT_EXECUTED)
        self.assertIsNone(self.value(self.key()))
