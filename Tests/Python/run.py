#!/usr/bin/env python3
"""Starts a built server, runs the suite and the examples against it, stops it.

    pip install -r Tests/Python/requirements.txt     # and Debian's thrift-compiler, or another `thrift` on PATH
    python3 Tests/Python/run.py .build/debug/needletail

Without a binary the server at NEEDLETAIL_TEST_ADDRESS (host:port) is used and left alone; it must run with
`--durability memory` and default limits. Options after the binary: `-k PART` runs only tests whose name contains PART,
such as `-k 'ManyKeys[msgpack-ids]'`; `--bound SECONDS`; `-v`.

Tests of a client library that is not installed are skipped, by name. Ends with a line such as
`2600 passed, 0 failed, 0 skipped`; exits 0 only if something passed, nothing failed and the server ended as it should.
"""

import argparse
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
IDL = os.path.normpath(os.path.join(HERE, "..", "..", "Sources", "StorageAPI", "storage.thrift"))

BOUND_SECONDS = 120.0  # of everything
READY_SECONDS_MAX = 30.0  # from start to the ready line
SHUTDOWN_SECONDS_MAX = 15.0  # from SIGTERM to the end; the server's own bound is 10
LOG_LINES_SHOWN = 60


class Failed(Exception):
    pass


def find_port(line):
    """The value of `rpcPort`, wherever it stands in a JSON line; a number or a string of digits."""
    def search(value):
        if isinstance(value, dict):
            if str(value.get("rpcPort", "")).isdigit():
                return int(value["rpcPort"])
            value = list(value.values())
        if isinstance(value, list):
            return next((port for port in map(search, value) if port), None)
        return None

    try:
        port = search(json.loads(line))
    except ValueError:
        port = None
    if port is None:
        match = re.search(r'"rpcPort"\s*:\s*"?(\d+)', line)
        port = int(match.group(1)) if match else None
    return port


class Server:
    """A server of our own: started in a directory of its own, ended by its process id."""

    def __init__(self, binary, directory):
        self._tail = collections.deque(maxlen=LOG_LINES_SHOWN)
        self._ready = threading.Event()
        self.port = None
        self._process = subprocess.Popen(
            [binary, "serve", "--port", "0", "--admin-port", "0", "--durability", "memory", "--log-format", "json"],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        """Reads the log to its end, so that the server never waits for us."""
        for line in self._process.stdout:
            text = line.decode("utf-8", "replace").rstrip()
            self._tail.append(text)
            if self.port is None and '"rpcPort"' in text:
                self.port = find_port(text)
                if self.port:
                    self._ready.set()
        self._ready.set()  # at the end, too, so that nobody waits for a dead server

    def wait_until_ready(self, seconds):
        self._ready.wait(seconds)
        if not self.port:
            raise Failed(f"the server did not say \"rpcPort\" within {seconds:.0f} s; exit code {self._process.poll()}")

    def stop(self):
        """SIGTERM; the server must end in time and with 0."""
        if self._process.poll() is not None:
            raise Failed(f"the server had ended by itself, exit code {self._process.returncode}")
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(SHUTDOWN_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server did not end within {SHUTDOWN_SECONDS_MAX:.0f} s of SIGTERM") from None
        if code != 0:
            raise Failed(f"the server ended with {code} on SIGTERM")

    def kill(self):
        """Whatever happens, nothing is left running."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=5)

    def show_log(self):
        print(f"--- the server's last {len(self._tail)} log lines")
        print("\n".join(self._tail))
        print("---", flush=True)


def run_bounded(command, seconds, environment):
    """(exit code, what it printed); the exit code is None if it had to be killed."""
    process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace")
    try:
        output, _ = process.communicate(timeout=max(seconds, 1))
        return process.returncode, output
    except subprocess.TimeoutExpired:
        process.kill()
        return None, process.communicate()[0]


def run_examples(host, port, environment, seconds_left):
    """(passed, failed, skipped)."""
    counts = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="needletail-example-") as generated:
        address = f"{host}:{port}"
        for name, packages, arguments in (
                ("thrift_client.py", "thrift", [host, str(port)]), ("msgpack_client.py", "msgpack", [host, str(port)]),
                # One server stands for three: what counts is that every key is found where it was put.
                ("sharded_client.py", "msgpack, xxhash", [address] * 3), ("placement.py", "xxhash", [])):
            compiler = shutil.which(os.environ.get("THRIFT_COMPILER", "thrift"))
            found = subprocess.run([sys.executable, "-c", f"import {packages}"], capture_output=True).returncode == 0
            if not found or packages == "thrift" and not compiler:
                print(f"skipped: examples/{name} needs {packages}")
                counts["skipped"] += 1
                continue
            if packages == "thrift":
                subprocess.run([compiler, "--gen", "py", "-out", generated, IDL], check=True, timeout=60)
            code, output = run_bounded(
                [sys.executable, os.path.join(HERE, "examples", name), *arguments], seconds_left(),
                {**environment, "PYTHONPATH": generated})
            counts["passed" if code == 0 else "failed"] += 1
            print(f"examples/{name}: {'ok' if code == 0 else f'exit code {code}'}")
            if code != 0:
                print(output)
    return counts["passed"], counts["failed"], counts["skipped"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", help="a built `needletail`")
    parser.add_argument("-k", action="append", default=[], metavar="PART", help="only tests whose name contains PART")
    parser.add_argument("--bound", type=float, default=BOUND_SECONDS, metavar="SECONDS", help="of the whole run")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()

    end = time.monotonic() + options.bound

    def seconds_left(reserve=0.0):
        return end - time.monotonic() - reserve

    environment = dict(os.environ)
    if not options.binary and not environment.get("NEEDLETAIL_TEST_ADDRESS"):
        parser.error("give the path of a built needletail, or NEEDLETAIL_TEST_ADDRESS")

    passed = failed = skipped = 0
    server = None
    with tempfile.TemporaryDirectory(prefix="needletail-test-") as directory:
        environment["TMPDIR"] = directory  # what the suite generates goes with it, even if it has to be killed
        try:
            if options.binary:
                environment["NEEDLETAIL_TEST_BINARY"] = os.path.abspath(options.binary)  # for servers of the suite's own
                server = Server(os.path.abspath(options.binary), directory)
                server.wait_until_ready(min(READY_SECONDS_MAX, seconds_left()))
                environment["NEEDLETAIL_TEST_ADDRESS"] = f"127.0.0.1:{server.port}"
            host, _, port = environment["NEEDLETAIL_TEST_ADDRESS"].rpartition(":")

            if not options.k:
                passed, failed, skipped = run_examples(host, int(port), environment, seconds_left)

            limit = seconds_left(reserve=SHUTDOWN_SECONDS_MAX if server else 0)
            command = [sys.executable, "-m", "suite", "--seconds", str(max(limit - 2, 1)), *options.k]
            code, output = run_bounded(command + (["-v"] if options.verbose else []), limit, environment)
            counts = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.MULTILINE)
            print(output[:output.rfind("\n", 0, -1) + 1] if counts else output, end="")
            if not counts:
                raise Failed(f"the suite did not come to its end (exit code {code}, bound {options.bound:.0f} s)")
            passed, failed, skipped = (a + int(b) for a, b in zip((passed, failed, skipped), counts[-1]))
            if counts[-1][0] == "0":
                raise Failed("no test of the suite passed")
            if code != 0 and counts[-1][1] == "0":
                raise Failed(f"the suite ended with {code} although nothing failed")
            if server:
                server.stop()
                passed += 1  # that it ended in time and with 0
        except (Failed, OSError, subprocess.SubprocessError) as error:
            print(f"FAILED: {error}")
            failed += 1
        finally:
            if server:
                server.kill()
        if failed and server:
            server.show_log()
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
