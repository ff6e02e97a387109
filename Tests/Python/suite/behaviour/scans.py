"""scan."""

import time

from .. import api
from ..support import WAIT_SECONDS_MAX
from .base import Behaviour


def pages(test, **request):
    """All pages of a scan from begin to end; fails where there is none."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    page = test.call("scan", **request)
    yield page
    while "cursor" in page:
        test.assertLess(time.monotonic(), deadline, "a scan that does not end")
        page = test.call("scan", cursor=page["cursor"], **request)
        yield page


class Scans(Behaviour):
    def fill(self, count):
        keys = [self.key(f"{n:05}") for n in range(count)]
        self.call("multiPut", entries=[{"key": key, "value": b"value of " + key} for key in keys])
        self.addCleanup(self.call, "multiRemove", keys=keys)
        return keys

    def pages(self, **request):
        request.setdefault("prefix", self.prefix)
        return pages(self, **request)

    def walk(self, **request):
        return [entry for page in self.pages(**request) for entry in page["entries"]]

    def test_a_scan_meets_every_key_with_its_value_and_version(self):
        keys = self.fill(500)
        entries = self.walk(limit=37)
        self.assertEqual({entry["key"] for entry in entries}, set(keys))
        result = self.call("multiGet", keys=keys, withVersions=True)
        versions = dict(zip(keys, result["versions"]))
        for entry in entries:
            self.assertEqual(entry, {
                "key": entry["key"], "value": b"value of " + entry["key"], "version": versions[entry["key"]]})

    def test_keys_only_leaves_values_out(self):
        keys = self.fill(50)
        entries = self.walk(keysOnly=True)
        self.assertEqual({entry["key"] for entry in entries}, set(keys))
        self.assertFalse(any("value" in entry for entry in entries))

    def test_empty_values_are_there(self):
        self.put(self.key(), b"")
        self.assertEqual([entry["value"] for entry in self.walk()], [b""])

    def test_the_prefix_selects(self):
        for name in ("a", "ab", "abc", "b", "ba"):
            self.put(self.key(name))
        for prefix, names in (("a", {"a", "ab", "abc"}), ("ab", {"ab", "abc"}), ("b", {"b", "ba"}), ("c", set())):
            found = {entry["key"] for entry in self.walk(prefix=self.key(prefix))}
            self.assertEqual(found, {self.key(name) for name in names})

    def test_without_a_prefix_every_key_is_met(self):
        keys = set(self.fill(20))
        for absent in ({"prefix": b""}, {}):
            met = set()
            for page in pages(self, limit=api.SCAN_LIMIT_MAX, keysOnly=True, **absent):
                met.update(entry["key"] for entry in page["entries"])
            self.assertLessEqual(keys, met)

    def test_pages_keep_to_their_limit(self):
        keys = self.fill(150)
        for limit in (1, 7, 150, 151, api.SCAN_LIMIT_MAX):
            found = set()
            for page in self.pages(limit=limit):
                self.assertLessEqual(len(page["entries"]), limit)
                found.update(entry["key"] for entry in page["entries"])
            self.assertEqual(found, set(keys), limit)

    def test_the_default_limit_is_100(self):
        keys = self.fill(250)
        pages = list(self.pages())
        self.assertLessEqual(max(len(page["entries"]) for page in pages), api.SCAN_LIMIT_DEFAULT)
        self.assertEqual({entry["key"] for page in pages for entry in page["entries"]}, set(keys))

    def test_limits_out_of_bounds_are_refused(self):
        for limit in (0, -1, api.SCAN_LIMIT_MAX + 1, *api.I32):
            self.refused(api.INVALID_ARGUMENT, "scan", limit=limit, prefix=self.prefix)

    def test_a_cursor_that_is_none_is_refused(self):
        for cursor in (b"\xff" * 40, b"no cursor", b"\x00", b"x" * 5000):
            self.refused(api.INVALID_ARGUMENT, "scan", cursor=cursor, prefix=self.prefix)

    def test_keys_that_stay_are_met_although_others_come_and_go(self):
        keys = self.fill(300)
        stay, go = set(keys[::2]), keys[1::2]
        met = set()
        for number, page in enumerate(self.pages(limit=10)):
            met.update(entry["key"] for entry in page["entries"])
            if number < 100:  # bounded, or the walk would be chased for ever
                self.put(self.key(f"new{number}"), b"")
                self.call("multiRemove", keys=go[number * 2:number * 2 + 2])
        self.assertLessEqual(stay, met)

    def test_removed_keys_are_not_met(self):
        keys = self.fill(10)
        self.call("multiRemove", keys=keys[:5])
        self.assertEqual({entry["key"] for entry in self.walk()}, set(keys[5:]))
