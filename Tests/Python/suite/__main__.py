"""Runs the suite against the server at NEEDLETAIL_TEST_ADDRESS and ends with a line of counts.

`python -m suite [-v] [PATTERN...]` from Tests/Python; a pattern is a part of a test's name, such as `ManyKeys[msgpack`.
"""

import argparse
import faulthandler
import sys
import time
import unittest

MODULES = (
    "test_idl", "test_thrift_wire", "test_header_wire", "test_msgpack_wire", "test_connections", "test_tls",
    "test_history", "test_behaviour",
)


class Result(unittest.TextTestResult):
    """Counts what passed, so that a run of nothing cannot look like a good one, and how long each test took."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0
        self.failed_tests = set()
        self.durations = []

    def startTest(self, test):
        self._start = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.durations.append((time.monotonic() - self._start, test.id()))
        super().stopTest(test)

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)

    def addFailure(self, test, err):
        self.failed_tests.add(test.id())
        super().addFailure(test, err)

    def addError(self, test, err):
        self.failed_tests.add(test.id())
        super().addError(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.failed_tests.add(test.id())
        super().addSubTest(test, subtest, err)


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def main():
    parser = argparse.ArgumentParser(prog="suite", description=__doc__)
    parser.add_argument("pattern", nargs="*", help="only tests whose name contains one of these")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--seconds", type=float, default=0, help="print all stacks and end after this long; 0: never")
    options = parser.parse_args()
    if options.seconds:
        faulthandler.dump_traceback_later(options.seconds, exit=True)
    tests = unittest.TestSuite()
    for module in MODULES:  # by name, so that its own load_tests is asked
        tests.addTests(
            test for test in flatten(unittest.defaultTestLoader.loadTestsFromName(f"{__package__}.{module}"))
            if not options.pattern or any(pattern in test.id() for pattern in options.pattern))
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if options.verbose else 0, resultclass=Result)
    result = runner.run(tests)
    slowest = sorted(result.durations, reverse=True)[:5]
    print("slowest: " + ", ".join(f"{name.split('.', 2)[-1]} {seconds:.2f} s" for seconds, name in slowest))
    reasons = {}
    for _test, reason in result.skipped:
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        print(f"skipped {count}: {reason}")
    failed = len(result.failed_tests)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    return 0 if result.passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
