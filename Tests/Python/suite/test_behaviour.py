"""The behaviour suite through every adapter: one class for each adapter and topic."""

import unittest

from . import behaviour
from .msgpack_adapters import msgpack_adapters
from .thrift_adapters import apache_adapters, apache_header_adapters, thriftpy2_adapters


#: Adapters that the tests with answers of tens of megabytes run through, too.
LARGE = ("apache-binary-framed", "apache-compact-c-buffered", "msgpack-names")


def adapters():
    """name -> factory of open adapters."""
    return {**apache_adapters(), **apache_header_adapters(), **thriftpy2_adapters(), **msgpack_adapters()}


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for name, factory in adapters().items():
        for topic in behaviour.ALL + (behaviour.LARGE if name in LARGE else ()):
            case = type(f"{topic.__name__}[{name}]", (topic,), {"make_client": staticmethod(factory)})
            suite.addTests(loader.loadTestsFromTestCase(case))
    return suite
