#!/usr/bin/env python3
"""The Python side of the cross-test: Apache Thrift's library with the code that its compiler makes of crosstest.thrift.

README.md two folders above says how peers are called. The generated code is found by PYTHONPATH.
"""

import argparse
import collections
import logging
import os
import signal
import sys
import threading

from thrift.protocol import TBinaryProtocol, TCompactProtocol, THeaderProtocol
from thrift.server import TServer
from thrift.transport import THeaderTransport, TSocket, TTransport

from crosstest import CrossTest, constants
from crosstest.later import Later
from crosstest.ttypes import Defaults, Outcome, Several, Silence

import checks
import identifiers
import values

# The library's fast decoders, which it takes for headers only, lose fields with negative ids.
THeaderProtocol.PROTOCOLS_BY_ID = {
    THeaderTransport.THeaderSubprotocolID.BINARY: TBinaryProtocol.TBinaryProtocol,
    THeaderTransport.THeaderSubprotocolID.COMPACT: TCompactProtocol.TCompactProtocol,
}

SECONDS_MAX = 120
SOCKET_MILLIS_MAX = 20000


class Handler:
    """Gives back what it gets, but for the methods that are written out."""

    def __init__(self):
        self._lock = threading.Lock()
        self._numbers = collections.defaultdict(list)

    def __getattr__(self, name):
        if name.startswith(("echo", "readAs")):
            return lambda value: value
        raise AttributeError(name)

    def ping(self):
        return "pong"

    def nothing(self):
        pass

    def complain(self, really):
        if really:
            raise values.trouble()

    def note(self, token, number):
        with self._lock:
            self._numbers[token].append(number)

    def notes(self, token):
        with self._lock:
            return list(self._numbers[token])

    def notePoint(self, token, point):
        self.note(token, point.x + point.y)

    def everything(self):
        return constants.EVERYTHING

    def isEverything(self, value):
        return value == values.everything_and_tables()

    def defaults(self):
        return Defaults()

    def areDefaults(self, value):
        return value == Defaults()

    def several(self, *arguments):
        return Several(*arguments)

    def decide(self, outcome):
        if outcome == Outcome.REFUSAL:
            raise values.refusal()
        if outcome == Outcome.TROUBLE:
            raise values.trouble()
        if outcome == Outcome.SILENCE:
            raise Silence()
        return 42

    def decideQuietly(self, outcome):
        self.decide(outcome)

    def breakDown(self):
        raise ValueError("broken down")


class Listener(TSocket.TServerSocket):
    """Says where it listens."""

    def listen(self):
        super().listen()
        print("PORT", self.handle.getsockname()[1], flush=True)


def factories(options):
    if options.header:
        number = THeaderTransport.THeaderSubprotocolID
        return TTransport.TTransportFactoryBase(), THeaderProtocol.THeaderProtocolFactory(
            allowed_client_types=[THeaderTransport.THeaderClientType.HEADERS],
            default_protocol=number.COMPACT if options.protocol == "compact" else number.BINARY)
    protocol = {"binary": TBinaryProtocol.TBinaryProtocolFactory, "compact": TCompactProtocol.TCompactProtocolFactory}
    transport = TTransport.TFramedTransportFactory if options.framed else TTransport.TBufferedTransportFactory
    return transport(), protocol[options.protocol]()


def serve(options):
    # Ends with its parent: when that closes our standard input, or by SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    processor = CrossTest.Processor(Handler())
    identifiers.add_to(processor)
    listener = Listener(options.host, options.port)
    server = TServer.TThreadedServer(processor, listener, *factories(options), daemon=True)
    threading.Thread(target=server.serve, daemon=True).start()
    while sys.stdin.buffer.read(64):
        pass
    os._exit(0)


class Connection:
    def __init__(self, options):
        socket = TSocket.TSocket(options.host, options.port)
        socket.setTimeout(SOCKET_MILLIS_MAX)
        transport, protocol = factories(options)
        self._transport = transport.getTransport(socket)
        self.protocol = protocol.getProtocol(self._transport)
        if options.zlib:
            self.protocol.add_transform(THeaderTransport.THeaderTransformID.ZLIB)

    def __enter__(self):
        self._transport.open()
        return self.protocol

    def __exit__(self, *_):
        self._transport.close()


def call(options):
    failures = 0

    def check(name):
        def make(body):
            nonlocal failures
            try:
                body()
                print("ok", name, flush=True)
            except Exception as error:
                failures += 1
                print("FAIL", name, type(error).__name__ + ":", " ".join(str(error).split()), flush=True)
        return make

    with Connection(options) as protocol:
        client = CrossTest.Client(protocol)
        checks.check_values(check, client)
        checks.check_containers(check, client)
        checks.check_structs(check, client)
        checks.check_methods(check, client, options.server_has)
        checks.check_versions(check, Later.Client(protocol))
        if identifiers.IS_KNOWN and "uuid" in options.server_has:
            checks.check_identifiers(check, protocol)
    if "required" in options.server_has:
        with Connection(options) as protocol:
            checks.check_required(check, Later.Client(protocol))
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--serve", action="store_true")
    mode.add_argument("--call", action="store_true")
    mode.add_argument("--describe", action="store_true", help="print what this peer has and others may lack")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--protocol", choices=("binary", "compact"), default="binary")
    parser.add_argument("--framed", action="store_true")
    parser.add_argument("--unframed", dest="framed", action="store_false")
    parser.add_argument("--header", action="store_true")
    parser.add_argument("--zlib", action="store_true")
    parser.add_argument("--server-has", default="", help="what the server says of itself with --describe")
    options = parser.parse_args()
    signal.alarm(SECONDS_MAX)
    logging.basicConfig(level=logging.CRITICAL)  # the library logs what handlers throw, on purpose here
    logging.getLogger("thrift").setLevel(logging.CRITICAL)
    if options.describe:
        print("header zlib undeclared" + (" uuid" if identifiers.IS_KNOWN else ""))
        return 0
    return serve(options) if options.serve else call(options)


if __name__ == "__main__":
    sys.exit(main())
