"""MessagePack-RPC: a small client over `msgpack` or `u-msgpack-python`, and pynvim's own session."""

import functools
import socket

from . import api
from .adapter import Adapter, StorageFailure, missing
from .support import WAIT_SECONDS_MAX, server_address


class MsgpackCodec:
    """PyPI `msgpack`. `raw_strings`: bytes leave as str, as the old format had no bin."""

    def __init__(self, raw_strings=False):
        import msgpack

        self._packer = msgpack.Packer(use_bin_type=not raw_strings)
        self._unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=1 << 28)

    def pack(self, value):
        return self._packer.pack(value)

    def next_message(self, connection):
        while True:
            for message in self._unpacker:
                return message
            data = connection.recv(1 << 18)
            if not data:
                raise EOFError("connection closed by the server")
            self._unpacker.feed(data)


class UmsgpackCodec:
    """PyPI `u-msgpack-python`."""

    def __init__(self):
        import umsgpack

        self._umsgpack = umsgpack
        self._stream = None

    def pack(self, value):
        return self._umsgpack.packb(value)

    def next_message(self, connection):
        if self._stream is None:
            self._stream = connection.makefile("rb")
        return self._umsgpack.unpack(self._stream)


class RpcClient:
    """MessagePack-RPC over one TCP connection; answers may come in any order."""

    def __init__(self, codec):
        self.codec = codec
        self.socket = socket.create_connection(server_address(), timeout=WAIT_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._next_id = 0
        self._answers = {}

    def close(self):
        self.socket.close()

    def send(self, method, params):
        """Sends a request without waiting; returns its id."""
        self._next_id += 1
        self.socket.sendall(self.codec.pack([0, self._next_id, method, params]))
        return self._next_id

    def notify(self, method, params):
        self.socket.sendall(self.codec.pack([2, method, params]))

    def receive(self):
        """The next answer: (id, error, result)."""
        message = self.codec.next_message(self.socket)
        assert isinstance(message, list) and len(message) == 4 and message[0] == 1, f"no answer: {message!r}"
        assert message[2] is None or message[3] is None, f"both error and result: {message!r}"
        return tuple(message[1:])

    def wait(self, msgid):
        """(error, result) of the request `msgid`."""
        while msgid not in self._answers:
            answered, error, result = self.receive()
            assert answered not in self._answers, f"{answered} was answered twice"
            self._answers[answered] = (error, result)
        return self._answers.pop(msgid)

    def call(self, method, params):
        return self.wait(self.send(method, params))


def encode(struct, fields, by_id):
    """A request's map, keyed by names or by ids at every depth."""
    known = {f.name: f for f in api.STRUCTS[struct]}
    out = {}
    for name, value in fields.items():
        field = known[name]
        if field.type in api.STRUCTS:
            value = encode(field.type, value, by_id)
        elif api.element(field.type) in api.STRUCTS:
            value = [encode(api.element(field.type), item, by_id) for item in value]
        out[field.id if by_id else name] = value
    return out


def decode(struct, value, by_id):
    """A result's fields by name; checks that its maps are keyed as they should be, at every depth. Nil is absent."""
    assert isinstance(value, dict), f"{struct}: {value!r} is no map"
    known = {(f.id if by_id else f.name): f for f in api.STRUCTS[struct]}
    out = {}
    for key, item in value.items():
        assert type(key) is (int if by_id else str), f"{struct}: key {key!r} although the request was " \
            f"keyed by {'ids' if by_id else 'names'}"
        assert key in known, f"{struct} has no field {key!r}"
        field = known[key]
        if item is None:
            continue
        if api.element(field.type) in api.STRUCTS:
            item = [decode(api.element(field.type), each, by_id) for each in item]
        out[field.name] = item
    if struct == "MultiGetResponse":
        _check_nils(out)
    return out


def _check_nils(response):
    """Values are nil exactly where the key was not FOUND; makes them empty, as Thrift has them."""
    values, statuses = response["values"], response["statuses"]
    assert len(values) == len(statuses), response
    for value, status in zip(values, statuses):
        assert (value is None) == (status != api.FOUND), f"status {status} with value {value!r}"
    response["values"] = [b"" if value is None else value for value in values]


def failure(error):
    """A StorageFailure from an answer's error, which is always keyed by names."""
    return StorageFailure.from_fields(decode("StorageError", error, by_id=False))


class MsgpackAdapter(Adapter):
    protocol = "msgpack"

    def __init__(self, make_codec, by_id=False):
        self._by_id = by_id
        self._client = RpcClient(make_codec())

    def close(self):
        self._client.close()

    def _exchange(self, method, params):
        error, result = self._client.call(method, params)
        if error is not None:
            raise failure(error)
        return result

    def _call(self, method, request):
        if method == "ping":
            return self._exchange("ping", [])
        result = self._exchange(method, [encode(api.request_struct(method), request, self._by_id)])
        return decode(api.response_struct(method), result, self._by_id and bool(request))

    def send_oneway(self, method, request):
        self._client.notify(method, [encode(api.request_struct(method), request, self._by_id)])

    def call_unknown(self, method):
        return self._exchange(method, [{}])


class PynvimAdapter(MsgpackAdapter):
    """pynvim's session, made for Neovim; its hello is a notification whose method name is a bin."""

    def __init__(self, by_id=False):
        from pynvim.msgpack_rpc import tcp_session

        self._by_id = by_id
        self._session = tcp_session(*server_address())
        self._session.error_wrapper = failure

    def close(self):
        self._session.close()

    def _exchange(self, method, params):
        return self._session.request(method, *params)

    def send_oneway(self, method, request):
        self._session.request(method, encode(api.request_struct(method), request, self._by_id), async_=True)


def msgpack_adapters():
    """name -> factory."""
    out = {}
    try:
        import msgpack  # noqa: F401
        out["msgpack-names"] = functools.partial(MsgpackAdapter, MsgpackCodec)
        out["msgpack-ids"] = functools.partial(MsgpackAdapter, MsgpackCodec, by_id=True)
        old = functools.partial(MsgpackCodec, raw_strings=True)
        out["msgpack-names-strings"] = functools.partial(MsgpackAdapter, old)
        out["msgpack-ids-strings"] = functools.partial(MsgpackAdapter, old, by_id=True)
    except ImportError as error:
        out["msgpack"] = missing("msgpack", error)
    try:
        import umsgpack  # noqa: F401
        out["umsgpack-names"] = functools.partial(MsgpackAdapter, UmsgpackCodec)
        out["umsgpack-ids"] = functools.partial(MsgpackAdapter, UmsgpackCodec, by_id=True)
    except ImportError as error:
        out["umsgpack"] = missing("u-msgpack-python", error)
    try:
        import pynvim  # noqa: F401
        out["pynvim"] = PynvimAdapter
    except ImportError as error:
        out["pynvim"] = missing("pynvim", error)
    return out
