"""Answers of tens of megabytes: through one client of each protocol, as they take time."""

import os

from .. import api
from .base import Behaviour
from .scans import pages


class LargeAnswers(Behaviour):
    def test_the_largest_value_comes_back(self):
        value = os.urandom(1 << 10) * (api.VALUE_SIZE_MAX >> 10)
        self.put(self.key(), value)
        self.assertEqual(self.value(self.key()), value)
        self.call("remove", key=self.key())

    def test_an_answer_stops_at_its_limit(self):
        large, small = self.key("large"), self.key("small")
        self.put(large, bytes(api.VALUE_SIZE_MAX))
        self.put(small, b"small")
        count = api.FRAME_SIZE_MAX // api.VALUE_SIZE_MAX + 1
        result = self.call("multiGet", keys=[small] + [large] * count, withVersions=True)
        self.assertIs(result["complete"], False)
        self.assertLessEqual(set(result["statuses"]), {api.FOUND, api.TOO_LARGE})
        self.assertEqual(result["statuses"][0], api.FOUND)
        self.assertIn(api.TOO_LARGE, result["statuses"])
        self.assertGreaterEqual(result["statuses"].count(api.FOUND), 2)
        for value, status, version in zip(result["values"], result["statuses"], result["versions"]):
            if status == api.TOO_LARGE:
                self.assertEqual((value, version), (b"", 0))
            else:
                self.assertIn(len(value), (5, api.VALUE_SIZE_MAX))
        self.call("multiRemove", keys=[large, small])

    def test_a_page_ends_at_the_limit_of_an_answer(self):
        keys = [self.key(str(n)) for n in range(api.FRAME_SIZE_MAX // api.VALUE_SIZE_MAX + 1)]
        for key in keys:
            self.put(key, bytes(api.VALUE_SIZE_MAX))
        walk = list(pages(self, prefix=self.prefix, limit=len(keys)))
        self.assertGreater(len(walk), 1)
        for page in walk:
            self.assertLessEqual(sum(len(entry["value"]) for entry in page["entries"]), api.FRAME_SIZE_MAX)
        self.assertEqual({entry["key"] for page in walk for entry in page["entries"]}, set(keys))
        self.call("multiRemove", keys=keys)
