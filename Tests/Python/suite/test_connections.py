"""Connections that are none of ours, or come to nothing: closed without harm, and the server goes on."""

import random
import unittest

from .support import Wire, server_address

PING = bytes.fromhex("940001a470696e6790")  # [0, 1, "ping", []]
PONG = bytes.fromhex("940101c0a4706f6e67")  # [1, 1, nil, "pong"]

FOREIGN = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HTTP POST": b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "PROXY v1": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n",
    "PROXY v2": bytes.fromhex("0d0a0d0a000d0a515549540a2111000c") + bytes(12),
    "telnet": bytes.fromhex("fff4fffd06"),
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "Redis inline": b"PING\r\n",
    "memcached": b"get key\r\n",
    "zeros": bytes(64),
    "ones": b"\xff" * 64,
    "msgpack, but no envelope": b"\x81\xa1a\x01" + bytes(8),
}


class Connections(unittest.TestCase):
    def setUp(self):
        server_address()

    def alive(self):
        with Wire() as wire:
            wire.send(PING)
            self.assertEqual(wire.read(len(PONG)), PONG)

    def test_other_protocols_are_closed(self):
        for name, data in FOREIGN.items():
            with self.subTest(protocol=name), Wire() as wire:
                wire.send(data)
                wire.read_until_closed()
        self.alive()

    def test_a_probe_that_connects_and_closes_does_no_harm(self):
        for _ in range(50):
            Wire().close()
        self.alive()

    def test_the_shortest_request_is_not_waited_upon(self):
        # Nine bytes; nothing more comes, as a detection that wants more would need.
        self.alive()

    def test_a_half_closed_connection_gets_its_answers(self):
        import socket

        with Wire() as wire:
            wire.send(PING * 3)
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(wire.read_until_closed(), PONG * 3)

    def test_random_bytes_do_no_harm(self):
        numbers = random.Random(20260101)
        starts = [b"", b"\x80\x01\x00\x01", b"\x82\x21", b"\x94\x00\x01", b"\x00\x00\x00\x20\x80\x01\x00\x01",
                  b"\x00\x00\x00\x20\x82\x21", b"\x00\x00\x00\x03get\x01", b"\x00\x00\x00\x30\x0f\xff",
                  b"\x00\x00\x00\x30\x10\x00"]
        for number in range(180):
            with Wire() as wire:
                try:
                    wire.send(starts[number % len(starts)] + numbers.randbytes(numbers.randrange(1, 400)))
                except (ConnectionResetError, BrokenPipeError):
                    pass
        self.alive()

    def test_bit_flips_of_good_requests_do_no_harm(self):
        from . import rawthrift

        fields = {"key": b"flipped", "context": {"logID": "x", "timeoutMillis": 1000}}
        call = rawthrift.arguments("get", fields)
        messages = [
            rawthrift.Binary().message("get", rawthrift.CALL, 1, call),
            rawthrift.Compact().message("get", rawthrift.CALL, 1, call),
            PING,
        ]
        for message in messages:
            for index in range(len(message)):
                for bit in (0, 3, 7):
                    flipped = bytearray(message)
                    flipped[index] ^= 1 << bit
                    with Wire() as wire:
                        try:
                            wire.send(bytes(flipped))
                        except (ConnectionResetError, BrokenPipeError):
                            pass
        self.alive()
