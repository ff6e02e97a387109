"""Thrift's binary and compact protocols by hand, for messages that no library would send.

A struct is a list of (id, type, value); a list value is (element type, [values]), a map value (key type, value type,
[(key, value)]). Decoded, a struct is a dict by id, a list a list, a map a dict.
"""

import struct

from . import api

CALL, REPLY, EXCEPTION, ONEWAY = 1, 2, 3, 4


class Binary:
    """Strict or unstrict; both are read, whatever is written."""

    TYPES = {"bool": 2, "i8": 3, "double": 4, "i16": 6, "i32": 8, "i64": 10, "binary": 11, "struct": 12, "map": 13,
             "set": 14, "list": 15}
    NAMES = {number: name for name, number in TYPES.items()}
    _PACKED = {"bool": ">?", "i8": ">b", "double": ">d", "i16": ">h", "i32": ">i", "i64": ">q"}

    def __init__(self, strict=True):
        self.strict = strict

    def message(self, name, kind, seq, arguments):
        return self.head(name, kind, seq) + self.value("struct", arguments)

    def head(self, name, kind, seq):
        name = name.encode()
        if self.strict:
            return struct.pack(">HBBi", 0x8001, 0, kind, len(name)) + name + struct.pack(">i", seq)
        return struct.pack(">i", len(name)) + name + struct.pack(">bi", kind, seq)

    def value(self, kind, value):
        if kind in self._PACKED:
            return struct.pack(self._PACKED[kind], value)
        if kind == "binary":
            return struct.pack(">i", len(value)) + value
        if kind == "struct":
            return b"".join(struct.pack(">bh", self.TYPES[t], i) + self.value(t, v) for i, t, v in value) + b"\x00"
        if kind in ("list", "set"):
            element, items = value
            return struct.pack(">bi", self.TYPES[element], len(items)) + b"".join(self.value(element, v) for v in items)
        key, item, pairs = value
        return struct.pack(">bbi", self.TYPES[key], self.TYPES[item], len(pairs)) + b"".join(
            self.value(key, k) + self.value(item, v) for k, v in pairs)

    def read_message(self, read):
        """(name, kind, seq, body) from `read(count)`."""
        first, = struct.unpack(">i", read(4))
        if first < 0:
            assert first & 0xFFFF0000 == 0x80010000, f"bad version {first & 0xFFFFFFFF:08x}"
            kind = first & 0xFF
            name = read(struct.unpack(">i", read(4))[0])
        else:
            assert first < 10_000, f"bad name length {first}"
            name = read(first)
            kind, = struct.unpack(">b", read(1))
        seq, = struct.unpack(">i", read(4))
        return name.decode(), kind, seq, self.read_value("struct", read)

    def read_value(self, kind, read):
        if kind in self._PACKED:
            return struct.unpack(self._PACKED[kind], read(struct.calcsize(self._PACKED[kind])))[0]
        if kind == "binary":
            return read(struct.unpack(">i", read(4))[0])
        if kind == "struct":
            out = {}
            while (t := read(1)[0]) != 0:
                number, = struct.unpack(">h", read(2))
                out[number] = self.read_value(self.NAMES[t], read)
            return out
        if kind in ("list", "set"):
            t, count = struct.unpack(">bi", read(5))
            return [self.read_value(self.NAMES[t], read) for _ in range(count)]
        k, v, count = struct.unpack(">bbi", read(6))
        return {self.read_value(self.NAMES[k], read): self.read_value(self.NAMES[v], read) for _ in range(count)}


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(read):
    out = shift = 0
    while True:
        byte = read(1)[0]
        out |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return out
        assert shift < 70, "a varint of more than 10 bytes"


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def read_zigzag(read):
    number = read_varint(read)
    return number >> 1 ^ -(number & 1)


class Compact:
    TYPES = {"bool": 1, "i8": 3, "i16": 4, "i32": 5, "i64": 6, "double": 7, "binary": 8, "list": 9, "set": 10, "map": 11,
             "struct": 12}
    NAMES = {2: "bool", **{number: name for name, number in TYPES.items()}}

    def message(self, name, kind, seq, arguments):
        return self.head(name, kind, seq) + self.value("struct", arguments)

    def head(self, name, kind, seq):
        name = name.encode()
        return bytes([0x82, kind << 5 | 1]) + varint(seq & 0xFFFFFFFF) + varint(len(name)) + name

    def value(self, kind, value):
        if kind == "bool":
            return b"\x01" if value else b"\x02"
        if kind == "i8":
            return struct.pack(">b", value)
        if kind in ("i16", "i32", "i64"):
            return zigzag(value)
        if kind == "double":
            return struct.pack("<d", value)
        if kind == "binary":
            return varint(len(value)) + value
        if kind == "struct":
            return self._struct(value)
        if kind in ("list", "set"):
            element, items = value
            t, count = self.TYPES[element], len(items)
            head = bytes([count << 4 | t]) if count <= 14 else bytes([0xF0 | t]) + varint(count)
            return head + b"".join(self.value(element, v) for v in items)
        key, item, pairs = value
        if not pairs:
            return b"\x00"
        return varint(len(pairs)) + bytes([self.TYPES[key] << 4 | self.TYPES[item]]) + b"".join(
            self.value(key, k) + self.value(item, v) for k, v in pairs)

    def _struct(self, fields):
        out, last = [], 0
        for number, kind, value in fields:
            t = self.TYPES[kind]
            if kind == "bool":
                t = 1 if value else 2
            delta = number - last
            out.append(bytes([delta << 4 | t]) if 1 <= delta <= 15 else bytes([t]) + zigzag(number))
            if kind != "bool":
                out.append(self.value(kind, value))
            last = number
        return b"".join(out) + b"\x00"

    def read_message(self, read):
        """(name, kind, seq, body) from `read(count)`."""
        identifier, second = read(2)
        assert identifier == 0x82 and second & 0x1F == 1, f"no compact message: {identifier:02x} {second:02x}"
        seq = read_varint(read)
        assert seq < 1 << 32, "seq"
        name = read(read_varint(read))
        return name.decode(), second >> 5, seq - (1 << 32) if seq >> 31 else seq, self.read_value("struct", read)

    def read_value(self, kind, read):
        if kind == "bool":
            return read(1) == b"\x01"
        if kind == "i8":
            return struct.unpack(">b", read(1))[0]
        if kind in ("i16", "i32", "i64"):
            return read_zigzag(read)
        if kind == "double":
            return struct.unpack("<d", read(8))[0]
        if kind == "binary":
            return read(read_varint(read))
        if kind == "struct":
            out, last = {}, 0
            while (head := read(1)[0]) != 0:
                last = last + (head >> 4) if head >> 4 else read_zigzag(read)
                t = head & 0x0F
                out[last] = t == 1 if t in (1, 2) else self.read_value(self.NAMES[t], read)
            return out
        if kind in ("list", "set"):
            head = read(1)[0]
            count = head >> 4 if head >> 4 != 15 else read_varint(read)
            return [self.read_value(self.NAMES[head & 0x0F], read) for _ in range(count)]
        count = read_varint(read)
        if count == 0:
            return {}
        types = read(1)[0]
        return {self.read_value(self.NAMES[types >> 4], read): self.read_value(self.NAMES[types & 0x0F], read)
                for _ in range(count)}


def typed(name, fields):
    """The typed fields of the API's struct `name` from a dict by field name."""
    out = []
    for field in api.STRUCTS[name]:
        if field.name not in fields:
            continue
        value, kind = fields[field.name], field.type
        if kind in api.STRUCTS:
            kind, value = "struct", typed(field.type, value)
        elif kind in api.ENUMS:
            kind = "i32"
        elif kind == "string":
            kind, value = "binary", value.encode()
        elif kind == "map<string,string>":
            kind, value = "map", ("binary", "binary", [(k.encode(), v.encode()) for k, v in value.items()])
        elif api.element(kind):
            each = api.element(kind)
            if each in api.STRUCTS:
                value = ("struct", [typed(each, item) for item in value])
            else:
                value = (each, value)
            kind = "list"
        out.append((field.id, kind, value))
    return out


def arguments(method, fields):
    """The argument struct of a call: field 1, the request."""
    return [(1, "struct", typed(api.request_struct(method), fields))]
