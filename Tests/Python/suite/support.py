"""What all tests need: the server's address, bounded waiting, keys of their own, a bare socket."""

import itertools
import os
import socket
import time
import unittest
import uuid

#: How long any single wait may take before the test fails. Generous: only broken servers come near it.
WAIT_SECONDS_MAX = 15.0

_RUN = uuid.uuid4().hex[:12]
_numbers = itertools.count()


def server_address():
    """(host, port) of the server under test; skips where none is given."""
    address = os.environ.get("NEEDLETAIL_TEST_ADDRESS", "")
    if not address:
        raise unittest.SkipTest("NEEDLETAIL_TEST_ADDRESS (host:port) is not set")
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def unique_prefix():
    """The beginning of keys that no other test of this run or another one uses."""
    return f"{_RUN}/{next(_numbers)}/".encode()


def until(condition, what):
    """Polls until `condition()` is true; fails after WAIT_SECONDS_MAX."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WAIT_SECONDS_MAX:.0f} s: {what}")
        time.sleep(0.002)  # the pace of polling


class Wire:
    """A bare TCP connection with bounded waiting."""

    def __init__(self):
        self.socket = socket.create_connection(server_address(), timeout=WAIT_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_byte_by_byte(self, data):
        for index in range(len(data)):
            self.socket.sendall(data[index:index + 1])

    def read(self, count):
        """Exactly `count` bytes; raises EOFError where the connection ends before."""
        parts = []
        while count:
            part = self.socket.recv(min(count, 1 << 20))
            if not part:
                raise EOFError("connection closed by the server")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def read_until_closed(self):
        """What still comes until the server closes; raises where it does not close in time."""
        parts = []
        try:
            while part := self.socket.recv(1 << 16):
                parts.append(part)
        except (ConnectionResetError, BrokenPipeError):
            pass
        except TimeoutError:
            raise AssertionError("the server kept a connection open that it should have closed") from None
        return b"".join(parts)
