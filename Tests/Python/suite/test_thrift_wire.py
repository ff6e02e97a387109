"""Thrift, byte by byte: each of the forms that a connection may begin with, and messages that no library sends."""

import io
import struct
import threading
import unittest

from . import api, rawthrift
from .rawthrift import CALL, EXCEPTION, ONEWAY, REPLY, arguments
from .support import Wire, server_address, unique_prefix

UNKNOWN_METHOD, PROTOCOL_ERROR = 1, 7

#: `get`, seq 300, with arguments of another service; made with PyPI `thrift`. Field 1 is a string where ours is a struct.
GOLDEN_STRICT = bytes.fromhex(
    "80010001000000036765740000012c0b000100000002616202000201020028000f00290200000002010008002afffffffd00")
GOLDEN_COMPACT = bytes.fromhex("8221ac02036765741802616211025019210102150500")


class ThriftWire(unittest.TestCase):
    """What holds in every form; the forms are made below."""

    protocol = None
    framed = False

    def setUp(self):
        server_address()
        self.wire = Wire()
        self.addCleanup(self.wire.close)
        self.prefix = unique_prefix()

    def enclosed(self, message):
        return struct.pack(">I", len(message)) + message if self.framed else message

    def message(self, method, fields, seq=1, kind=CALL, name=None):
        return self.enclosed(self.protocol.message(name or method, kind, seq, arguments(method, fields)))

    def answer(self):
        """(name, kind, seq, body)."""
        if not self.framed:
            return self.protocol.read_message(self.wire.read)
        size, = struct.unpack(">I", self.wire.read(4))
        frame = io.BytesIO(self.wire.read(size))
        out = self.protocol.read_message(frame.read)
        self.assertEqual(frame.read(), b"", "bytes left over in the frame")
        return out

    def exchange(self, data):
        self.wire.send(data)
        return self.answer()

    def success(self, answer, method, seq=1):
        name, kind, answered, body = answer
        self.assertEqual((name, kind, answered, list(body)), (method, REPLY, seq, [0]), answer)
        return body[0]

    def exception(self, answer, method, kind, seq=1):
        name, message_kind, answered, body = answer
        self.assertEqual((name, message_kind, answered), (method, EXCEPTION, seq), answer)
        self.assertEqual(body.get(2), kind, body)
        self.assertTrue(body.get(1), "an exception without a message")
        return body[1].decode()

    def alive(self):
        self.assertEqual(self.success(self.exchange(self.ping(99)), "ping", 99), b"pong")

    def ping(self, seq=1):
        return self.enclosed(self.protocol.message("ping", CALL, seq, []))

    # Envelope

    def test_ping(self):
        self.alive()

    def test_the_sequence_number_comes_back(self):
        for seq in (0, 1, 127, 128, 300, 0x7FFFFFFF, -1, -0x80000000):
            self.assertEqual(self.success(self.exchange(self.ping(seq)), "ping", seq), b"pong")

    def test_a_request_byte_by_byte(self):
        key = self.prefix + b"key"
        self.wire.send_byte_by_byte(self.message("put", {"key": key, "value": b"value"}, 5))
        self.assertIs(self.success(self.answer(), "put", 5)[1], True)
        self.wire.send_byte_by_byte(self.message("multiGet", {"keys": [key, key + b"?"], "withVersions": True}, 6))
        result = self.success(self.answer(), "multiGet", 6)
        self.assertEqual((result[1], result[2], result[4]), ([b"value", b""], b"\x01\x02", True))

    def test_pipelined_calls_are_answered_in_order(self):
        count = 2000
        key = self.prefix + b"count"
        data = b"".join(self.message("increment", {"key": key, "delta": 1}, seq) for seq in range(count))
        writer = threading.Thread(target=self.wire.send, args=(data,))
        writer.start()
        for seq in range(count):
            self.assertEqual(self.success(self.answer(), "increment", seq)[1], seq + 1)
        writer.join()

    def test_two_calls_in_one_segment_and_one_in_two(self):
        first, second = self.ping(1), self.ping(2)
        self.wire.send(first + second[:3])
        self.success(self.answer(), "ping", 1)
        self.wire.send(second[3:])
        self.success(self.answer(), "ping", 2)

    def test_a_multiplexed_name_works_and_the_reply_has_the_plain_one(self):
        # C++ clients compare the reply's name with the method's.
        key = self.prefix + b"key"
        answer = self.exchange(self.message("get", {"key": key}, 3, name="Storage:get"))
        self.assertEqual(self.success(answer, "get", 3), {})

    def test_another_services_method_is_unknown(self):
        name, kind, seq, body = self.exchange(self.message("get", {"key": b"k"}, 3, name="Nothing:get"))
        self.assertEqual((kind, seq, body[2]), (EXCEPTION, 3, UNKNOWN_METHOD), (name, body))

    def test_oneway_executes_and_answers_nothing(self):
        key = self.prefix + b"key"
        self.wire.send(self.message("put", {"key": key, "value": b"v"}, 1, ONEWAY))
        self.wire.send(self.message("put", {"key": b"", "value": b"v"}, 2, ONEWAY))
        self.wire.send(self.message("put", {"key": key}, 3, ONEWAY))
        self.assertEqual(self.success(self.exchange(self.message("get", {"key": key}, 4)), "get", 4)[1], b"v")

    # Errors

    def test_an_unknown_method_is_exception_1(self):
        for name in ("nosuch", "x" * 500):
            answer = self.exchange(self.enclosed(self.protocol.message(name, CALL, 8, [(1, "struct", [])])))
            self.exception(answer, name, UNKNOWN_METHOD, 8)
        self.alive()

    def test_no_request_at_all_is_exception_7(self):
        for method in ("get", "put", "multiGet"):
            self.exception(self.exchange(self.enclosed(self.protocol.message(method, CALL, 4, []))), method,
                           PROTOCOL_ERROR, 4)
        self.alive()

    def test_a_missing_required_field_is_exception_7(self):
        self.exception(self.exchange(self.message("put", {"value": b"v"}, 9)), "put", PROTOCOL_ERROR, 9)
        self.alive()

    def test_a_required_field_of_the_wrong_type_is_exception_7(self):
        for kind, value in (("i64", 5), ("bool", True), ("struct", []), ("list", ("binary", [b"k"]))):
            request = [(1, "struct", [(1, kind, value)])]
            self.exception(self.exchange(self.enclosed(self.protocol.message("get", CALL, 5, request))), "get",
                           PROTOCOL_ERROR, 5)
        self.alive()

    def test_a_list_of_the_wrong_type_is_exception_7(self):
        for element, items in (("i32", [1, 2]), ("bool", [True]), ("struct", [[(1, "binary", b"k")]])):
            request = [(1, "struct", [(1, "list", (element, items))])]
            self.exception(self.exchange(self.enclosed(self.protocol.message("multiGet", CALL, 5, request))),
                           "multiGet", PROTOCOL_ERROR, 5)
        self.alive()

    def test_a_storage_error_is_field_1_of_the_result(self):
        name, kind, seq, body = self.exchange(self.message("get", {"key": b""}, 11))
        self.assertEqual((name, kind, seq, list(body)), ("get", REPLY, 11, [1]))
        self.assertEqual((body[1][1], body[1][3]), (api.INVALID_ARGUMENT, api.NOT_EXECUTED))
        self.assertTrue(body[1][2])

    # Fields

    def test_unknown_fields_of_every_type_are_skipped(self):
        everything = [
            ("bool", True), ("bool", False), ("i8", -1), ("i16", -300), ("i32", 1 << 30), ("i64", -(1 << 62)),
            ("double", 1.5), ("binary", b"unknown"), ("binary", b""), ("struct", []),
            ("struct", [(1, "bool", True), (200, "struct", [(-5, "i32", 1)])]),
            ("list", ("bool", [True, False])), ("list", ("i32", [])), ("list", ("i64", list(range(20)))),
            ("set", ("binary", [b"a", b"b"])), ("map", ("binary", "i32", [])),
            ("map", ("binary", "i32", [(b"a", 1), (b"b", 2)])),
            ("map", ("i8", "list", [(1, ("struct", [[(1, "bool", False)]]))])),
        ]
        key = self.prefix + b"key"
        unknown = [(100 + index, kind, value) for index, (kind, value) in enumerate(everything)]
        context = (255, "struct", [(6, "i32", 5000)] + [(i + 200, k, v) for i, k, v in unknown])
        request = [(1, "binary", key), (2, "binary", b"v")] + unknown + [context, (300, "i32", 1), (-7, "bool", True)]
        call = [(2, "binary", b"no such argument"), (1, "struct", request), (9, "map", ("i32", "bool", [(1, True)]))]
        result = self.success(self.exchange(self.enclosed(self.protocol.message("put", CALL, 2, call))), "put", 2)
        self.assertIs(result[1], True)
        self.assertEqual(self.success(self.exchange(self.message("get", {"key": key})), "get")[1], b"v")

    def test_fields_in_any_order(self):
        key = self.prefix + b"key"
        fields = [(255, "struct", []), (7, "bool", True), (2, "binary", b"v"), (4, "i32", api.IF_ABSENT), (1, "binary", key)]
        call = self.enclosed(self.protocol.message("put", CALL, 2, [(1, "struct", fields)]))
        self.assertIs(self.success(self.exchange(call), "put", 2)[1], True)
        self.assertIs(self.success(self.exchange(call), "put", 2)[1], False)

    def test_arguments_of_ping_are_skipped(self):
        call = self.protocol.message("ping", CALL, 2, [(1, "struct", [(1, "binary", b"x")]), (5, "bool", True)])
        self.assertEqual(self.success(self.exchange(self.enclosed(call)), "ping", 2), b"pong")

    # Hostile bytes

    def test_connections_cut_at_every_byte_do_no_harm(self):
        key = self.prefix + b"key"
        message = self.message("put", {"key": key, "value": b"v", "context": {"logID": "x", "timeoutMillis": 9}})
        for size in range(len(message)):
            with Wire() as cut:
                cut.send(message[:size])
        self.alive()
        self.assertEqual(self.success(self.exchange(self.message("get", {"key": key})), "get"), {})

    def test_nesting_without_end_is_not_followed(self):
        depth = 20_000
        if isinstance(self.protocol, rawthrift.Compact):
            nested = bytes([0x1C]) * depth
        else:
            nested = bytes.fromhex("0c0001") * depth
        message = self.protocol.head("get", CALL, 1) + nested + bytes(depth + 1)
        with Wire() as hostile:
            try:
                hostile.send(self.enclosed(message))
                hostile.socket.recv(1)  # an exception or the end; either way the server has looked at it
            except (ConnectionResetError, BrokenPipeError):
                pass
        self.alive()


class FramedWire(ThriftWire):
    """What only a message with a known end can promise."""

    framed = True

    def test_lengths_beyond_the_frame_are_exception_7_and_the_connection_goes_on(self):
        if isinstance(self.protocol, rawthrift.Compact):
            bodies = [b"\x1c\x18" + rawthrift.varint(1 << 30) + b"abc", b"\x1c\x19\xf8" + rawthrift.varint(1 << 30)]
            methods = ["get", "multiGet"]
        else:
            string, many = b"\x0c\x00\x01\x0b\x00\x01", b"\x0c\x00\x01\x0f\x00\x01\x0b"
            bodies = [string + b"\x40\x00\x00\x00abc", string + b"\xff\xff\xff\xffabc", many + b"\x7f\xff\xff\xff",
                      many + b"\x80\x00\x00\x00"]
            methods = ["get", "get", "multiGet", "multiGet"]
        for method, body in zip(methods, bodies):
            self.exception(self.exchange(self.enclosed(self.protocol.head(method, CALL, 6) + body)), method,
                           PROTOCOL_ERROR, 6)
            self.alive()

    def test_a_truncated_message_in_a_whole_frame_is_exception_7(self):
        whole = self.protocol.message("get", CALL, 6, arguments("get", {"key": b"0123456789"}))
        for cut in range(len(self.protocol.head("get", CALL, 6)), len(whole)):
            self.exception(self.exchange(self.enclosed(whole[:cut])), "get", PROTOCOL_ERROR, 6)
        self.alive()

    def test_a_frame_over_the_limit_is_named_then_closed(self):
        size = api.FRAME_SIZE_MAX + 1
        start = self.protocol.head("put", CALL, 12)
        self.wire.send(self.ping(1))
        self.answer()
        self.wire.send(struct.pack(">I", size) + start + bytes(64))
        text = self.exception(self.answer(), "put", PROTOCOL_ERROR, 12)
        self.assertIn(str(api.FRAME_SIZE_MAX), text)
        self.assertIn(str(size), text)
        self.assertEqual(self.wire.read_until_closed(), b"")


class StrictGolden:
    """Bytes that Apache's library wrote, in strict binary."""

    GOLDEN = GOLDEN_STRICT

    def test_another_services_arguments_are_exception_7(self):
        self.exception(self.exchange(self.enclosed(self.GOLDEN)), "get", PROTOCOL_ERROR, 300)
        self.alive()


class CompactGolden(StrictGolden):
    GOLDEN = GOLDEN_COMPACT


def _form(name, protocol, *bases):
    return type(f"ThriftWire[{name}]", bases, {"protocol": protocol})


FORMS = [
    _form("strict", rawthrift.Binary(), StrictGolden, ThriftWire),
    _form("strict-framed", rawthrift.Binary(), StrictGolden, FramedWire),
    _form("unstrict", rawthrift.Binary(strict=False), ThriftWire),
    _form("unstrict-framed", rawthrift.Binary(strict=False), FramedWire),
    _form("compact", rawthrift.Compact(), CompactGolden, ThriftWire),
    _form("compact-framed", rawthrift.Compact(), CompactGolden, FramedWire),
]


class Codec(unittest.TestCase):
    """The hand-written codec against bytes that PyPI `thrift` wrote. Needs no server."""

    FIELDS = [(1, "binary", b"ab"), (2, "bool", True), (40, "bool", False), (41, "list", ("bool", [True, False])),
              (42, "i32", -3)]
    BODY = {1: b"ab", 2: True, 40: False, 41: [True, False], 42: -3}

    def test_golden_bytes(self):
        for protocol, golden in ((rawthrift.Binary(), GOLDEN_STRICT), (rawthrift.Compact(), GOLDEN_COMPACT)):
            self.assertEqual(protocol.message("get", CALL, 300, self.FIELDS), golden)
            self.assertEqual(protocol.read_message(io.BytesIO(golden).read), ("get", CALL, 300, self.BODY))


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for case in [Codec, *FORMS]:
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite
