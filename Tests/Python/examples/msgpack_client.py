#!/usr/bin/env python3
"""Needletail with MessagePack-RPC: no library but `msgpack`, no generated code.

    pip install msgpack
    python3 Tests/Python/examples/msgpack_client.py 127.0.0.1 7400
"""

import itertools
import socket
import sys

import msgpack

FOUND, MISSING = 1, 2  # KeyStatus
CANCEL = 1  # ReadPolicy


class Storage:
    """One call at a time over one connection; answers carry ids, so that a client may have many under way."""

    def __init__(self, host, port):
        self._socket = socket.create_connection((host, port), timeout=5)
        self._unpacker = msgpack.Unpacker(max_buffer_size=64 * 1024 * 1024)
        self._ids = itertools.count(1)

    def call(self, method, **request):
        """`request`: the fields by name. Returns the result's fields; raises RuntimeError with the error's."""
        self._socket.sendall(msgpack.packb([0, next(self._ids), method, [request]]))
        while True:
            for _, _, error, result in self._unpacker:
                if error is not None:
                    raise RuntimeError(error)
                return result
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the server")
            self._unpacker.feed(data)


storage = Storage(sys.argv[1], int(sys.argv[2]))

# Store, for a minute.
put = storage.call("put", key=b"user:1", value=b"Ada", ttlMillis=60_000)
print("stored as version", put["version"])

# Read. A missing key is an answer without a value, not an error.
print("user:1 =", storage.call("get", key=b"user:1").get("value"))

# Read many within 50 ms. CANCEL answers what there is by then; each key says what became of it.
keys = [b"user:1", b"user:2", b"user:3"]
answer = storage.call("multiGet", keys=keys, policy=CANCEL, context={"timeoutMillis": 50})
again = []
for key, value, status in zip(keys, answer["values"], answer["statuses"]):
    if status == FOUND:
        print(key, "=", value)
    elif status == MISSING:
        print(key, "is missing")
    else:
        again.append(key)  # too late, too large or failed: worth another call
print("complete" if answer["complete"] else f"to ask for again: {again}")

# An error is a map that says what was wrong, and whether anything was changed.
try:
    storage.call("increment", key=b"user:1", delta=1)
except RuntimeError as error:
    print("refused:", error.args[0]["code"], error.args[0]["effect"], error.args[0]["message"])
