"""MessagePack-RPC: what its paragraph of the API says, and messages that no library sends."""

import struct
import threading
import unittest

from . import api
from .msgpack_adapters import failure
from .support import WAIT_SECONDS_MAX, Wire, server_address, unique_prefix, until

try:
    import msgpack
    from msgpack import packb as pack
except ImportError:
    msgpack = pack = None


class MsgpackWire(unittest.TestCase):
    def setUp(self):
        if msgpack is None:
            self.skipTest("msgpack cannot be used: not installed")
        server_address()
        self.wire = Wire()
        self.addCleanup(self.wire.close)
        self.unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=1 << 28)
        self.prefix = unique_prefix()
        self.last = 0

    def answer(self):
        """The next answer: (id, error, result)."""
        while True:
            for message in self.unpacker:
                self.assertEqual((type(message), len(message), message[0]), (list, 4, 1), message)
                return tuple(message[1:])
            data = self.wire.socket.recv(1 << 16)
            if not data:
                raise EOFError("connection closed by the server")
            self.unpacker.feed(data)

    def raw(self, data, msgid):
        """Sends bytes, expects the answer to `msgid`: (error, result)."""
        self.wire.send(data)
        answered, error, result = self.answer()
        self.assertEqual(answered, msgid)
        return error, result

    def call(self, method, params):
        self.last += 1
        return self.raw(pack([0, self.last, method, params]), self.last)

    def result(self, method, *params):
        error, result = self.call(method, list(params))
        self.assertIsNone(error)
        return result

    def invalid(self, answer):
        """Expects INVALID_ARGUMENT, NOT_EXECUTED, in an error keyed by names."""
        error, result = answer
        self.assertIsNone(result)
        found = failure(error)
        self.assertEqual((found.code, found.effect), (api.INVALID_ARGUMENT, api.NOT_EXECUTED), found.message)
        return found

    def alive(self):
        self.assertEqual(self.result("ping"), "pong")

    def stored(self, key):
        result = self.result("get", {"key": key})
        return result.get("value")

    # The paragraph

    def test_golden_bytes(self):
        # `get` with a string where the request's map belongs; then a notification of a method that is none.
        self.invalid(self.raw(bytes.fromhex("9400cd012ca367657491a26162"), 300))
        self.wire.send(bytes.fromhex("9302a364656c91a26162"))
        self.alive()

    def test_answers_are_arrays_of_four_and_ids_are_the_smallest_integers(self):
        self.wire.send(pack([0, 300, "ping", []]))
        self.assertEqual(self.wire.read(len(bytes.fromhex("9401cd012cc0a4706f6e67"))),
                         bytes.fromhex("9401cd012cc0a4706f6e67"))

    def test_names_are_answered_by_names(self):
        key = self.prefix + b"key"
        put = self.result("put", {"key": key, "value": b"v"})
        self.assertEqual({k: v for k, v in put.items() if v is not None},
                         {"applied": True, "version": put["version"], "durability": api.MEMORY})
        scan = self.result("scan", {"prefix": self.prefix})
        self.assertEqual(set(scan["entries"][0]) - {"version"}, {"key", "value"})

    def test_ids_are_answered_by_ids_at_every_depth(self):
        key = self.prefix + b"key"
        put = self.result("put", {1: key, 2: b"v", 255: {6: 5000}})
        self.assertEqual({k: v for k, v in put.items() if v is not None}, {1: True, 2: put[2], 3: api.MEMORY})
        scan = self.result("scan", {2: self.prefix})
        self.assertEqual(scan[1], [{1: key, 2: b"v", 3: put[2]}])

    def test_the_first_key_decides(self):
        key = self.prefix + b"key"
        for request, names in (
                ({"key": key, 255: None}, True), ({1: key, "context": None}, False),
                ({"no such field": 1, 1: key}, True), ({999: 1, "key": key}, False),
                ({"context": {6: 1000}, "key": key}, True), ({255: {"timeoutMillis": 1000}, 1: key}, False)):
            self.result("put", {"key": key, "value": b"v"})
            result = self.result("get", request)
            self.assertEqual(result.get("value" if names else 1), b"v", request)
            self.assertEqual({type(k) for k in result}, {str if names else int}, request)

    def test_an_empty_request_is_answered_by_names(self):
        result = self.result("scan", {})
        self.assertIn("entries", result)
        self.assertEqual({type(k) for k in result}, {str})

    def test_nil_means_absent(self):
        key = self.prefix + b"key"
        request = dict.fromkeys(["ttlMillis", "condition", "ifVersion", "durability", "returnPrevious", "context"])
        self.assertIs(self.result("put", {"key": key, "value": b"v", **request})["applied"], True)
        self.invalid(self.call("put", [{"key": key, "value": None}]))
        self.invalid(self.call("get", [{"key": None}]))
        self.invalid(self.call("multiGet", [{"keys": [key, None]}]))
        empty = dict.fromkeys(field.name for field in api.STRUCTS["RequestContext"])
        self.assertEqual(self.result("get", {"key": key, "context": empty})["value"], b"v")

    def test_values_are_nil_unless_found(self):
        a, b = self.prefix + b"a", self.prefix + b"b"
        self.result("put", {"key": a, "value": b""})
        for request, field in (({"keys": [a, b, a]}, "values"), ({1: [a, b, a]}, 1)):
            self.assertEqual(self.result("multiGet", request)[field], [b"", None, b""])

    def test_unknown_keys_are_skipped(self):
        key = self.prefix + b"key"
        deep = {"a": [1, {"b": [None, True, -1.5, b"x", {"c": {}}]}], 7: msgpack.ExtType(5, b"ext")}
        request = {"key": key, "value": b"v", "unknown": deep, 1000: deep, -1: [], "": 1,
                   "time": msgpack.Timestamp(1, 1), "context": {"unknown": deep, 99: 1, "logID": "x"}}
        self.assertIs(self.result("put", request)["applied"], True)
        self.assertEqual(self.stored(key), b"v")

    def test_the_last_duplicate_wins(self):
        a, b = self.prefix + b"a", self.prefix + b"b"
        self.result("put", {"key": a, "value": b"A"})
        self.result("put", {"key": b, "value": b"B"})
        for first, second in (("key", "key"), (1, 1), ("key", 1), (1, "key")):
            request = b"\x82" + pack(first) + pack(a) + pack(second) + pack(b)
            _error, result = self.raw(b"\x94\x00\x07" + pack("get") + b"\x91" + request, 7)
            self.assertEqual(result["value" if first == "key" else 1], b"B")

    def test_extra_parameters_are_ignored(self):
        key = self.prefix + b"key"
        self.result("put", {"key": key, "value": b"v"}, {"an": "option"}, 5, None)
        self.assertEqual(self.result("get", {"key": key}, [[]])["value"], b"v")
        self.assertEqual(self.result("ping", {}), "pong")
        self.assertEqual(self.result("ping", 1, "two", [3]), "pong")

    def test_binary_fields_take_bin_and_str_and_answer_bin(self):
        key = self.prefix.decode() + "k\u00e9y"
        self.result("put", {"key": key, "value": "value"})
        self.assertEqual(self.stored(key.encode()), b"value")
        self.assertEqual(self.result("multiGet", {"keys": [key, key.encode()]})["values"], [b"value", b"value"])
        self.assertEqual(self.result("scan", {"prefix": self.prefix.decode()})["entries"][0]["key"], key.encode())

    def test_every_header_of_a_binary_is_taken(self):
        key = self.prefix + b"key"
        headers = [b"\xc4" + bytes([len(key)]), b"\xc5" + struct.pack(">H", len(key)), b"\xc6" + struct.pack(">I", len(key)),
                   b"\xd9" + bytes([len(key)]), b"\xda" + struct.pack(">H", len(key)), b"\xdb" + struct.pack(">I", len(key))]
        if len(key) < 32:
            headers.append(bytes([0xA0 | len(key)]))
        self.result("put", {"key": key, "value": b"v"})
        for header in headers:
            error, result = self.raw(b"\x94\x00\x07\xa3get\x91\x81\xa3key" + header + key, 7)
            self.assertIsNone(error)
            self.assertEqual(result["value"], b"v")

    def test_strings_that_are_not_utf8_are_binaries(self):
        value = b"\xff\xfe\x80"
        key = self.prefix + value
        request = b"\x82\xa3key" + b"\xd9" + bytes([len(key)]) + key + b"\xa5value\xa3" + value
        self.assertIsNone(self.raw(b"\x94\x00\x07\xa3put\x91" + request, 7)[0])
        self.assertEqual(self.stored(key), value)

    def test_every_integer_format_is_taken(self):
        key = self.prefix + b"n"
        for number in (b"\x05", b"\xcc\x05", b"\xcd\x00\x05", b"\xce\x00\x00\x00\x05", b"\xcf" + bytes(7) + b"\x05",
                       b"\xd0\x05", b"\xd1\x00\x05", b"\xd2\x00\x00\x00\x05", b"\xd3" + bytes(7) + b"\x05"):
            self.result("put", {"key": key, "value": b"0"})
            error, result = self.raw(b"\x94\x00\x07" + pack("increment") + b"\x91\x82\xa3key" + pack(key) + b"\x02" + number, 7)
            self.assertIsNone(error, number.hex())
            self.assertEqual(result["value"], 5, number.hex())

    def test_every_format_of_a_message_id_is_taken(self):
        for data, msgid in ((b"\x00", 0), (b"\xcc\x01", 1), (b"\xcf" + bytes(7) + b"\x02", 2),
                            (b"\xce\xff\xff\xff\xff", 0xFFFFFFFF), (b"\xd2\x00\x00\x00\x03", 3)):
            self.assertEqual(self.raw(b"\x94\x00" + data + b"\xa4ping\x90", msgid), (None, "pong"))

    def test_method_names_are_str_or_bin(self):
        for name in (b"\xa4ping", b"\xc4\x04ping", b"\xc5\x00\x04ping", b"\xd9\x04ping", b"\xdb\x00\x00\x00\x04ping"):
            self.assertEqual(self.raw(b"\x94\x00\x07" + name + b"\x90", 7), (None, "pong"))

    def test_an_envelope_and_a_request_with_long_headers(self):
        key = self.prefix + b"key"
        for envelope in (b"\xdc\x00\x04", b"\xdd\x00\x00\x00\x04"):
            for params in (b"\xdc\x00\x01", b"\xdd\x00\x00\x00\x01"):
                for fields in (b"\xde\x00\x01", b"\xdf\x00\x00\x00\x01"):
                    with Wire() as wire:  # the first bytes of a connection, too
                        wire.send(envelope + b"\x00\x07\xa3get" + params + fields + b"\xa3key" + pack(key))
                        self.assertEqual(wire.read(4), b"\x94\x01\x07\xc0")

    def test_a_notification_with_long_headers(self):
        for number, envelope in enumerate((b"\x93", b"\xdc\x00\x03", b"\xdd\x00\x00\x00\x03")):
            key = self.prefix + b"%d" % number
            with Wire() as wire:
                wire.send(envelope + b"\x02\xa3put\x91" + pack({"key": key, "value": b"quiet"}) + pack([0, 1, "ping", []]))
                self.assertEqual(wire.read(9), b"\x94\x01\x01\xc0\xa4pong")
            until(lambda: self.stored(key) == b"quiet", "a notification is executed")

    def test_a_request_byte_by_byte(self):
        key = self.prefix + b"key"
        self.wire.send_byte_by_byte(pack([0, 1, "put", [{"key": key, "value": b"v" * 300}]]))
        self.assertEqual(self.answer()[:2], (1, None))
        self.wire.send_byte_by_byte(pack([0, 2, "multiGet", [{1: [key] * 20, 3: True}]]))
        self.assertEqual(self.answer()[2][1], [b"v" * 300] * 20)

    def test_many_messages_in_one_segment(self):
        self.wire.send(pack([2, "nothing", []]) + pack([0, 1, "ping", []]) + pack([0, 2, "ping", []])[:4])
        self.assertEqual(self.answer(), (1, None, "pong"))
        self.wire.send(pack([0, 2, "ping", []])[4:])
        self.assertEqual(self.answer(), (2, None, "pong"))

    def test_2000_pipelined_calls_are_all_answered(self):
        count, key = 2000, self.prefix + b"count"
        data = b"".join(pack([0, 5000 + n, "increment", [{1: key, 2: 1}]]) if n % 2 else
                        pack([0, 5000 + n, "multiGet", [{"keys": [key + b"%d" % n] * (n % 7)}]]) for n in range(count))
        writer = threading.Thread(target=self.wire.send, args=(data,))
        writer.start()
        answers = {}
        for _ in range(count):
            msgid, error, result = self.answer()
            self.assertIsNone(error)
            self.assertNotIn(msgid, answers)
            answers[msgid] = result
        writer.join()
        self.assertEqual(set(answers), set(range(5000, 5000 + count)))
        for n in range(0, count, 2):
            self.assertEqual(len(answers[5000 + n]["values"]), n % 7)
        self.assertEqual(sorted(answers[5000 + n][1] for n in range(1, count, 2)), list(range(1, count // 2 + 1)))

    # Notifications

    def test_a_hello_of_neovims_is_ignored(self):
        hello = pack([2, b"nvim_set_client_info", ["client", {}, "remote", {}, {}]])
        self.assertIn(b"\xc4\x14nvim_set_client_info", hello)
        with Wire() as wire:
            wire.send(hello + pack([0, 1, "ping", []]))
            self.assertEqual(wire.read(9), b"\x94\x01\x01\xc0\xa4pong")

    def test_unknown_notifications_are_ignored(self):
        for name, params in (("nothing", []), ("", []), ("$", [None]), ("$nothing", [1]), ("x" * 300, [{"a": [1] * 1000}])):
            self.wire.send(pack([2, name, params]))
        self.alive()

    def test_notifications_that_fail_answer_nothing(self):
        for params in ([], [1], [{}], [{"key": b""}], [{"key": self.prefix, "value": b"v", "ttlMillis": 0}]):
            self.wire.send(pack([2, "put", params]))
        self.alive()
        self.assertIsNone(self.stored(self.prefix))

    def test_cancel_of_what_is_not_there_is_ignored(self):
        self.alive()
        for params in ([self.last], [123456], [0], [], ["one"], [None], [-1], [1, 2], [0xFFFFFFFF], [{}]):
            self.wire.send(pack([2, "$cancel", params]))
            self.wire.send(pack([2, b"$cancel", params]))
        self.alive()

    def test_a_cancelled_call_is_answered_once(self):
        keys = [self.prefix + b"%d" % n for n in range(5000)]
        for msgid in range(1, 11):
            self.wire.send(pack([0, msgid, "multiGet", [{"keys": keys}]]) + pack([2, "$cancel", [msgid]]))
        answered = set()
        for _ in range(10):
            msgid, error, result = self.answer()
            self.assertNotIn(msgid, answered)
            answered.add(msgid)
            if error is None:
                self.assertEqual(len(result["statuses"]), len(keys))
            else:
                self.assertEqual(failure(error).code, api.CANCELLED)
        self.last = 100
        self.alive()

    # Errors

    def test_errors_are_keyed_by_names_also_for_ids(self):
        for request in ({1: b""}, {"key": b""}):
            self.invalid(self.call("get", [request]))
        key = self.prefix + b"key"
        self.result("put", {1: key, 2: b"x"})
        error, _result = self.call("increment", [{1: key, 2: 1}])
        self.assertEqual(failure(error).code, api.NOT_AN_INTEGER)

    def test_an_unknown_method_is_invalid_and_named(self):
        for name in ("nosuch", "Get", ""):
            found = self.invalid(self.call(name, [{}]))
            self.assertIn(name, found.message)
        self.alive()

    def test_what_is_not_the_request_is_invalid_and_the_connection_goes_on(self):
        key = self.prefix + b"key"
        bad = [
            ("get", []), ("get", [None]), ("get", [[]]), ("get", ["key"]), ("get", [1]), ("get", [{}]),
            ("get", [{"key": 1}]), ("get", [{"key": True}]), ("get", [{"key": []}]), ("get", [{"key": {}}]),
            ("get", [{"key": 1.5}]), ("get", [{"key": key, "context": 1}]), ("get", [{"key": key, "context": []}]),
            ("get", [{"key": key, "context": {"timeoutMillis": "1"}}]),
            ("get", [{"key": key, "context": {"timeoutMillis": 1 << 31}}]),
            ("get", [{"key": key, "context": {"baggage": []}}]),
            ("put", [{"key": key}]), ("put", [{"value": b"v"}]), ("put", [{"key": key, "value": 5}]),
            ("put", [{"key": key, "value": b"v", "ttlMillis": "5"}]),
            ("put", [{"key": key, "value": b"v", "ttlMillis": 1 << 63}]),
            ("put", [{"key": key, "value": b"v", "condition": "ALWAYS"}]),
            ("put", [{"key": key, "value": b"v", "returnPrevious": "yes"}]),
            ("put", [{"key": key, "value": b"v", "durability": "MEMORY"}]),
            ("multiGet", [{"keys": key}]), ("multiGet", [{"keys": [1]}]), ("multiGet", [{"keys": {}}]),
            ("multiGet", [{"keys": [[key]]}]),
            ("multiPut", [{"entries": [key]}]), ("multiPut", [{"entries": [{}]}]), ("multiPut", [{"entries": {}}]),
            ("multiPut", [{"entries": [{"key": key, "value": b"v"}, {"key": key}]}]),
            ("increment", [{"key": key}]), ("increment", [{"key": key, "delta": 1.5}]),
            ("increment", [{"key": key, "delta": "1"}]), ("increment", [{"key": key, "delta": 1 << 63}]),
            ("scan", [{"limit": "10"}]), ("scan", [{"limit": 1 << 32}]), ("scan", [{"prefix": 5}]),
        ]
        for method, params in bad:
            with self.subTest(method=method, params=params):
                self.invalid(self.call(method, params))
        self.alive()
        self.assertIsNone(self.stored(key))

    def test_params_that_are_no_array_are_invalid(self):
        for params in ({}, None, 1, "x", {"key": self.prefix}):
            self.invalid(self.call("get", params))
        self.alive()

    def test_a_method_that_is_no_name_is_invalid(self):
        for method in (1, None, [], {}):
            self.last += 1
            self.invalid(self.raw(pack([0, self.last, method, []]), self.last))
        self.alive()

    # Hostile bytes

    def test_connections_cut_at_every_byte_do_no_harm(self):
        key = self.prefix + b"key"
        message = pack([0, 1, "put", [{"key": key, "value": b"v", "context": {"logID": "x", "baggage": {"a": "b"}}}]])
        for size in range(len(message)):
            with Wire() as cut:
                cut.send(message[:size])
        self.alive()
        self.assertIsNone(self.stored(key))

    def assert_answered_or_closed(self, data):
        """Expects either an INVALID_ARGUMENT or the end of the connection, and in time."""
        with Wire() as wire:
            unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
            try:
                wire.send(data)
                while received := wire.socket.recv(1 << 16):
                    unpacker.feed(received)
                    for message in unpacker:
                        self.assertEqual(failure(message[2]).code, api.INVALID_ARGUMENT)
                        return
            except (ConnectionResetError, BrokenPipeError):
                pass
            except TimeoutError:
                self.fail(f"neither an answer nor the end within {WAIT_SECONDS_MAX:.0f} s")

    def test_nesting_without_end_is_not_followed(self):
        for opening in (b"\x91", b"\x81\xa1x", b"\xdc\x00\x01"):
            self.assert_answered_or_closed(
                b"\x94\x00\x01\xa3get\x91\x82\xa3key\xa1k\xa1x" + opening * 100_000 + b"\xc0")
            self.assert_answered_or_closed(b"\x94\x00\x01\xa3get" + opening * 100_000 + b"\xc0")
        self.alive()

    def test_the_byte_that_is_never_legal(self):
        for data in (b"\x94\x00\x01\xa3get\x91\xc1", b"\x94\x00\x01\xa3get\x91\x81\xa3key\xc1",
                     b"\x94\x00\x01\xa3get\x91\x81\xc1\xc1", b"\x94\x00\x01\xc1"):
            with self.subTest(data=data):
                self.assert_answered_or_closed(data + bytes(16))
        self.alive()

    def test_lengths_that_no_request_has(self):
        huge = struct.pack(">I", 0x7FFFFFFF)
        for data in (b"\x91\x81\xa3key\xc6" + huge, b"\x91\x81\xa3key\xdb" + huge, b"\xdd" + huge, b"\x91\xdf" + huge,
                     b"\x91\x81\xa4keys\xdd" + huge):
            method = b"\xa8multiGet" if b"keys" in data else b"\xa3get"
            with self.subTest(data=data):
                self.assert_answered_or_closed(b"\x94\x00\x01" + method + data + bytes(64))
        self.alive()

    def test_later_messages_that_are_none(self):
        # The connection is MessagePack-RPC by its first message; then comes what is not an envelope.
        for data in (pack([0, 1]), pack([7, 1, "ping", []]), pack({"a": 1}), pack(5), pack([]), pack([0, "id", "ping", []]),
                     pack([0, -1, "ping", []]), pack([0, 1 << 32, "ping", []])):
            with self.subTest(data=data), Wire() as wire:
                wire.send(pack([0, 1, "ping", []]))
                self.assertEqual(wire.read(9), b"\x94\x01\x01\xc0\xa4pong")
                wire.send(data + pack([0, 2, "ping", []]))
                # Closed, or gone on with: both are fine, silence is not.
                unpacker = msgpack.Unpacker(raw=False)
                try:
                    while received := wire.socket.recv(1 << 16):
                        unpacker.feed(received)
                        if any(message[1] == 2 and message[3] == "pong" for message in unpacker):
                            break
                except ConnectionResetError:
                    pass
        self.alive()
