"""THeader and TTHeader by hand, written from their description alone: the judge of the server's. No library has TTHeader."""

import struct
import zlib

from .rawthrift import read_varint, varint

BINARY = "binary"
COMPACT = "compact"
OUT_OF_ORDER = 0x01

#: TTHeader's integer keys.
RPC_TIMEOUT, READ_TIMEOUT = 12, 13


class Parsed:
    """A frame: `flags`, `seq`, `protocol`, `transforms`, `strings`, `integers`, `payload`."""


class THeader:
    MAGIC = 0x0FFF
    PROTOCOLS = {BINARY: 0, COMPACT: 2}

    @staticmethod
    def text(value):
        return varint(len(value)) + value

    def frame(self, payload, seq, protocol=BINARY, flags=0, strings=(), transforms=(), number=None, info=b"", words=None):
        """A whole frame; `number`, `info` and `words` put something else in a part's place."""
        header = varint(self.PROTOCOLS[protocol] if number is None else number)
        header += varint(len(transforms)) + b"".join(map(varint, transforms))
        if strings:
            header += varint(1) + varint(len(strings))
            header += b"".join(self.text(key) + self.text(value) for key, value in dict(strings).items())
        if 1 in transforms:
            payload = zlib.compress(payload)
        return enclosed(self.MAGIC, flags, seq, header + info, payload, words)

    def parse(self, frame):
        out, header = opened(self.MAGIC, frame)
        number = read_varint(header.read)
        out.protocol = {0: BINARY, 2: COMPACT}[number]
        out.transforms = [read_varint(header.read) for _ in range(read_varint(header.read))]
        while header.left and read_varint(header.read) == 1:
            for _ in range(read_varint(header.read)):
                key = header.read(read_varint(header.read))
                out.strings[key] = header.read(read_varint(header.read))
        for transform in out.transforms:
            assert transform == 1, f"transform {transform}"
            out.payload = zlib.decompress(out.payload)
        return out


class TTHeader:
    MAGIC = 0x1000
    PROTOCOLS = {BINARY: 0, COMPACT: 3}

    @staticmethod
    def text(value):
        return struct.pack(">H", len(value)) + value

    def frame(self, payload, seq, protocol=BINARY, flags=0, strings=(), integers=(), token=None, transforms=(),
              number=None, info=b"", words=None):
        header = bytes([self.PROTOCOLS[protocol] if number is None else number, len(transforms), *transforms])
        if strings:
            header += b"\x01" + struct.pack(">H", len(strings))
            header += b"".join(self.text(key) + self.text(value) for key, value in dict(strings).items())
        if integers:
            header += b"\x10" + struct.pack(">H", len(integers))
            header += b"".join(struct.pack(">H", key) + self.text(value) for key, value in dict(integers).items())
        if token is not None:
            header += b"\x11" + self.text(token)
        return enclosed(self.MAGIC, flags, seq, header + info, payload, words)

    def parse(self, frame):
        out, header = opened(self.MAGIC, frame)
        out.protocol = {0: BINARY, 3: COMPACT}[header.read(1)[0]]
        out.transforms = list(header.read(header.read(1)[0]))

        def number():
            return struct.unpack(">H", header.read(2))[0]

        while header.left:
            kind = header.read(1)[0]
            if kind == 0x01:
                for _ in range(number()):
                    key = header.read(number())
                    out.strings[key] = header.read(number())
            elif kind == 0x10:
                for _ in range(number()):
                    key = number()
                    out.integers[key] = header.read(number())
            elif kind == 0x11:
                header.read(number())
            else:
                assert kind == 0, f"info id {kind}"
        return out


class _Bytes:
    """Reads exactly as much as is asked for."""

    def __init__(self, data):
        self._data = data
        self._place = 0

    @property
    def left(self):
        return len(self._data) - self._place

    def read(self, count):
        assert count <= self.left, "a header that ends within an entry"
        self._place += count
        return self._data[self._place - count:self._place]


def enclosed(magic, flags, seq, header, payload, words=None):
    header += bytes(-len(header) % 4)
    words = len(header) // 4 if words is None else words
    rest = struct.pack(">HHiH", magic, flags, seq, words) + header + payload
    return struct.pack(">I", len(rest)) + rest


def opened(magic, frame):
    out = Parsed()
    found, out.flags, out.seq, words = struct.unpack(">HHiH", frame[:10])
    assert found == magic, f"magic number {found:04x}"
    out.strings, out.integers = {}, {}
    out.payload = frame[10 + 4 * words:]
    return out, _Bytes(frame[10:10 + 4 * words])
