"""The one interface through which behaviour tests see a client, whatever protocol is below."""

from . import api


class StorageFailure(Exception):
    """The server answered a StorageError."""

    def __init__(self, code, message, effect, retry_after_millis=None):
        super().__init__(f"code {code}, effect {effect}: {message}")
        self.code = code
        self.message = message
        self.effect = effect
        self.retry_after_millis = retry_after_millis

    @classmethod
    def from_fields(cls, fields):
        api.check("StorageError", fields)
        return cls(fields["code"], fields["message"], fields["effect"], fields.get("retryAfterMillis"))


class ApplicationFailure(Exception):
    """The server answered a Thrift application exception."""

    UNKNOWN_METHOD = 1
    PROTOCOL_ERROR = 7

    def __init__(self, kind, message):
        super().__init__(f"application exception {kind}: {message}")
        self.kind = kind
        self.message = message


class Adapter:
    """One connection of one client library in one protocol.

    Requests and results are dicts by field name, absent fields left out, structs as dicts, binaries as bytes.
    """

    #: "thrift" or "msgpack": only what the two answer to bytes that are no request differs.
    protocol = ""

    def close(self):
        raise NotImplementedError

    def call(self, method, request=None):
        """Calls `method` and returns its checked result. Raises StorageFailure or ApplicationFailure."""
        result = self._call(method, request)
        if method == "ping":
            assert type(result) is str, result
        elif method in api.METHODS:
            api.check(api.response_struct(method), result)
        return result

    def _call(self, method, request):
        raise NotImplementedError

    def send_oneway(self, method, request):
        """Sends a Thrift ONEWAY message or a MessagePack-RPC notification."""
        raise NotImplementedError

    def call_unknown(self, method):
        """Calls a method that the service does not have; raises what the server answers."""
        raise NotImplementedError


def missing(library, error):
    """An adapter factory's stand-in where its library cannot be imported."""
    import unittest

    def factory():
        raise unittest.SkipTest(f"{library} cannot be used: {error}")

    return factory
