#!/usr/bin/env python3
"""Needletail with MessagePack-RPC: no library but `msgpack`, no generated code.

    pip install msgpack
    python3 Tests/Python/examples/msgpack_client.py 127.0.0.1 7400
"""

import itertools
import random
import socket
import sys
import time

import msgpack

FOUND, MISSING, DEADLINE_EXCEEDED, FAILED, SHED, TOO_LARGE, STORED = range(1, 8)  # KeyStatus
CANCEL, WAIT = 1, 2  # ReadPolicy
NOT_EXECUTED, EXECUTED, UNKNOWN = 1, 2, 3  # Effect
WORTH_REPEATING = {2, 3, 6}  # ErrorCode: DEADLINE_EXCEEDED, OVERLOADED, UNAVAILABLE
READS = {"ping", "get", "multiGet", "scan"}


class StorageError(Exception):
    def __init__(self, code, message, effect, retryAfterMillis=None, **_):
        super().__init__(message)
        self.code, self.effect, self.retry_after_millis = code, effect, retryAfterMillis


class Storage:
    """One call at a time over one connection; answers carry ids, so that a client may have many under way."""

    GRACE_SECONDS = 0.02  # after a call's deadline, for its answer to arrive

    def __init__(self, host, port, connect_seconds=1):
        self._socket = socket.create_connection((host, port), timeout=connect_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unpacker = msgpack.Unpacker(max_buffer_size=64 * 1024 * 1024)
        self._ids = itertools.count(1)

    def call(self, method, timeout_millis=1_000, **request):
        """`request`: the fields by name. Returns the result's fields. The server is told the deadline, and we wait a little
        longer, so that what it has by then arrives.

        Raises StorageError; socket.timeout where no answer came in time, OSError where the connection failed: nobody here
        can tell then whether the call was executed."""
        number = next(self._ids) % 2**32
        request.setdefault("context", {})["timeoutMillis"] = timeout_millis
        end = time.monotonic() + timeout_millis / 1000 + self.GRACE_SECONDS
        self._socket.settimeout(timeout_millis / 1000 + self.GRACE_SECONDS)
        self._socket.sendall(msgpack.packb([0, number, method, [request]]))
        while True:
            for _, answered, error, result in self._unpacker:
                if answered != number:
                    continue  # the late answer to a call that was given up
                if error is not None:
                    raise StorageError(**error)
                return result
            self._socket.settimeout(max(end - time.monotonic(), 0.001))
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the server")
            self._unpacker.feed(data)

    def call_again(self, method, attempts=3, **request):
        """`call`, a few times where that is safe: if it was not executed, or changes nothing."""
        for attempt in range(1, attempts + 1):
            try:
                return self.call(method, **request)
            except StorageError as error:
                is_safe = error.effect == NOT_EXECUTED or method in READS
                if attempt == attempts or not is_safe or error.code not in WORTH_REPEATING:
                    raise
                pause_millis = error.retry_after_millis or 10 * 2**attempt
                time.sleep(pause_millis / 1000 * random.uniform(0.5, 1))  # not all clients at once


def main():
    storage = Storage(sys.argv[1], int(sys.argv[2]))

    # Store, for a minute.
    put = storage.call("put", key=b"user:1", value=b"Ada", ttlMillis=60_000)
    print("stored as version", put["version"])

    # Read. A missing key is an answer without a value, not an error.
    print("user:1 =", storage.call_again("get", key=b"user:1").get("value"))

    # Read many within 50 ms. CANCEL answers what there is by then; each key says what became of it.
    keys = [b"user:1", b"user:2", b"user:3"]
    answer = storage.call("multiGet", timeout_millis=50, keys=keys, policy=CANCEL)
    again = []
    for key, value, status in zip(keys, answer["values"], answer["statuses"]):
        if status == FOUND:
            print(key, "=", value)
        elif status == MISSING:
            print(key, "is missing")
        else:
            again.append(key)  # too late, too large or failed: worth another call
    print("complete" if answer["complete"] else f"to ask for again: {again}")

    # An error says what was wrong, and whether anything was changed.
    try:
        storage.call("increment", key=b"user:1", delta=1)
    except StorageError as error:
        print("refused:", error.code, error.effect, error)


if __name__ == "__main__":
    main()
