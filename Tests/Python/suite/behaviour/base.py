"""What all behaviour tests share."""

import unittest

from .. import api
from ..adapter import ApplicationFailure, StorageFailure
from ..support import unique_prefix


class Behaviour(unittest.TestCase):
    """A connection of its own and keys of its own for each test."""

    #: Set by test_behaviour.py: makes an open adapter.
    make_client = None

    def setUp(self):
        self.client = type(self).make_client()
        self.addCleanup(self.client.close)
        self.prefix = unique_prefix()

    def key(self, name="key"):
        """A key that only this test uses."""
        return self.prefix + (name.encode() if isinstance(name, str) else name)

    def call(self, method, **request):
        return self.client.call(method, request)

    def put(self, key, value=b"value", **request):
        """Puts, and expects it to be applied."""
        result = self.call("put", key=key, value=value, **request)
        self.assertIs(result["applied"], True)
        return result

    def value(self, key):
        """The value under `key`, None if it is missing."""
        return self.call("get", key=key).get("value")

    def version(self, key):
        return self.call("get", key=key).get("version")

    def refused(self, code, method, **request):
        """Expects a StorageError with `code`, and that nothing was done."""
        with self.assertRaises(StorageFailure) as caught:
            self.call(method, **request)
        error = caught.exception
        self.assertEqual((error.code, error.effect), (code, api.NOT_EXECUTED), error.message)
        self.assertNotEqual(error.message, "")
        return error

    def undecodable(self, method, **request):
        """Expects the answer to bytes that are not the request."""
        with self.assertRaises((ApplicationFailure, StorageFailure)) as caught:
            self.call(method, **request)
        self.assert_says_undecodable(caught.exception)

    def assert_says_undecodable(self, error):
        if self.client.protocol == "thrift":
            self.assertIsInstance(error, ApplicationFailure)
            self.assertEqual(error.kind, ApplicationFailure.PROTOCOL_ERROR, error.message)
        else:
            self.assertEqual((error.code, error.effect), (api.INVALID_ARGUMENT, api.NOT_EXECUTED), error.message)
