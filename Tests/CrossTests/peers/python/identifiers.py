"""identifiers.thrift by hand: Debian's compiler (0.17) does not know `uuid`; newer releases of the library do.

What is written here is what a compiler would generate: descriptions of structs, by which the library reads and writes.
"""

from uuid import UUID

from thrift.Thrift import TMessageType, TType

IS_KNOWN = hasattr(TType, "UUID")
_UUID = getattr(TType, "UUID", None)


class _Struct:
    thrift_spec = ()

    def __init__(self, **fields):
        for field in filter(None, self.thrift_spec):
            setattr(self, field[2], fields.get(field[2]))

    def read(self, protocol):
        protocol.readStruct(self, self.thrift_spec)

    def write(self, protocol):
        protocol.writeStruct(self, self.thrift_spec)

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __repr__(self):
        return f"{type(self).__name__}({self.__dict__})"


class Identified(_Struct):
    thrift_spec = (
        None,
        (1, _UUID, "id", None, None),
        (2, _UUID, "parent", None, None),
        (3, TType.LIST, "children", (_UUID, None, False), None),
        (4, TType.MAP, "names", (_UUID, None, TType.STRING, "UTF8", False), None),
        (5, TType.SET, "seen", (_UUID, None, False), None),
    )


def _arguments(kind, detail):
    return type("Arguments", (_Struct,), {"thrift_spec": (None, (1, kind, "value", detail, None))})


def _result(kind, detail):
    return type("Result", (_Struct,), {"thrift_spec": ((0, kind, "success", detail, None),)})


_METHODS = {"echoUUID": (_UUID, None), "echoIdentified": (TType.STRUCT, [Identified, Identified.thrift_spec])}


def call(protocol, method, value):
    """The answer of `method`; raises what cannot be read."""
    protocol.writeMessageBegin(method, TMessageType.CALL, 1)
    _arguments(*_METHODS[method])(value=value).write(protocol)
    protocol.writeMessageEnd()
    protocol.trans.flush()
    _, kind, _ = protocol.readMessageBegin()
    if kind != TMessageType.REPLY:
        raise ValueError(f"{method} was answered with a message of type {kind}")
    result = _result(*_METHODS[method])()
    result.read(protocol)
    protocol.readMessageEnd()
    return result.success


def add_to(processor):
    """Has a generated processor serve the methods of Identifiers, too."""
    def serve(method):
        def process(_, sequence, received, answer):
            arguments = _arguments(*_METHODS[method])()
            arguments.read(received)
            received.readMessageEnd()
            answer.writeMessageBegin(method, TMessageType.REPLY, sequence)
            _result(*_METHODS[method])(success=arguments.value).write(answer)
            answer.writeMessageEnd()
            answer.trans.flush()
        return process

    if IS_KNOWN:
        processor._processMap.update({method: serve(method) for method in _METHODS})


UUIDS = [
    UUID("00000000-0000-0000-0000-000000000000"), UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    UUID("00112233-4455-6677-8899-aabbccddeeff"), UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")]


def identified():
    return Identified(
        id=UUIDS[1], parent=UUIDS[2], children=UUIDS, names={UUIDS[1]: "one", UUIDS[3]: ""}, seen=set(UUIDS))
