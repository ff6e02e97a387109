#!/usr/bin/env python3
"""Measures the latency of `get` as somebody would who knows nothing of the load harness: a socket, a few lines of
MessagePack written by hand, and two readings of the clock around each call. `needletail-load self-check` has it take
turns with the harness' own generator.

    python3 LoadTests/SelfCheck/latency_client.py --port 7400 --rate 500 --seconds 3 --keys 10000

Calls are due at random, like those of the generator's open loop (a Poisson process), and like it it spins for the last of
the wait, and looks for an answer without waiting where the next call is due soon; one that is due while another is under
way is sent right after it. Keys and values are those that the
harness stores (`KeySpace`), computed here again from their description; every value is compared, outside the measured
time. Ends with a line of JSON: samples, and nanoseconds from before a request is sent to after its answer was received.
"""

import argparse
import json
import random
import socket
import struct
import sys
import time

RECEIVE_BYTES = 65536
SPIN_NANOSECONDS = 1_000_000  # before a call is due
AWAKE_NANOSECONDS = 2_000_000  # no wait for an answer may be so short: the next call is due
ANSWER_SECONDS_MAX = 10
KEY_PREFIX = b"key:0000"
MASK = 2**64 - 1


def request(number, key):
    """[0, number, "get", [{"key": key}]], the number always in four bytes, as the harness' own requests have it."""
    return (b"\x94\x00\xce" + struct.pack(">I", number) + b"\xa3get" + b"\x91\x81\xa3key"
            + b"\xc4" + bytes([len(key)]) + key)


class Truncated(Exception):
    pass


def unpack(data, at):
    """The value at `at`, and where it ends: of MessagePack as much as the service answers."""
    def take(size):
        if at + size > len(data):
            raise Truncated
        return data[at:at + size], at + size

    (head,), at = take(1)
    if head <= 0x7f:
        return head, at
    if head >= 0xe0:
        return head - 256, at
    if head in (0xc0, 0xc2, 0xc3):
        return {0xc0: None, 0xc2: False, 0xc3: True}[head], at
    numbers = {0xcc: ">B", 0xcd: ">H", 0xce: ">I", 0xcf: ">Q", 0xd0: ">b", 0xd1: ">h", 0xd2: ">i", 0xd3: ">q"}
    if head in numbers:
        raw, at = take(struct.calcsize(numbers[head]))
        return struct.unpack(numbers[head], raw)[0], at
    if 0x80 <= head <= 0x8f:
        fields = {}
        for _ in range(head & 0x0f):
            name, at = unpack(data, at)
            fields[name], at = unpack(data, at)
        return fields, at
    if 0x90 <= head <= 0x9f:
        items = []
        for _ in range(head & 0x0f):
            item, at = unpack(data, at)
            items.append(item)
        return items, at
    if 0xa0 <= head <= 0xbf:
        raw, at = take(head & 0x1f)
        return raw.decode(), at
    lengths = {0xc4: ">B", 0xc5: ">H", 0xc6: ">I", 0xd9: ">B", 0xda: ">H", 0xdb: ">I"}
    if head in lengths:
        raw, at = take(struct.calcsize(lengths[head]))
        raw, at = take(struct.unpack(lengths[head], raw)[0])
        return (raw.decode() if head >= 0xd9 else raw), at
    raise ValueError(f"no MessagePack that the service answers: {head:#x}")


def value(number, size):
    """What the harness stores as entry `number`."""
    words = []
    for index in range(size // 8 + 1):
        word = ((number + 1) * 0x9e3779b97f4a7c15 + index) & MASK
        word = ((word ^ word >> 32) * 0xd6e8feb86659fd93) & MASK
        words.append(struct.pack("<Q", word ^ word >> 32))
    return b"".join(words)[:size]


def receive(connection, stays_awake):
    """What has come, or comes; without a wait in the kernel, from which a processor comes back late, if that is asked."""
    if not stays_awake:
        return connection.recv(RECEIVE_BYTES)
    while True:
        try:
            return connection.recv(RECEIVE_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="calls per second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--keys", type=int, required=True, help="entries that are stored")
    parser.add_argument("--value-size", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unchecked", action="store_true", help="the server answers the same to everything")
    options = parser.parse_args()

    connection = socket.create_connection((options.host, options.port), timeout=ANSWER_SECONDS_MAX)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(None)  # with a timeout each call of the socket would be two of the kernel
    draw = random.Random(options.seed)
    clock = time.perf_counter_ns
    calls = int(options.rate * options.seconds)
    latencies = []
    wrong = 0
    due = clock()
    next_due = due + int(draw.expovariate(options.rate) * 1e9)
    for call in range(calls):
        number = draw.randrange(options.keys)
        message = request(call, KEY_PREFIX + b"%08x" % number)
        due, next_due = next_due, next_due + int(draw.expovariate(options.rate) * 1e9)
        pause = due - clock() - SPIN_NANOSECONDS
        if pause > 0:
            time.sleep(pause / 1e9)
        while clock() < due:
            pass
        stays_awake = next_due - clock() < AWAKE_NANOSECONDS
        before = clock()
        connection.sendall(message)
        data = receive(connection, stays_awake)
        after = clock()
        while True:
            try:
                answer, end = unpack(data, 0)
                break
            except Truncated:
                more = receive(connection, stays_awake)
                after = clock()
                if not more:
                    sys.exit("the server closed the connection")
                data += more
        latencies.append(after - before)
        kind, answered, error, result = answer
        is_right = (kind, answered, error, end) == (1, call, None, len(data))
        if not is_right or not options.unchecked and result.get("value") != value(number, options.value_size):
            wrong += 1
    latencies.sort()
    if not latencies:
        sys.exit("no calls")

    def percentile(share):
        return latencies[min(int(len(latencies) * share), len(latencies) - 1)]

    print(json.dumps({"samples": len(latencies), "p50": percentile(0.5), "p99": percentile(0.99), "wrong": wrong}))


if __name__ == "__main__":
    main()
