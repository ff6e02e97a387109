"""TLS as Python's own library sees it: who is let in and as whom, resumption, ends, reload, shutdown.

Starts servers of its own with the binary NEEDLETAIL_TEST_BINARY, and has Tests/Certificates/make.sh make certificates with
OpenSSL; without either, skipped.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import msgpack

from .support import WAIT_SECONDS_MAX, until

MAKE = os.path.join(os.path.dirname(__file__), "..", "..", "Certificates", "make.sh")
PERMISSION_DENIED, NOT_EXECUTED = 8, 1
PING = bytes.fromhex("940001a470696e6790")  # [0, 1, "ping", []]
PONG = bytes.fromhex("940101c0a4706f6e67")  # [1, 1, nil, "pong"]


def setUpModule():
    global FOLDER
    if not os.environ.get("NEEDLETAIL_TEST_BINARY") or not shutil.which("openssl"):
        raise unittest.SkipTest("needs NEEDLETAIL_TEST_BINARY and the command openssl")
    FOLDER = tempfile.mkdtemp(prefix="needletail-tls-")
    subprocess.run([MAKE, FOLDER], check=True, capture_output=True, timeout=60)


def tearDownModule():
    shutil.rmtree(FOLDER, ignore_errors=True)


def path(name):
    return os.path.join(FOLDER, name)


def replace(name, other):
    """Has the files of `name` hold the certificate `other` from now on."""
    for ending in ("pem", "key"):
        shutil.copy(path(f"{other}.{ending}"), path(f"{name}.{ending}.new"))
        os.rename(path(f"{name}.{ending}.new"), path(f"{name}.{ending}"))


class Server:
    """A server that speaks TLS, in a directory of its own."""

    def __init__(self, certificate="server", *options):
        self.log = []
        self._directory = tempfile.mkdtemp(prefix="needletail-tls-server-")
        self.process = subprocess.Popen(
            [os.environ["NEEDLETAIL_TEST_BINARY"], "serve", "--port", "0", "--admin-port", "0", "--durability", "memory",
             "--log-format", "json", "--tls-mode", "required", "--tls-certificate", path(f"{certificate}.pem"),
             "--tls-key", path(f"{certificate}.key"), *options],
            cwd=self._directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until(lambda: self.says("ready") or self.process.poll() is not None, "the server is ready")
        self.port = next(line["rpcPort"] for line in self.log if line["message"] == "ready")

    def _read(self):
        for line in self.process.stderr:
            self.log.append(json.loads(line))

    def says(self, part):
        return any(part in line["message"] for line in list(self.log))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)
        self.process.stderr.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1_024 for line in status if line.startswith("VmRSS"))

    def connect(self, identity=None, version=None, session=None):
        context = client_context(identity, version)
        return Client(context, self.port, session)


def client_context(identity=None, version=None):
    context = ssl.create_default_context(cafile=path("ca.pem"))
    if version:
        context.minimum_version = context.maximum_version = version
    if identity:
        context.load_cert_chain(path(f"{identity}.pem"), path(f"{identity}.key"))
    return context


class Client:
    """A connection that speaks MessagePack-RPC over TLS."""

    def __init__(self, context, port, session=None):
        plain = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS_MAX)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context.wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False, session=session)
        except Exception:
            plain.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, method, request):
        self.socket.sendall(msgpack.packb([0, 7, method, [request]]))
        unpacker = msgpack.Unpacker(strict_map_key=False)
        while True:
            part = self.socket.recv(1 << 16)
            if not part:
                raise EOFError("closed without an answer")
            unpacker.feed(part)
            for kind, number, error, result in unpacker:
                assert (kind, number) == (1, 7)
                return error, result

    def get(self, caller):
        return self.call("get", {"key": b"k", "context": {"fromService": caller}})

    def serial(self):
        return self.socket.getpeercert()["serialNumber"]

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError("closed")
            data += part
        return data

    def read_to_end(self):
        """What still comes until the server ends the connection as TLS wants it; raises if it ends otherwise."""
        data = b""
        while part := self.socket.recv(1 << 16):
            data += part
        return data


class HalfCloser:
    """A client that ends its side and reads on, which Python's sockets do not: TLS and TCP apart."""

    def __init__(self, port):
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = client_context("billing").wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS_MAX)
        self._do(self._tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _do(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                part = self._socket.recv(1 << 16)
                self._incoming.write(part) if part else self._incoming.write_eof()

    def _flush(self):
        if self._outgoing.pending:
            self._socket.sendall(self._outgoing.read())

    def send_and_end(self, data, is_announced):
        """Ends TLS's side, or only TCP's; what comes until the server ends both."""
        self._tls.write(data)
        if is_announced:
            try:
                self._tls.unwrap()
            except ssl.SSLWantReadError:
                pass  # the server's end comes later
        self._flush()
        self._socket.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := self._do(lambda: self._tls.read(1 << 16)):
                answer += part
        except ssl.SSLZeroReturnError:
            pass  # ended as TLS wants it
        return answer


class MutualTLS(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("server", "--tls-ca", path("ca.pem"))
        cls.addClassCleanup(cls.server.__exit__)

    def test_a_caller_is_whom_its_certificate_names(self):
        with self.server.connect("billing") as client:
            for caller in ("billing", "spiffe://example.org/billing"):
                self.assertIsNone(client.get(caller)[0])
            error, result = client.get("ledger")
            self.assertEqual((error["code"], error["effect"]), (PERMISSION_DENIED, NOT_EXECUTED))
            self.assertIsNone(result)
            self.assertIsNone(client.get("billing")[0], "the connection goes on")

    def test_who_shows_no_certificate_of_the_authority_is_not_served(self):
        for identity in (None, "stranger", "nameless"):
            with self.subTest(identity=identity):
                # With TLS 1.3 the refusal comes after the client's side of the handshake.
                with self.assertRaises((ssl.SSLError, OSError, EOFError)):
                    with self.server.connect(identity) as client:
                        client.get("billing")

    def test_versions(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.server.connect("billing", version) as client:
                self.assertIsNone(client.get("billing")[0])
                self.assertEqual(client.get("ledger")[0]["code"], PERMISSION_DENIED)

    def test_a_resumed_session_is_still_the_same_caller(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                context = client_context("billing", version)
                with Client(context, self.server.port) as first:
                    self.assertIsNone(first.get("billing")[0])
                    session = first.socket.session
                with Client(context, self.server.port, session) as second:
                    self.assertTrue(second.socket.session_reused)
                    self.assertIsNone(second.get("billing")[0])
                    self.assertEqual(second.get("ledger")[0]["code"], PERMISSION_DENIED)

    def test_large_values(self):
        value = os.urandom(16 << 20)
        with self.server.connect("billing") as client:
            self.assertIsNone(client.call("put", {"key": b"large", "value": value})[0])
            self.assertEqual(client.call("get", {"key": b"large"})[1]["value"], value)

    def test_calls_however_their_bytes_come(self):
        with self.server.connect("billing") as client:
            for byte in PING:  # a record for each byte
                client.socket.sendall(bytes([byte]))
            self.assertEqual(client.read(len(PONG)), PONG)
            client.socket.sendall(PING * 5_000)  # several in a record, and some across two
            self.assertEqual(client.read(5_000 * len(PONG)), PONG * 5_000)

    def test_a_client_that_ends_its_side_gets_its_answers(self):
        for is_announced in (True, False):
            with self.subTest(is_announced=is_announced), HalfCloser(self.server.port) as client:
                self.assertEqual(client.send_and_end(PING * 300, is_announced), PONG * 300)

    def test_plaintext_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=WAIT_SECONDS_MAX) as plain:
            plain.sendall(PING)
            answer = b""
            while part := plain.recv(4_096):
                answer += part
            error = msgpack.unpackb(answer)[2]
            self.assertEqual((error["code"], error["effect"]), (7, NOT_EXECUTED))
            self.assertIn("TLS is required", error["message"])

    def test_rubbish_instead_of_a_handshake_does_no_harm(self):
        for rubbish in (bytes.fromhex("1603") + bytes(64), bytes.fromhex("16030100c8010000c40303") + bytes(300),
                        bytes.fromhex("160303ffff") + os.urandom(500), bytes.fromhex("1603") + os.urandom(2_000)):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=WAIT_SECONDS_MAX) as plain:
                # The server may have closed by then.
                with contextlib.suppress(OSError):
                    plain.sendall(rubbish)
                    plain.shutdown(socket.SHUT_WR)
                    while plain.recv(4_096):
                        pass
        with self.server.connect("billing") as client:
            self.assertIsNone(client.get("billing")[0])


class Memory(unittest.TestCase):
    def test_a_large_answer_leaves_no_large_buffer_behind(self):
        clients, size = 12, 8 << 20
        with Server("server") as server, contextlib.ExitStack() as open_clients:
            def take(client):
                self.assertEqual(len(client.call("get", {"key": b"large"})[1]["value"]), size)
                client.get("anyone")

            first = open_clients.enter_context(server.connect())
            first.call("put", {"key": b"large", "value": bytes(size)})
            take(first)
            before = server.resident_bytes()
            for _ in range(clients):
                take(open_clients.enter_context(server.connect()))
            self.assertLess(server.resident_bytes() - before, clients * size // 4)


class Stall(unittest.TestCase):
    def test_half_a_handshake_is_closed_in_time(self):
        with Server("server", "--rpc-stall-timeout", "300ms") as server:
            outgoing = ssl.MemoryBIO()
            client = client_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
            with self.assertRaises(ssl.SSLWantReadError):
                client.do_handshake()
            hello = outgoing.read()
            for part in (hello[:2], hello[:50], hello):  # the last one is whole, and nothing follows
                with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS_MAX) as plain:
                    plain.sendall(part)
                    while plain.recv(4_096):
                        pass
            self.assertTrue(server.says("made no progress"))


class Reload(unittest.TestCase):
    def test_new_connections_get_the_new_certificate_and_old_ones_live_on(self):
        replace("current", "server")
        with Server("current") as server, server.connect() as old:
            self.assertIsNone(old.get("anyone")[0])
            replace("current", "renewed")
            server.process.send_signal(signal.SIGHUP)
            until(lambda: server.says("read again: new connections"), "the files are read again")
            with server.connect() as new:
                self.assertNotEqual(new.serial(), old.serial())
                self.assertIsNone(new.get("anyone")[0])
                renewed = new.serial()
            self.assertIsNone(old.get("anyone")[0])

            with open(path("current.pem"), "w") as file:
                file.write("no certificate")
            server.process.send_signal(signal.SIGHUP)
            until(lambda: server.says("were not read again"), "the server says that it could not")
            with server.connect() as new:
                self.assertEqual(new.serial(), renewed)
                self.assertIsNone(new.get("anyone")[0])
            self.assertIsNone(old.get("anyone")[0])
            line = next(line for line in server.log if "were not read again" in line["message"])
            self.assertEqual(line["level"], "error")
            for part in ("tls.certificate", "current.pem", "expected a PEM file"):
                self.assertIn(part, line["message"])


class Shutdown(unittest.TestCase):
    def test_calls_that_have_arrived_are_answered_before_the_end(self):
        count = 5_000
        with Server("server") as server, server.connect() as client, server.connect() as idle:
            client.socket.sendall(PING * count)
            self.assertEqual(client.read(len(PONG)), PONG)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(client.read_to_end(), PONG * (count - 1))
            self.assertEqual(idle.read_to_end(), b"")
            # The server need not wait for us to notice.
            client.socket.close()
            idle.socket.close()
            self.assertEqual(server.process.wait(WAIT_SECONDS_MAX), 0)

    def test_a_handshake_does_not_hold_it_up(self):
        with Server("server") as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS_MAX) as plain:
                plain.sendall(bytes.fromhex("160301"))
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(5), 0)
