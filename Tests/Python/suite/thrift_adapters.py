"""Clients made with Apache's `thrift` package (and compiler) and with `thriftpy2`."""

import functools

from . import api, generated
from .adapter import Adapter, ApplicationFailure, StorageFailure, missing
from .support import WAIT_SECONDS_MAX, server_address

#: What the libraries may read; their own default of 16,384,000 bytes is less than the largest value.
_FRAME_SIZE_MAX = 128 * 1024 * 1024


def _build(types, struct, fields):
    """A library's struct of the name `struct` from a dict."""
    out = getattr(types, struct)()
    kinds = {f.name: f.type for f in api.STRUCTS[struct]}
    for name, value in fields.items():
        kind = kinds[name]
        if kind in api.STRUCTS:
            value = _build(types, kind, value)
        elif api.element(kind) in api.STRUCTS:
            value = [_build(types, api.element(kind), item) for item in value]
        setattr(out, name, value)
    return out


def _fields(struct, value):
    """A dict from a library's struct; None is absent."""
    out = {}
    for field in api.STRUCTS[struct]:
        item = getattr(value, field.name)
        if item is None:
            continue
        if api.element(field.type) in api.STRUCTS:
            item = [_fields(api.element(field.type), each) for each in item]
        elif field.type in api.STRUCTS:
            item = _fields(field.type, item)
        out[field.name] = item
    return out


class ApacheAdapter(Adapter):
    """PyPI `thrift` with the code that the compiler generated."""

    protocol = "thrift"

    def __init__(self, protocol, transport, multiplexed=False):
        from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
        from thrift.transport.TSocket import TSocket

        self._service, self._types = generated.modules()
        host, port = server_address()
        socket = TSocket(host, port)
        socket.setTimeout(WAIT_SECONDS_MAX * 1000)
        self._transport = transport(socket)
        self._protocol = protocol(self._transport)
        self._transport = self._protocol.trans  # a header protocol wraps it
        if multiplexed:
            self._protocol = TMultiplexedProtocol(self._protocol, "Storage")
        self._client = self._service.Client(self._protocol)
        self._transport.open()

    def close(self):
        self._transport.close()

    def _call(self, method, request):
        from thrift.Thrift import TApplicationException

        try:
            if method == "ping":
                return self._client.ping()
            argument = _build(self._types, api.request_struct(method), request)
            return _fields(api.response_struct(method), getattr(self._client, method)(argument))
        except self._types.StorageError as error:
            raise StorageFailure.from_fields(_fields("StorageError", error)) from None
        except TApplicationException as error:
            raise ApplicationFailure(error.type, error.message) from None

    def _send(self, method, kind, arguments):
        self._protocol.writeMessageBegin(method, kind, 77)
        arguments.write(self._protocol)
        self._protocol.writeMessageEnd()
        self._transport.flush()

    def send_oneway(self, method, request):
        from thrift.Thrift import TMessageType

        argument = _build(self._types, api.request_struct(method), request)
        self._send(method, TMessageType.ONEWAY, getattr(self._service, method + "_args")(request=argument))

    def call_unknown(self, method):
        from thrift.Thrift import TApplicationException, TMessageType

        self._send(method, TMessageType.CALL, self._service.ping_args())
        try:
            return self._client.recv_ping()
        except TApplicationException as error:
            raise ApplicationFailure(error.type, error.message) from None


class Thriftpy2Adapter(Adapter):
    """`thriftpy2`, which reads storage.thrift itself."""

    protocol = "thrift"

    def __init__(self, protocol, transport):
        from thriftpy2.rpc import make_client

        self._module = _thriftpy2_module()
        host, port = server_address()
        self._client = make_client(self._module.Storage, host, port, proto_factory=protocol, trans_factory=transport,
                                   timeout=int(WAIT_SECONDS_MAX * 1000))

    def close(self):
        self._client.close()

    def _call(self, method, request):
        from thriftpy2.thrift import TApplicationException

        try:
            if method == "ping":
                return self._client.ping()
            argument = _build(self._module, api.request_struct(method), request)
            return _fields(api.response_struct(method), getattr(self._client, method)(argument))
        except self._module.StorageError as error:
            raise StorageFailure.from_fields(_fields("StorageError", error)) from None
        except TApplicationException as error:
            raise ApplicationFailure(error.type, error.message) from None

    def _send(self, method, kind, arguments):
        protocol = self._client._oprot
        protocol.write_message_begin(method, kind, 77)
        arguments.write(protocol)
        protocol.write_message_end()
        protocol.trans.flush()

    def send_oneway(self, method, request):
        from thriftpy2.thrift import TMessageType

        arguments = getattr(self._module.Storage, method + "_args")()
        arguments.request = _build(self._module, api.request_struct(method), request)
        self._send(method, TMessageType.ONEWAY, arguments)

    def call_unknown(self, method):
        from thriftpy2.thrift import TApplicationException, TMessageType

        self._send(method, TMessageType.CALL, self._module.Storage.ping_args())
        try:
            return self._client._recv("ping")
        except TApplicationException as error:
            raise ApplicationFailure(error.type, error.message) from None


@functools.lru_cache(maxsize=1)
def _thriftpy2_module():
    import thriftpy2

    return thriftpy2.load(generated.IDL, module_name="needletail_storage_thrift")


def apache_adapters():
    """name -> factory."""
    try:
        from thrift.protocol import TBinaryProtocol as binary, TCompactProtocol as compact
        from thrift.transport import TTransport
    except ImportError as error:
        return {"apache": missing("thrift", error)}

    def limited(protocol, **options):
        return functools.partial(protocol, string_length_limit=_FRAME_SIZE_MAX, **options)

    protocols = {
        "binary": limited(binary.TBinaryProtocol),
        "binary-unstrict": limited(binary.TBinaryProtocol, strictRead=False, strictWrite=False),
        "compact": limited(compact.TCompactProtocol),
    }
    try:
        from thrift.protocol import fastbinary  # noqa: F401  the C extension
        protocols["binary-c"] = limited(binary.TBinaryProtocolAccelerated, fallback=False)
        protocols["compact-c"] = limited(compact.TCompactProtocolAccelerated, fallback=False)
    except ImportError:
        pass  # built without a C compiler
    transports = {
        "framed": functools.partial(TTransport.TFramedTransport, max_frame_size=_FRAME_SIZE_MAX),
        "buffered": TTransport.TBufferedTransport,
    }
    out = {}
    for protocol_name, protocol in protocols.items():
        for transport_name, transport in transports.items():
            out[f"apache-{protocol_name}-{transport_name}"] = functools.partial(ApacheAdapter, protocol, transport)
    out["apache-binary-framed-multiplexed"] = functools.partial(
        ApacheAdapter, protocols["binary"], transports["framed"], multiplexed=True)
    out["apache-compact-buffered-multiplexed"] = functools.partial(
        ApacheAdapter, protocols["compact"], transports["buffered"], multiplexed=True)
    return out


def apache_header_adapters():
    """name -> factory, for THeader with either protocol inside, and with zlib."""
    try:
        from thrift.protocol.THeaderProtocol import THeaderProtocol
        from thrift.transport.THeaderTransport import THeaderClientType, THeaderSubprotocolID, THeaderTransformID
    except ImportError as error:
        return {"apache-theader": missing("thrift", error)}

    def protocol(subprotocol, zlib, transport):
        out = THeaderProtocol(transport, (THeaderClientType.HEADERS,), subprotocol)
        out.trans.set_max_frame_size(_FRAME_SIZE_MAX)
        if zlib:
            out.add_transform(THeaderTransformID.ZLIB)
        return out

    def adapter(subprotocol, zlib):
        return functools.partial(ApacheAdapter, functools.partial(protocol, subprotocol, zlib), lambda socket: socket)

    return {
        "apache-theader-binary": adapter(THeaderSubprotocolID.BINARY, False),
        "apache-theader-compact": adapter(THeaderSubprotocolID.COMPACT, False),
        "apache-theader-binary-zlib": adapter(THeaderSubprotocolID.BINARY, True),
    }


def thriftpy2_adapters():
    """name -> factory."""
    try:
        from thriftpy2 import protocol, transport
        from thriftpy2.protocol.binary import TBinaryProtocolFactory
        from thriftpy2.protocol.compact import TCompactProtocolFactory
        from thriftpy2.transport.buffered import TBufferedTransportFactory
        from thriftpy2.transport.framed import TFramedTransportFactory
    except ImportError as error:
        return {"thriftpy2": missing("thriftpy2", error)}

    pairs = {
        "binary-framed": (TBinaryProtocolFactory(), TFramedTransportFactory()),
        "binary-buffered": (TBinaryProtocolFactory(), TBufferedTransportFactory()),
        "compact-framed": (TCompactProtocolFactory(), TFramedTransportFactory()),
        "compact-buffered": (TCompactProtocolFactory(), TBufferedTransportFactory()),
    }
    if hasattr(protocol, "TCyBinaryProtocolFactory"):
        pairs["cython-binary-framed"] = (
            protocol.TCyBinaryProtocolFactory(), transport.TCyFramedTransportFactory())
        pairs["cython-binary-buffered"] = (
            protocol.TCyBinaryProtocolFactory(), transport.TCyBufferedTransportFactory())
    return {f"thriftpy2-{name}": functools.partial(Thriftpy2Adapter, *pair) for name, pair in pairs.items()}
