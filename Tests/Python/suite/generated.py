"""Code that Apache's compiler makes of storage.thrift and history.thrift, in a temporary directory that goes with the process."""

import functools
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

IDL = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                    "..", "..", "..", "Sources", "StorageAPI", "storage.thrift"))
HISTORY_IDL = os.path.join(os.path.dirname(IDL), "history.thrift")


def compiler():
    """The path of the Thrift compiler; skips where there is none."""
    path = shutil.which(os.environ.get("THRIFT_COMPILER", "thrift"))
    if path is None:
        raise unittest.SkipTest("no Thrift compiler (Debian: thrift-compiler) on PATH")
    return path


def generate(language, directory, idl=IDL):
    """Runs the compiler; returns what it printed. Raises RuntimeError where it refuses the file."""
    done = subprocess.run([compiler(), "-strict", "--gen", language, "-out", directory, idl],
                          capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"thrift --gen {language}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


_directory = None


@functools.lru_cache(maxsize=1)
def modules():
    """(Storage, ttypes) as generated for Python."""
    global _directory
    _directory = tempfile.TemporaryDirectory(prefix="needletail-gen-")
    generate("py", _directory.name)
    sys.path.insert(0, _directory.name)
    return importlib.import_module("needletail.storage.Storage"), importlib.import_module("needletail.storage.ttypes")


@functools.lru_cache(maxsize=1)
def history_modules():
    """(History, ttypes) as generated for Python; beside those of storage.thrift, which they import."""
    modules()
    generate("py", _directory.name, HISTORY_IDL)
    importlib.invalidate_caches()
    return importlib.import_module("needletail.history.History"), importlib.import_module("needletail.history.ttypes")
