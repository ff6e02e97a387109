"""Times to live, touch; deadlines."""

from .. import api
from ..adapter import StorageFailure
from ..support import until
from .base import Behaviour

#: Long enough that no test lives to see it.
LONG = 600_000
#: Short enough to be waited for.
SHORT = 40


class Durations(Behaviour):
    def ttl(self, key):
        return self.call("get", key=key).get("ttlMillis")

    def test_a_ttl_is_answered_and_never_longer_than_given(self):
        self.put(self.key(), ttlMillis=LONG)
        first = self.ttl(self.key())
        self.assertIn(first, range(LONG // 2, LONG + 1))
        self.assertLessEqual(self.ttl(self.key()), first)

    def test_a_put_without_ttl_clears_it(self):
        self.put(self.key(), ttlMillis=LONG)
        self.put(self.key())
        self.assertIsNone(self.ttl(self.key()))

    def test_a_put_that_was_not_applied_leaves_the_expiry(self):
        self.put(self.key(), ttlMillis=LONG)
        self.call("put", key=self.key(), value=b"v", condition=api.IF_ABSENT)
        self.assertIsNotNone(self.ttl(self.key()))

    def test_ttls_of_0_or_less_are_refused(self):
        self.put(self.key(), b"1")
        for ttl in (0, -1, api.I64[0]):
            self.refused(api.INVALID_ARGUMENT, "put", key=self.key(), value=b"2", ttlMillis=ttl)
            self.refused(api.INVALID_ARGUMENT, "increment", key=self.key(), delta=1, ttlMillis=ttl)
            self.refused(api.INVALID_ARGUMENT, "touch", key=self.key(), ttlMillis=ttl)
            self.refused(api.INVALID_ARGUMENT, "multiPut", entries=[{"key": self.key(), "value": b"2", "ttlMillis": ttl}])
        self.assertEqual(self.value(self.key()), b"1")

    def test_the_longest_ttl_does_not_wrap(self):
        self.put(self.key(), ttlMillis=api.I64[1])
        self.assertEqual(self.value(self.key()), b"value")
        self.call("touch", key=self.key(), ttlMillis=api.I64[1])
        self.assertEqual(self.value(self.key()), b"value")

    def test_an_expired_key_is_missing_for_every_method(self):
        names = ("get", "put", "remove", "multiGet", "multiRemove", "increment", "touch", "scan", "if present",
                 "if version")
        for name in names:
            self.put(self.key(name), b"41", ttlMillis=SHORT)
        until(lambda: all(self.value(self.key(name)) is None for name in names), "keys with a short ttl expire")
        self.assertEqual(self.call("get", key=self.key("get")), {})
        self.assertIs(self.call("remove", key=self.key("remove"))["removed"], False)
        self.assertEqual(self.call("multiGet", keys=[self.key("multiGet")], withVersions=True), {
            "values": [b""], "statuses": bytes([api.MISSING]), "versions": [0], "complete": True})
        self.assertEqual(self.call("multiRemove", keys=[self.key("multiRemove")])["removed"], 0)
        self.assertIs(self.call("touch", key=self.key("touch"))["found"], False)
        self.assertEqual(self.call("scan", prefix=self.key("scan"))["entries"], [])
        self.assertEqual(self.call("increment", key=self.key("increment"), delta=1)["value"], 1)
        self.assertIsNone(self.ttl(self.key("increment")), "the expiry went with the entry")
        result = self.put(self.key("put"), condition=api.IF_ABSENT, returnPrevious=True)
        self.assertNotIn("previous", result)
        refused = self.call("put", key=self.key("if present"), value=b"v", condition=api.IF_PRESENT)
        self.assertEqual(refused, {"applied": False})
        self.put(self.key("if version"), ifVersion=0)

    def test_entries_of_a_multi_put_expire(self):
        self.call("multiPut", entries=[
            {"key": self.key("short"), "value": b"", "ttlMillis": SHORT}, {"key": self.key("never"), "value": b""}])
        until(lambda: self.value(self.key("short")) is None, "an entry with a short ttl expires")
        self.assertEqual(self.value(self.key("never")), b"")

    # touch

    def test_touch_sets_the_expiry_and_a_new_version_and_keeps_the_value(self):
        before = self.put(self.key(), b"kept")["version"]
        self.assertEqual(self.call("touch", key=self.key(), ttlMillis=LONG), {"found": True, "durability": api.MEMORY})
        after = self.call("get", key=self.key())
        self.assertEqual(after["value"], b"kept")
        self.assertGreater(after["version"], before)
        self.assertIn(after["ttlMillis"], range(1, LONG + 1))

    def test_touch_without_ttl_means_never(self):
        before = self.put(self.key(), ttlMillis=LONG)["version"]
        self.assertIs(self.call("touch", key=self.key())["found"], True)
        self.assertIsNone(self.ttl(self.key()))
        self.assertGreater(self.version(self.key()), before)

    def test_touch_can_shorten(self):
        self.put(self.key())
        self.call("touch", key=self.key(), ttlMillis=SHORT)
        until(lambda: self.value(self.key()) is None, "a key touched with a short ttl expires")

    def test_touch_can_lengthen(self):
        self.put(self.key(), ttlMillis=30_000)
        self.call("touch", key=self.key(), ttlMillis=LONG)
        self.assertGreater(self.ttl(self.key()), 30_000)

    def test_touch_of_a_missing_key_finds_nothing(self):
        self.assertIs(self.call("touch", key=self.key(), ttlMillis=LONG)["found"], False)
        self.assertIsNone(self.value(self.key()))


class Deadlines(Behaviour):
    def requests(self):
        """One valid request of each method that takes a context."""
        key = self.key()
        return {
            "get": {"key": key}, "put": {"key": key, "value": b"1"}, "remove": {"key": key},
            "multiGet": {"keys": [key]}, "multiPut": {"entries": [{"key": key, "value": b"1"}]},
            "multiRemove": {"keys": [key]}, "increment": {"key": key, "delta": 1}, "touch": {"key": key},
            "scan": {"prefix": self.prefix},
        }

    def test_a_negative_budget_is_refused(self):
        self.put(self.key(), b"7")
        for timeout in (-1, api.I32[0]):
            for method, request in self.requests().items():
                self.refused(api.INVALID_ARGUMENT, method, **request, context={"timeoutMillis": timeout})
        self.assertEqual(self.value(self.key()), b"7")

    def test_budgets_of_0_and_beyond_the_maximum_are_fine(self):
        for timeout in (0, 60_000, 60_001, api.I32[1]):
            for method, request in self.requests().items():
                self.call(method, **request, context={"timeoutMillis": timeout})

    def test_a_full_context_is_taken(self):
        context = {
            "fromService": "suite", "fromCluster": "default", "toService": "needletail", "toCluster": "\u00fc",
            "logID": "20260101-1", "timeoutMillis": 5000, "baggage": {"user": "42", "": "", "\u00e4": "\U0001f426"},
        }
        for method, request in self.requests().items():
            self.call(method, **request, context=context)
            self.call(method, **request, context={})
            self.call(method, **request, context={"baggage": {}})

    def test_a_tiny_budget_gives_a_whole_answer_or_an_honest_one(self):
        keys = [self.key(str(n)) for n in range(2000)]
        for policy in (api.CANCEL, api.WAIT):
            for _ in range(5):
                try:
                    result = self.call("multiGet", keys=keys, policy=policy, context={"timeoutMillis": 1})
                except StorageFailure as error:
                    self.assertEqual((error.code, error.effect), (api.DEADLINE_EXCEEDED, api.NOT_EXECUTED))
                    continue
                self.assertEqual(len(result["statuses"]), len(keys))
                self.assertEqual(len(result["values"]), len(keys))
                self.assertLessEqual(set(result["statuses"]), {api.MISSING, 3})
                self.assertEqual(result["complete"], set(result["statuses"]) == {api.MISSING})
                if policy == api.WAIT:
                    self.assertIs(result["complete"], True)
