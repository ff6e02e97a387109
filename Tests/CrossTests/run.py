#!/usr/bin/env python3
"""Has peers of the cross-test talk to each other: every client with every server, in every form of the protocol.

    pip install -r Tests/Python/requirements.txt      # and Debian's thrift-compiler, libthrift-dev and a C++ compiler
    python3 Tests/CrossTests/run.py                                               # C++ and Python with each other
    python3 Tests/CrossTests/run.py --peer swift=.build/debug/crosstest-peer      # and with a third

`--peer NAME=COMMAND` adds a peer, `--server NAME=COMMAND` one that only serves; README.md says how they are called.
`--without cpp` and `--without python` leave a peer out. `--around NAME` runs only pairs in which this peer is one side.
`--keep DIRECTORY` keeps the C++ peer there, for the next run with the same files. `-v` shows every check.

Prints a table of pairs and forms, what failed, and a line such as `2660 passed, 0 failed`; exits 0 only if something
passed, nothing failed, and all clients made the same checks. Without what a peer needs it ends with 2 and says what is
missing.
"""

import argparse
import concurrent.futures
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FORMS = [("binary", "--framed"), ("binary", "--unframed"), ("compact", "--framed"), ("compact", "--unframed")]
MESSAGE_PACK = ("msgpack", "--unframed")
# The word that both peers must have, and the forms that they can then speak besides.
MORE_FORMS = {
    "header": [("binary", "--header"), ("compact", "--header")],
    "zlib": [("binary", "--header", "--zlib"), ("compact", "--header", "--zlib")],
    "ttheader": [("binary", "--ttheader"), ("compact", "--ttheader")],
    "msgpack": [MESSAGE_PACK],
}

COMPILE_SECONDS_MAX = 240.0  # one file
READY_SECONDS_MAX = 30.0  # from a server's start to its line with the port
CALL_SECONDS_MAX = 100.0  # all checks of a client; peers end themselves after 120
END_SECONDS_MAX = 10.0  # from SIGTERM to the end of a server
CHECKS_MIN = 50  # fewer are no cross-test

# What not every peer has; a client makes such a check only where the server has it, too.
OPTIONAL_CHECKS = {"uuid", "uuid-nested", "required-missing", "exception-undeclared"}


class Missing(Exception):
    """Something that a peer is made of is not installed."""


class Failed(Exception):
    pass


class Peer:
    def __init__(self, name, command, environment=None, is_client=True):
        self.name = name
        self.command = command
        self.environment = {**os.environ, **(environment or {})}
        self.is_client = is_client
        self._words = None

    def words(self):
        """What it says of itself: `uuid`, `required`, `undeclared`, `msgpack`, `header`, `zlib`, `ttheader`."""
        if self._words is None:
            done = subprocess.run([*self.command, "--describe"], capture_output=True, text=True, timeout=30,
                                  stdin=subprocess.DEVNULL, env=self.environment)
            if done.returncode != 0:
                raise Failed(f"{self.name} --describe ended with {done.returncode}: {done.stderr.strip()}")
            self._words = set(done.stdout.split())
        return self._words


# MARK: Peers

def tool(variable, *names):
    """The path of the first program that there is; `variable` names another."""
    for name in filter(None, [os.environ.get(variable), *names]):
        if shutil.which(name):
            return shutil.which(name)
    raise Missing(f"none of {', '.join(names)} is installed")


def run_tool(command, seconds):
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")


def generate(language, directory):
    os.makedirs(directory, exist_ok=True)
    # later.thrift includes all the others.
    run_tool([tool("THRIFT_COMPILER", "thrift"), "-nowarn", "-r", "--gen", language, "-out", directory,
              os.path.join(HERE, "later.thrift")], 60)


def contents_hash():
    """Of all that the C++ peer is made of here, and of the compiler's release."""
    files = [os.path.join(folder, name) for folder in (HERE, os.path.join(HERE, "peers", "cpp"))
             for name in sorted(os.listdir(folder)) if name.endswith((".thrift", ".cpp", ".h"))]
    made = hashlib.sha256(subprocess.run([tool("THRIFT_COMPILER", "thrift"), "--version"], capture_output=True,
                                         timeout=30, stdin=subprocess.DEVNULL).stdout)
    for file in files:
        with open(file, "rb") as contents:
            made.update(contents.read())
    return made.hexdigest()[:16]


def cpp_peer(directory, keep):
    """Builds it in `directory`, or takes what was kept of the same files."""
    program = os.path.join(keep or directory, "peer-" + contents_hash())
    if os.path.exists(program):
        return Peer("cpp", [program])
    directory = os.path.join(directory, "cpp")
    compiler = tool("CXX", "g++", "clang++")
    generate("cpp:no_skeleton", directory)
    source = os.path.join(HERE, "peers", "cpp", "peer.cpp")
    files = [source, *(os.path.join(directory, name) for name in os.listdir(directory) if name.endswith(".cpp"))]

    def compile_one(file):
        made = os.path.join(directory, os.path.basename(file) + ".o")
        warnings = ["-Wall", "-Wextra", "-Werror"] if file == source else []
        run_tool([compiler, "-std=c++17", "-O0", *warnings, "-I", directory, "-c", file, "-o", made],
                 COMPILE_SECONDS_MAX)
        return made

    # The largest first, two at a time.
    files.sort(key=os.path.getsize, reverse=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_one, files))
    linked = os.path.join(directory, "peer")
    run_tool([compiler, *objects, "-o", linked, "-lthriftz", "-lthrift", "-lz", "-pthread"], COMPILE_SECONDS_MAX)
    if keep:
        os.makedirs(keep, exist_ok=True)
        for old in filter(lambda name: name.startswith("peer-"), os.listdir(keep)):
            os.unlink(os.path.join(keep, old))
    shutil.move(linked, program)
    return Peer("cpp", [program])


def has_cpp_library():
    """Whether a program can be compiled and linked against libthrift."""
    with tempfile.TemporaryDirectory(prefix="crosstest-") as directory:
        done = subprocess.run([tool("CXX", "g++", "clang++"), "-x", "c++", "-", "-o", os.path.join(directory, "a"),
                               "-lthriftz", "-lthrift", "-lz"], input="#include <thrift/TProcessor.h>\nint main() {}\n",
                              capture_output=True, text=True, timeout=120)
        return done.returncode == 0


def python_peer(directory):
    directory = os.path.join(directory, "python")
    generate("py", directory)
    return Peer("python", [sys.executable, os.path.join(HERE, "peers", "python", "peer.py")],
                {"PYTHONPATH": directory, "PYTHONDONTWRITEBYTECODE": "1"})


def look_for(without):
    """Names what is missing, for tests that want to say why they are skipped."""
    tool("THRIFT_COMPILER", "thrift")
    if "cpp" not in without and not has_cpp_library():
        raise Missing("libthrift (Debian: libthrift-dev) is not installed")
    if "python" not in without:
        try:
            import thrift  # noqa: F401
        except ImportError:
            raise Missing(f"{sys.executable} has no module `thrift`") from None


# MARK: Pairs

class Server:
    """A running server: ends with us, at the latest after its own 120 s."""

    def __init__(self, peer, form):
        self._name = f"{peer.name} server"
        self.port = None
        self._ready = threading.Event()
        self._said = []
        self._process = subprocess.Popen(
            [*peer.command, "--serve", "--host", "127.0.0.1", "--port", "0", "--protocol", *form],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=peer.environment)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        self._ready.wait(READY_SECONDS_MAX)
        if self.port is None:
            self._end()
            raise Failed(f"{self._name} did not say its port: {self.said()}")
        return self

    def __exit__(self, *_):
        code = self._process.poll()
        if code is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                code = self._process.wait(END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                code = "no exit code in time"
        self._end()
        if code != 0:
            raise Failed(f"{self._name} ended with {code}: {self.said()}")

    def said(self):
        return " | ".join(self._said[-20:]) or "it said nothing"

    def _read(self):
        for line in self._process.stdout:
            text = line.decode("utf-8", "replace").strip()
            if text.startswith("PORT ") and self.port is None:
                self.port = int(text.split()[1])
                self._ready.set()
            else:
                self._said.append(text)
        self._ready.set()  # at the end, too, so that nobody waits for a dead server

    def _end(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(timeout=5)
        self._process.stdin.close()


class Outcome:
    """Of one client with one server in one form."""

    def __init__(self):
        self.names = []
        self.failures = []

    def read(self, text):
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            if word == "ok":
                self.names.append(rest.strip())
            elif word == "FAIL":
                name, _, why = rest.partition(" ")
                self.names.append(name)
                self.failures.append(f"{name}: {why}")
            elif line.strip():
                self.failures.append(f"it said: {line}")

    @property
    def passed(self):
        return max(0, len(self.names) - len(self.failures))


def run_pair(client, server, form):
    outcome = Outcome()
    try:
        words = " ".join(sorted(server.words()))
        with Server(server, form) as running:
            command = [*client.command, "--call", "--host", "127.0.0.1", "--port", str(running.port),
                       "--protocol", *form, "--server-has", words]
            try:
                done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=client.environment,
                                      timeout=CALL_SECONDS_MAX, stdin=subprocess.DEVNULL)
            except subprocess.TimeoutExpired as error:
                outcome.read((error.stdout or b"").decode("utf-8", "replace"))
                raise Failed(f"the client did not end in time; its last check was {outcome.names[-1:]}") from None
            outcome.read(done.stdout)
            if done.returncode != (1 if outcome.failures else 0):
                raise Failed(f"the client ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
            if len(outcome.names) < CHECKS_MIN:
                raise Failed(f"the client made {len(outcome.names)} checks only: {done.stderr.strip()[-1000:]}")
    except Failed as failure:
        outcome.failures.append(str(failure))
    return outcome


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--without", action="append", default=[], choices=("cpp", "python"))
    parser.add_argument("--around", metavar="NAME")
    parser.add_argument("--keep", metavar="DIRECTORY")
    parser.add_argument("--look", action="store_true", help="only say what is missing, if anything")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    # A test may start us from a thread that blocks signals; our children would inherit that, and heed no SIGTERM.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # Whoever ends us ends our children: `with` and `finally` run on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.look:
            look_for(options.without)
            return 0
        with tempfile.TemporaryDirectory(prefix="crosstest-") as directory:
            return run(options, directory)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1


def run(options, directory):
    peers = []
    if "cpp" not in options.without:
        peers.append(cpp_peer(directory, options.keep and os.path.abspath(options.keep)))
    if "python" not in options.without:
        peers.append(python_peer(directory))
    for text, is_client in [(text, True) for text in options.peer] + [(text, False) for text in options.server]:
        name, _, command = text.partition("=")
        peers.append(Peer(name, shlex.split(command), is_client=is_client))

    passed = failed = 0
    checks = {}  # by whether it is MessagePack: the names of those that the first client made
    for server in peers:
        for client in filter(lambda peer: peer.is_client, peers):
            if options.around and not any(options.around in peer.name for peer in (server, client)):
                continue
            both = server.words() & client.words()
            for form in FORMS + [form for word, forms in MORE_FORMS.items() if word in both for form in forms]:
                start = time.monotonic()
                outcome = run_pair(client, server, form)
                words = form[:1] if form is MESSAGE_PACK else form
                label = f"{client.name} -> {server.name}, {', '.join(word.removeprefix('--') for word in words)}"
                seconds = time.monotonic() - start
                counts = f"{outcome.passed:4} passed {len(outcome.failures):4} failed"
                print(f"{label:52}{counts} {seconds:7.1f} s", flush=True)
                for line in outcome.names if options.verbose else []:
                    print(f"    {line}")
                for line in outcome.failures:
                    print(f"{label}: {line}", flush=True)
                passed += outcome.passed
                failed += len(outcome.failures)
                made = [name for name in outcome.names if name not in OPTIONAL_CHECKS]
                first = checks.setdefault(form is MESSAGE_PACK, made)
                if first != made:
                    other = set(made) ^ set(first)
                    print(f"{label}: other checks than the first client's: {', '.join(sorted(other)) or 'their order'}")
                    failed += 1
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
