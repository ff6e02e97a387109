"""multiGet, multiPut, multiRemove."""

from .. import api
from .base import Behaviour


class ManyKeys(Behaviour):
    def keys(self, count):
        return [self.key(str(n)) for n in range(count)]

    # multiGet

    def test_every_key_has_its_value_and_status_in_order(self):
        self.put(self.key("a"), b"1")
        self.put(self.key("b"), b"")
        self.put(self.key("c"), b"3")
        keys = [self.key(name) for name in ("c", "nothing", "a", "b", "none")]
        result = self.call("multiGet", keys=keys)
        self.assertEqual(result, {
            "values": [b"3", b"", b"1", b"", b""],
            "statuses": bytes([api.FOUND, api.MISSING, api.FOUND, api.FOUND, api.MISSING]),
            "complete": True,
        })

    def test_an_empty_list_is_a_valid_call(self):
        self.assertEqual(self.call("multiGet", keys=[]), {"values": [], "statuses": b"", "complete": True})
        versions = self.call("multiGet", keys=[], withVersions=True)
        self.assertEqual(versions.get("versions", []), [])

    def test_duplicates_are_answered_at_every_position(self):
        self.put(self.key("a"), b"1")
        a, b = self.key("a"), self.key("b")
        result = self.call("multiGet", keys=[a, b, a, a, b])
        self.assertEqual(result["values"], [b"1", b"", b"1", b"1", b""])
        self.assertEqual(result["statuses"], bytes([api.FOUND, api.MISSING, api.FOUND, api.FOUND, api.MISSING]))

    def test_versions_come_only_with_with_versions(self):
        version = self.put(self.key("a"), b"1")["version"]
        keys = [self.key("nothing"), self.key("a"), self.key("a")]
        self.assertEqual(self.call("multiGet", keys=keys, withVersions=True)["versions"], [0, version, version])
        self.assertNotIn("versions", self.call("multiGet", keys=keys, withVersions=False))
        self.assertNotIn("versions", self.call("multiGet", keys=keys))

    def test_both_policies_answer_in_time(self):
        self.put(self.key("a"), b"1")
        for policy in (api.CANCEL, api.WAIT):
            result = self.call("multiGet", keys=[self.key("a"), self.key("b")], policy=policy)
            self.assertEqual(result["values"], [b"1", b""])
            self.assertIs(result["complete"], True)

    def test_an_unknown_policy_is_refused(self):
        self.refused(api.INVALID_ARGUMENT, "multiGet", keys=[self.key()], policy=99)

    def test_one_bad_key_refuses_the_whole_call(self):
        self.put(self.key("a"), b"1")
        for bad in (b"", b"k" * (api.KEY_SIZE_MAX + 1)):
            self.refused(api.INVALID_ARGUMENT, "multiGet", keys=[self.key("a"), bad, self.key("b")])

    def test_as_many_keys_as_allowed_and_one_more(self):
        keys = self.keys(api.KEYS_PER_REQUEST_MAX)
        self.put(keys[-1], b"last")
        result = self.call("multiGet", keys=keys)
        self.assertEqual(result["values"], [b""] * (len(keys) - 1) + [b"last"])
        self.assertEqual(result["statuses"], bytes([api.MISSING]) * (len(keys) - 1) + bytes([api.FOUND]))
        self.refused(api.INVALID_ARGUMENT, "multiGet", keys=keys + [keys[0]])

    def test_many_values_of_many_sizes(self):
        values = [bytes([n % 251]) * (n * n % 700) for n in range(1000)]
        keys = self.keys(len(values))
        self.call("multiPut", entries=[{"key": k, "value": v} for k, v in zip(keys, values)])
        self.addCleanup(self.call, "multiRemove", keys=keys)
        result = self.call("multiGet", keys=keys[::-1], withVersions=True)
        self.assertEqual(result["values"], values[::-1])
        self.assertEqual(result["statuses"], bytes([api.FOUND]) * len(keys))
        self.assertTrue(all(version > 0 for version in result["versions"]))

    # multiPut

    def test_all_entries_are_stored(self):
        keys = self.keys(100)
        result = self.call("multiPut", entries=[{"key": key, "value": key[::-1]} for key in keys])
        self.assertEqual(result, {"statuses": bytes([api.STORED]) * 100, "durability": api.MEMORY})
        self.assertEqual(self.call("multiGet", keys=keys)["values"], [key[::-1] for key in keys])

    def test_no_entries_are_a_valid_call(self):
        for atomic in (False, True):
            self.assertEqual(self.call("multiPut", entries=[], atomic=atomic)["statuses"], b"")

    def test_of_duplicates_the_last_wins_and_all_are_stored(self):
        for atomic in (False, True):
            a, b = self.key(f"a{atomic}"), self.key(f"b{atomic}")
            entries = [{"key": a, "value": b"1", "ttlMillis": 60_000}, {"key": b, "value": b"2"}, {"key": a, "value": b"3"}]
            result = self.call("multiPut", entries=entries, atomic=atomic)
            self.assertEqual(result["statuses"], bytes([api.STORED] * 3))
            self.assertEqual(self.call("multiGet", keys=[a, b])["values"], [b"3", b"2"])
            self.assertNotIn("ttlMillis", self.call("get", key=a))

    def test_an_atomic_call_has_one_version(self):
        keys = self.keys(200)
        self.call("multiPut", entries=[{"key": key, "value": b"v"} for key in keys], atomic=True)
        versions = self.call("multiGet", keys=keys, withVersions=True)["versions"]
        self.assertEqual(len(set(versions)), 1)
        self.assertGreater(versions[0], 0)

    def test_multi_put_gives_new_versions(self):
        before = self.put(self.key())["version"]
        for atomic in (False, True):
            self.call("multiPut", entries=[{"key": self.key(), "value": b"v"}], atomic=atomic)
            after = self.version(self.key())
            self.assertGreater(after, before)
            before = after

    def test_each_entry_has_its_own_ttl_and_none_clears_it(self):
        self.put(self.key("b"), b"", ttlMillis=60_000)
        self.call("multiPut", entries=[
            {"key": self.key("a"), "value": b"1", "ttlMillis": 60_000}, {"key": self.key("b"), "value": b"2"}])
        self.assertIn(self.call("get", key=self.key("a"))["ttlMillis"], range(1, 60_001))
        self.assertNotIn("ttlMillis", self.call("get", key=self.key("b")))

    def test_one_bad_entry_refuses_the_whole_call(self):
        good = {"key": self.key("good"), "value": b"v"}
        bad_ones = (
            {"key": b"", "value": b"v"}, {"key": b"k" * (api.KEY_SIZE_MAX + 1), "value": b"v"},
            {"key": self.key("bad"), "value": b"v", "ttlMillis": 0},
            {"key": self.key("bad"), "value": b"v", "ttlMillis": -1})
        for bad in bad_ones:
            for atomic in (False, True):
                self.refused(api.INVALID_ARGUMENT, "multiPut", entries=[good, bad, good], atomic=atomic)
        self.assertIsNone(self.value(self.key("good")))

    def test_a_value_over_the_limit_refuses_the_whole_call(self):
        entries = [{"key": self.key("a"), "value": b"v"},
                   {"key": self.key("b"), "value": bytes(api.VALUE_SIZE_MAX + 1)}]
        self.refused(api.INVALID_ARGUMENT, "multiPut", entries=entries)
        self.assertIsNone(self.value(self.key("a")))

    def test_as_many_entries_as_allowed_and_one_more(self):
        entries = [{"key": key, "value": b""} for key in self.keys(api.KEYS_PER_REQUEST_MAX)]
        self.refused(api.INVALID_ARGUMENT, "multiPut", entries=entries + [{"key": self.key("more"), "value": b""}])
        self.assertIsNone(self.value(self.key("0")))
        result = self.call("multiPut", entries=entries)
        self.assertEqual(result["statuses"], bytes([api.STORED]) * len(entries))
        keys = [entry["key"] for entry in entries]
        self.assertEqual(self.call("multiRemove", keys=keys)["removed"], len(keys))
        self.refused(api.INVALID_ARGUMENT, "multiRemove", keys=keys + [self.key("more")])

    # multiRemove

    def test_multi_remove_counts_what_was_there_once(self):
        a, b = self.key("a"), self.key("b")
        self.put(a)
        self.put(b)
        result = self.call("multiRemove", keys=[a, self.key("nothing"), a, b, a])
        self.assertEqual(result, {"removed": 2, "durability": api.MEMORY})
        self.assertEqual(self.call("multiGet", keys=[a, b])["statuses"], bytes([api.MISSING] * 2))
        self.assertEqual(self.call("multiRemove", keys=[a, b])["removed"], 0)

    def test_multi_remove_of_nothing_is_a_valid_call(self):
        self.assertEqual(self.call("multiRemove", keys=[])["removed"], 0)

    def test_one_bad_key_removes_nothing(self):
        self.put(self.key())
        for bad in (b"", b"k" * (api.KEY_SIZE_MAX + 1)):
            self.refused(api.INVALID_ARGUMENT, "multiRemove", keys=[self.key(), bad])
        self.assertIsNotNone(self.value(self.key()))
