"""THeader and TTHeader, byte by byte: what the headers say, and headers that no library sends."""

import io
import struct
import unittest
import zlib

from . import rawheader, rawthrift
from .rawheader import BINARY, COMPACT, OUT_OF_ORDER
from .rawthrift import CALL, EXCEPTION, ONEWAY, REPLY, arguments
from .support import Wire, server_address, unique_prefix

UNKNOWN_METHOD, PROTOCOL_ERROR, INVALID_TRANSFORM, INVALID_PROTOCOL = 1, 7, 8, 9
INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_EXECUTED = 1, 2, 1

#: The limit of a frame where nothing else is configured.
FRAME_SIZE_MAX = 64 << 20

#: Made with the PyPI package `thrift`, and by an implementation of ByteDance's.
GOLDEN_THEADER = bytes.fromhex(
    "000000260fff00000000012c000300000101026b31027631000080010001000000036765740000012c00")
GOLDEN_TTHEADER = bytes.fromhex(
    "0000003a100000000000012c00080000010001000369736e00024b5610000200090003676574000c00033130300080010001000000036765"
    "740000012c00")

CODECS = {BINARY: rawthrift.Binary(), COMPACT: rawthrift.Compact()}


class Codec(unittest.TestCase):
    """The hand-written headers against the golden vectors. Needs no server."""

    MESSAGE = rawthrift.Binary().message("get", CALL, 300, [])

    def test_theader(self):
        self.assertEqual(rawheader.THeader().frame(self.MESSAGE, 300, strings={b"k1": b"v1"}), GOLDEN_THEADER)
        parsed = rawheader.THeader().parse(GOLDEN_THEADER[4:])
        self.assertEqual((parsed.seq, parsed.strings, parsed.payload), (300, {b"k1": b"v1"}, self.MESSAGE))

    def test_ttheader(self):
        made = rawheader.TTHeader().frame(self.MESSAGE, 300, strings={b"isn": b"KV"}, integers={9: b"get", 12: b"100"})
        self.assertEqual(made, GOLDEN_TTHEADER)
        parsed = rawheader.TTHeader().parse(GOLDEN_TTHEADER[4:])
        self.assertEqual((parsed.strings, parsed.integers, parsed.payload),
                         ({b"isn": b"KV"}, {9: b"get", 12: b"100"}, self.MESSAGE))


class HeaderWire(unittest.TestCase):
    """What both headers have; the forms are made below."""

    header = None
    protocol = None
    golden = None

    def setUp(self):
        server_address()
        self.wire = Wire()
        self.addCleanup(self.wire.close)
        self.prefix = unique_prefix()

    def message(self, method, fields, seq=1, kind=CALL):
        return CODECS[self.protocol].message(method, kind, seq, arguments(method, fields))

    def frame(self, method, fields, seq=1, kind=CALL, **said):
        return self.header.frame(self.message(method, fields, seq, kind), seq, self.protocol, **said)

    def ping(self, seq=1, **said):
        return self.header.frame(CODECS[self.protocol].message("ping", CALL, seq, []), seq, self.protocol, **said)

    def parsed(self):
        size, = struct.unpack(">I", self.wire.read(4))
        return self.header.parse(self.wire.read(size))

    def answer(self, protocol=None):
        """(header, (name, kind, seq, body))."""
        parsed = self.parsed()
        self.assertEqual(parsed.protocol, protocol or self.protocol)
        payload = io.BytesIO(parsed.payload)
        message = CODECS[parsed.protocol].read_message(payload.read)
        self.assertEqual(payload.read(), b"", "bytes left over in the frame")
        return parsed, message

    def exchange(self, data, protocol=None):
        self.wire.send(data)
        return self.answer(protocol)

    def success(self, answer, method, seq=1):
        parsed, (name, kind, answered, body) = answer
        self.assertEqual((name, kind, answered, list(body), parsed.seq), (method, REPLY, seq, [0], seq), body)
        return body[0]

    def storage_error(self, answer, code):
        _, (_, kind, _, body) = answer
        self.assertEqual((kind, list(body), body[1][1], body[1][3]), (REPLY, [1], code, NOT_EXECUTED), body)

    def refused(self, answer, number, seq, reason=None):
        """An exception, and then the end of the connection."""
        parsed, (_, kind, _, body) = answer
        self.assertEqual((kind, body[2], parsed.seq), (EXCEPTION, number, seq), body)
        if reason is not None:
            self.assertIn(reason, body[1].decode())
        self.assertEqual(self.wire.read_until_closed(), b"")

    def anew(self):
        self.wire.close()
        self.wire = Wire()
        self.addCleanup(self.wire.close)

    # What is served

    def test_a_value_put_is_read_back(self):
        key = self.prefix + b"key"
        self.success(self.exchange(self.frame("put", {"key": key, "value": b"value"}, 5)), "put", 5)
        self.assertEqual(self.success(self.exchange(self.frame("get", {"key": key}, 6)), "get", 6)[1], b"value")
        many = self.success(self.exchange(self.frame("multiGet", {"keys": [key, key + b"?"]}, 7)), "multiGet", 7)
        self.assertEqual((many[1], many[2], many[4]), ([b"value", b""], b"\x01\x02", True))

    def test_a_call_byte_by_byte(self):
        self.wire.send_byte_by_byte(self.ping(3) + self.ping(4))
        self.assertEqual(self.success(self.answer(), "ping", 3), b"pong")
        self.assertEqual(self.success(self.answer(), "ping", 4), b"pong")

    def test_the_sequence_number_comes_back(self):
        for seq in (0, 1, 300, 0x7FFFFFFF, -1, -0x80000000):
            self.assertEqual(self.success(self.exchange(self.ping(seq)), "ping", seq), b"pong")

    def test_large_values_go_both_ways(self):
        value = bytes(range(256)) * 4096
        key = self.prefix + b"large"
        self.success(self.exchange(self.frame("put", {"key": key, "value": value})), "put")
        self.assertEqual(self.success(self.exchange(self.frame("get", {"key": key})), "get")[1], value)

    def test_oneway_executes_and_answers_nothing(self):
        key = self.prefix + b"key"
        self.wire.send(self.frame("put", {"key": key, "value": b"v"}, 1, ONEWAY))
        self.assertEqual(self.success(self.exchange(self.frame("get", {"key": key}, 4)), "get", 4)[1], b"v")

    def test_pipelined_calls_are_all_answered(self):
        self.wire.send(b"".join(self.ping(seq) for seq in range(1000)))
        seen = set()
        for _ in range(1000):
            _, (_, _, seq, body) = self.answer()
            self.assertEqual(body, {0: b"pong"})
            seen.add(seq)
        self.assertEqual(seen, set(range(1000)))

    def test_unknown_keys_are_ignored(self):
        strings = {b"nobody": b"knows", b"": b"", b"crrst": b"1"}
        answer = self.exchange(self.ping(8, strings=strings))
        self.assertEqual(self.success(answer, "ping", 8), b"pong")
        self.assertEqual(answer[0].strings, {}, "nothing of it comes back")

    def test_an_unknown_method_is_exception_1_and_the_connection_goes_on(self):
        message = CODECS[self.protocol].message("nosuch", CALL, 8, [(1, "struct", [])])
        _, (name, kind, seq, body) = self.exchange(self.header.frame(message, 8, self.protocol))
        self.assertEqual((name, kind, seq, body[2]), ("nosuch", EXCEPTION, 8, UNKNOWN_METHOD))
        self.success(self.exchange(self.ping(9)), "ping", 9)

    def test_the_golden_vector_is_exception_7(self):
        for send in (self.wire.send, self.wire.send_byte_by_byte):
            send(self.golden)
            parsed, (name, kind, seq, body) = self.answer(BINARY)
            self.assertEqual((name, kind, seq, body[2], parsed.seq), ("get", EXCEPTION, 300, PROTOCOL_ERROR, 300))

    # Deadlines

    def timed(self, millis, fields=None, seq=1):
        """A get whose header allows it so many milliseconds."""
        raise NotImplementedError

    def test_a_negative_timeout_is_an_invalid_argument(self):
        self.storage_error(self.exchange(self.timed(b"-1")), INVALID_ARGUMENT)
        self.success(self.exchange(self.ping(9)), "ping", 9)

    def test_a_timeout_that_no_call_can_miss(self):
        for millis in (b"", b"0", b"60000", b"99999999999", b"9" * 30):
            self.assertEqual(self.success(self.exchange(self.timed(millis)), "get"), {})

    def test_a_timeout_that_is_no_number_is_refused(self):
        for millis in (b"soon", b"1.5", b"0x10"):
            self.anew()
            self.refused(self.exchange(self.timed(millis)), PROTOCOL_ERROR, 1, "timeout")

    # What is refused

    def test_an_unknown_protocol_is_exception_9(self):
        for number in (1, 4, 5, 17):
            self.anew()
            self.refused(self.exchange(self.ping(5, number=number), BINARY), INVALID_PROTOCOL, 5, str(number))

    def test_a_header_that_reaches_past_its_frame_is_exception_7(self):
        # (The payload's length would be negative.)
        self.refused(self.exchange(self.ping(6, words=1000), BINARY), PROTOCOL_ERROR, 6)

    def test_an_entry_that_reaches_past_the_header_is_exception_7(self):
        info = b"\x01" + (b"\x01" if self.header.MAGIC == 0x0FFF else b"\x00\x01") + b"\x7f\x7f"
        self.refused(self.exchange(self.ping(7, info=info)), PROTOCOL_ERROR, 7)

    def test_more_entries_than_anybody_needs_are_exception_7(self):
        strings = {b"%d" % index: b"" for index in range(1025)}
        self.refused(self.exchange(self.ping(7, strings=strings)), PROTOCOL_ERROR, 7, "1024")

    def test_a_frame_over_the_limit_names_limit_and_size(self):
        frame = bytearray(self.frame("put", {"key": b"k", "value": b"v"}, 11))
        frame[:4] = struct.pack(">I", FRAME_SIZE_MAX + 1)
        answer = self.exchange(bytes(frame))
        self.assertIn(str(FRAME_SIZE_MAX + 1), answer[1][3][1].decode())
        self.assertEqual(answer[1][0], "put")
        self.refused(answer, PROTOCOL_ERROR, 11, str(FRAME_SIZE_MAX))

    def test_a_frame_without_a_header_ends_the_connection(self):
        self.success(self.exchange(self.ping()), "ping")
        message = CODECS[self.protocol].message("ping", CALL, 2, [])
        self.wire.send(struct.pack(">I", len(message)) + message)
        self.assertEqual(self.wire.read_until_closed(), b"")

    def test_every_header_cut_off_answers_nothing(self):
        frame = self.frame("get", {"key": b"k"})
        for count in range(0, len(frame), 5):
            self.anew()
            self.wire.send(frame[:count])
            self.wire.socket.shutdown(1)
            self.assertEqual(self.wire.read_until_closed(), b"", count)


class THeaderWire(HeaderWire):
    header = rawheader.THeader()
    golden = GOLDEN_THEADER

    def timed(self, millis, seq=1):
        return self.frame("get", {"key": self.prefix + b"key"}, seq, strings={b"client_timeout": millis})

    def test_the_flag_for_any_order_comes_back(self):
        for flags in (0, OUT_OF_ORDER):
            self.assertEqual(self.exchange(self.ping(1, flags=flags))[0].flags, flags)

    def test_calls_without_the_flag_are_answered_in_order(self):
        self.wire.send(b"".join(self.ping(seq) for seq in range(500)))
        for seq in range(500):
            self.assertEqual(self.success(self.answer(), "ping", seq), b"pong")

    def test_answers_are_compressed_where_calls_are(self):
        key, value = self.prefix + b"zeros", bytes(100_000)
        answer = self.exchange(self.frame("put", {"key": key, "value": value}, transforms=[1]))
        self.success(answer, "put")
        self.assertEqual(answer[0].transforms, [], "it is too small to shrink")
        self.wire.send(self.frame("get", {"key": key}, transforms=[1]))
        size, = struct.unpack(">I", self.wire.read(4))
        self.assertLess(size, 10_000)
        self.assertIn(value, self.header.parse(self.wire.read(size)).payload)
        self.assertEqual(self.exchange(self.frame("get", {"key": key}))[0].transforms, [], "each call for itself")

    def test_large_answers_are_not_compressed(self):
        key, value = self.prefix + b"many zeros", bytes(300_000)
        self.success(self.exchange(self.frame("put", {"key": key, "value": value}, transforms=[1])), "put")
        answer = self.exchange(self.frame("get", {"key": key}, transforms=[1]))
        self.assertEqual(answer[0].transforms, [])
        self.assertIn(value, answer[0].payload)

    def test_an_unknown_transform_is_exception_8(self):
        for transforms in ([5], [1, 3], [2]):
            self.anew()
            header = bytes([self.header.PROTOCOLS[self.protocol], len(transforms), *transforms])
            self.wire.send(rawheader.enclosed(0x0FFF, 0, 4, header, self.message("get", {"key": b"k"})))
            parsed = self.parsed_plainly()
            self.assertEqual(parsed[3][2], INVALID_TRANSFORM)
            self.assertEqual(self.wire.read_until_closed(), b"")

    def parsed_plainly(self):
        """The message of an answer whose compression is as far as the header was understood."""
        parsed = self.parsed()
        return CODECS[parsed.protocol].read_message(io.BytesIO(parsed.payload).read)

    def test_what_is_not_compressed_is_exception_7(self):
        message = self.message("get", {"key": b"k"})
        whole = zlib.compress(message)
        for payload in (message, whole[:-1], whole + b"?", b"", whole[:10] + bytes([whole[10] ^ 0xFF]) + whole[11:]):
            self.anew()
            header = bytes([self.header.PROTOCOLS[self.protocol], 1, 1, 0])
            self.wire.send(rawheader.enclosed(0x0FFF, 0, 3, header, payload))
            self.refused(self.answer(), PROTOCOL_ERROR, 3)

    def test_a_bomb_is_exception_7(self):
        # 18 MiB in 18 KiB.
        message = self.message("put", {"key": b"k", "value": bytes(18 << 20)})
        self.refused(self.exchange(self.header.frame(message, 3, self.protocol, transforms=[1])), PROTOCOL_ERROR, 3,
                     str(17 << 20))

    def test_an_unknown_group_ends_what_is_read_of_the_header(self):
        self.success(self.exchange(self.ping(2, info=b"\x02\xff\xff")), "ping", 2)


class TTHeaderWire(HeaderWire):
    header = rawheader.TTHeader()
    golden = GOLDEN_TTHEADER

    def timed(self, millis, seq=1):
        return self.frame("get", {"key": self.prefix + b"key"}, seq, integers={rawheader.RPC_TIMEOUT: millis})

    def test_all_that_kitex_sends_is_understood(self):
        integers = {number: b"%d" % number for number in range(28)}
        strings = {b"isn": b"Storage", b"rip": b"127.0.0.1", b"RPC_PERSIST_user": b"7", b"RPC_TRANSIT_hop": b"x"}
        answer = self.exchange(self.ping(8, integers=integers, strings=strings, token=b"secret"))
        self.assertEqual(self.success(answer, "ping", 8), b"pong")

    def test_the_time_for_reading_counts_where_there_is_no_other(self):
        frame = self.frame("get", {"key": b"k"}, integers={rawheader.READ_TIMEOUT: b"-1"})
        self.storage_error(self.exchange(frame), INVALID_ARGUMENT)
        frame = self.frame("get", {"key": self.prefix}, integers={rawheader.READ_TIMEOUT: b"-1",
                                                                  rawheader.RPC_TIMEOUT: b"1000"})
        self.assertEqual(self.success(self.exchange(frame), "get"), {})

    def test_an_unknown_info_id_is_exception_7(self):
        for number in (0x02, 0x0F, 0x12, 0xFF):
            self.anew()
            self.refused(self.exchange(self.ping(4, info=bytes([number]))), PROTOCOL_ERROR, 4, f"0x{number:x}")

    def test_padding_may_stand_anywhere(self):
        info = b"\x00\x00\x01\x00\x01\x00\x01k\x00\x01v\x00\x00\x10\x00\x01\x00\x02\x00\x01x"
        self.success(self.exchange(self.ping(2, info=info)), "ping", 2)

    def test_transforms_are_passed_over(self):
        self.success(self.exchange(self.ping(2, transforms=[9, 8, 7])), "ping", 2)

    def test_a_message_with_a_length_of_its_own_is_answered_with_one(self):
        message = CODECS[self.protocol].message("ping", CALL, 2, [])
        self.wire.send(self.header.frame(struct.pack(">I", len(message)) + message, 2, self.protocol))
        payload = self.parsed().payload
        self.assertEqual(struct.unpack(">I", payload[:4])[0], len(payload) - 4)
        self.assertEqual(CODECS[self.protocol].read_message(io.BytesIO(payload[4:]).read)[3], {0: b"pong"})

    def test_streams_are_exception_7(self):
        self.refused(self.exchange(self.ping(4, flags=2)), PROTOCOL_ERROR, 4, "stream")


FORMS = [type(f"{form.__name__}[{protocol}]", (form,), {"protocol": protocol})
         for form in (THeaderWire, TTHeaderWire) for protocol in (BINARY, COMPACT)]


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for case in [Codec, *FORMS]:
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite
