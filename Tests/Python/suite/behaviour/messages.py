"""What holds for messages of any method: ONEWAY, unknown methods, missing fields, a connection that goes on."""

from .. import api
from ..adapter import ApplicationFailure, StorageFailure
from ..support import until
from .base import Behaviour

REQUIRED = {
    "get": {"key": b"k"}, "put": {"key": b"k", "value": b"v"}, "remove": {"key": b"k"}, "multiGet": {"keys": []},
    "multiPut": {"entries": []}, "multiRemove": {"keys": []}, "increment": {"key": b"k", "delta": 1},
    "touch": {"key": b"k"},
}


class Messages(Behaviour):
    def test_a_request_without_a_required_field_is_undecodable(self):
        for method, fields in REQUIRED.items():
            for name in fields:
                request = {"context": {"timeoutMillis": 1000}, **fields}
                del request[name]
                with self.subTest(method=method, without=name):
                    self.undecodable(method, **request)
        self.assertEqual(self.client.call("ping"), "pong")

    def test_an_entry_without_a_required_field_is_undecodable(self):
        good = {"key": self.key(), "value": b"v"}
        for bad in ({"key": self.key()}, {"value": b"v"}, {"ttlMillis": 1}):
            self.undecodable("multiPut", entries=[good, bad])
        self.assertIsNone(self.value(self.key()))

    def test_an_unknown_method_is_said_to_be_one(self):
        for name in ("nosuch", "GET", "Get", "get ", "delete", "x" * 1000):
            with self.assertRaises((ApplicationFailure, StorageFailure)) as caught:
                self.client.call_unknown(name)
            error = caught.exception
            if self.client.protocol == "thrift":
                self.assertIsInstance(error, ApplicationFailure)
                self.assertEqual(error.kind, ApplicationFailure.UNKNOWN_METHOD)
            else:
                self.assertEqual((error.code, error.effect), (api.INVALID_ARGUMENT, api.NOT_EXECUTED))
        self.assertEqual(self.client.call("ping"), "pong")

    def test_a_connection_goes_on_after_errors(self):
        self.refused(api.INVALID_ARGUMENT, "get", key=b"")
        self.put(self.key())
        self.undecodable("increment", key=self.key())
        self.assertEqual(self.value(self.key()), b"value")
        self.refused(api.NOT_AN_INTEGER, "increment", key=self.key(), delta=1)
        self.assertEqual(self.client.call("ping"), "pong")

    def test_oneway_executes_and_answers_nothing(self):
        self.client.send_oneway("put", {"key": self.key("put"), "value": b"quiet"})
        self.client.send_oneway("increment", {"key": self.key("count"), "delta": 3})
        self.client.send_oneway("get", {"key": self.key("put")})
        # Had anything been answered, the next call would take it for its own.
        self.assertEqual(self.client.call("ping"), "pong")
        until(lambda: self.value(self.key("put")) == b"quiet", "a oneway put is executed")
        until(lambda: self.value(self.key("count")) == b"3", "a oneway increment is executed")
        self.assertEqual(self.client.call("ping"), "pong")

    def test_a_oneway_that_fails_answers_nothing(self):
        self.client.send_oneway("put", {"key": b"", "value": b"v"})
        self.client.send_oneway("put", {"key": self.key()})
        self.client.send_oneway("put", {"key": self.key(), "value": b"v", "ttlMillis": 0})
        self.assertEqual(self.client.call("ping"), "pong")
        self.assertIsNone(self.value(self.key()))

    def test_two_connections_see_the_same_store(self):
        other = type(self).make_client()
        try:
            version = self.put(self.key(), b"shared")["version"]
            self.assertEqual(other.call("get", {"key": self.key()}), {"value": b"shared", "version": version})
        finally:
            other.close()

    def test_hundreds_of_calls_on_one_connection(self):
        for number in range(300):
            self.assertEqual(self.call("increment", key=self.key(), delta=1)["value"], number + 1)
