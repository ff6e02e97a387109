"""increment."""

from .. import api
from .base import Behaviour

LOW, HIGH = api.I64


class Numbers(Behaviour):
    def increment(self, delta, **request):
        return self.call("increment", key=self.key(), delta=delta, **request)

    def test_a_missing_key_counts_from_0(self):
        result = self.increment(5)
        self.assertEqual((result["value"], result["durability"]), (5, api.MEMORY))
        self.assertEqual(self.call("get", key=self.key()), {"value": b"5", "version": result["version"]})

    def test_a_missing_key_counts_from_initial(self):
        self.assertEqual(self.increment(5, initial=100)["value"], 105)
        self.assertEqual(self.increment(-7, initial=100)["value"], 98)
        self.assertEqual(self.value(self.key()), b"98")

    def test_sums_down_to_and_below_0(self):
        self.assertEqual([self.increment(-3, initial=6)["value"] for _ in range(4)], [3, 0, -3, -6])
        self.assertEqual(self.value(self.key()), b"-6")

    def test_decimal_values_are_numbers(self):
        for stored in (0, 1, -1, 10, -90, LOW, HIGH):
            self.put(self.key(), b"%d" % stored)
            self.assertEqual(self.increment(0)["value"], stored)
            self.assertEqual(self.value(self.key()), b"%d" % stored)

    def test_anything_else_is_not_an_integer(self):
        bad = (b"", b"+1", b"01", b"00", b"-0", b"-", b"--1", b"-01", b" 1", b"1 ", b"1\n", b"1\x00", b"1.0", b"1e3", b"0x1",
               b"abc", b"\xff", b"%d" % (HIGH + 1), b"%d" % (LOW - 1), b"1" * 40)
        for stored in bad:
            version = self.put(self.key(), stored)["version"]
            self.refused(api.NOT_AN_INTEGER, "increment", key=self.key(), delta=1)
            self.assertEqual(self.call("get", key=self.key()), {"value": stored, "version": version})

    def test_overflow_is_refused_and_changes_nothing(self):
        for stored, delta in ((HIGH, 1), (LOW, -1), (1, HIGH), (-1, LOW), (LOW, LOW), (HIGH, HIGH)):
            version = self.put(self.key(), b"%d" % stored)["version"]
            self.refused(api.INVALID_ARGUMENT, "increment", key=self.key(), delta=delta)
            self.assertEqual(self.call("get", key=self.key()), {"value": b"%d" % stored, "version": version})

    def test_overflow_of_initial_is_refused_and_stores_nothing(self):
        self.refused(api.INVALID_ARGUMENT, "increment", key=self.key(), delta=1, initial=HIGH)
        self.refused(api.INVALID_ARGUMENT, "increment", key=self.key(), delta=-1, initial=LOW)
        self.assertIsNone(self.value(self.key()))

    def test_the_ends_of_64_bits_are_reached(self):
        self.assertEqual(self.increment(LOW)["value"], LOW)
        self.assertEqual(self.increment(HIGH)["value"], -1)
        self.put(self.key(), b"%d" % (HIGH - 1))
        self.assertEqual(self.increment(1)["value"], HIGH)

    def test_each_increment_gives_a_new_version(self):
        versions = [self.increment(1)["version"] for _ in range(10)]
        self.assertEqual(versions, sorted(set(versions)))
        self.assertEqual(self.version(self.key()), versions[-1])

    def test_increment_without_ttl_keeps_the_expiry(self):
        self.put(self.key(), b"1", ttlMillis=60_000)
        self.increment(1)
        self.assertIn(self.call("get", key=self.key())["ttlMillis"], range(1, 60_001))

    def test_increment_without_ttl_gives_none(self):
        self.increment(1)
        self.assertNotIn("ttlMillis", self.call("get", key=self.key()))

    def test_increment_with_ttl_sets_it(self):
        self.increment(1, ttlMillis=60_000)
        self.assertIn(self.call("get", key=self.key())["ttlMillis"], range(1, 60_001))
        self.increment(1, ttlMillis=600_000)
        self.assertIn(self.call("get", key=self.key())["ttlMillis"], range(60_001, 600_001))
