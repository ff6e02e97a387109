#!/usr/bin/env python3
"""Needletail with Apache Thrift.

    pip install thrift
    mkdir -p gen
    thrift --gen py -out gen Sources/StorageAPI/storage.thrift
    PYTHONPATH=gen python3 Tests/Python/examples/thrift_client.py 127.0.0.1 7400
"""

import random
import sys
import time

from needletail.storage import Storage
from needletail.storage.ttypes import (
    Condition, Effect, ErrorCode, GetRequest, IncrementRequest, KeyStatus, MultiGetRequest, PutRequest, ReadPolicy,
    RequestContext, StorageError)
from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TFramedTransport, TTransportException

WORTH_REPEATING = {ErrorCode.DEADLINE_EXCEEDED, ErrorCode.OVERLOADED, ErrorCode.UNAVAILABLE}


def repeat(call, is_read=False, attempts=3):
    """Calls a few times where that is safe: if the call was not executed, or changes nothing."""
    for attempt in range(1, attempts + 1):
        try:
            return call()
        except StorageError as error:
            is_safe = error.effect == Effect.NOT_EXECUTED or is_read
            if attempt == attempts or not is_safe or error.code not in WORTH_REPEATING:
                raise
            pause_millis = error.retryAfterMillis or 10 * 2**attempt
            time.sleep(pause_millis / 1000 * random.uniform(0.5, 1))  # not all clients at once


host, port = sys.argv[1], int(sys.argv[2])
socket = TSocket(host, port)
socket.setTimeout(5000)  # milliseconds; longer than any deadline below, so that the server's answer comes first
# The library's own limit for what it reads is 16,384,000 bytes, less than one value may have.
transport = TFramedTransport(socket, max_frame_size=64 * 1024 * 1024)
storage = Storage.Client(TBinaryProtocolAccelerated(transport))
transport.open()

# Store, if nobody else has.
put = storage.put(PutRequest(key=b"user:1", value=b"Ada", ttlMillis=60_000, condition=Condition.IF_ABSENT))
print("stored" if put.applied else "was there", "as version", put.version)

# Read. A missing key is an answer, not an error.
got = repeat(lambda: storage.get(GetRequest(key=b"user:1")), is_read=True)
print("user:1 =", got.value, "for another", got.ttlMillis, "ms")

# Change what was read, and only that: compare-and-set.
put = storage.put(PutRequest(key=b"user:1", value=b"Ada Lovelace", ifVersion=got.version))
print("changed" if put.applied else "somebody else was faster")

# Read many within 50 ms. CANCEL answers what there is by then; each key says what became of it.
keys = [b"user:1", b"user:2", b"user:3"]
answer = storage.multiGet(MultiGetRequest(
    keys=keys, policy=ReadPolicy.CANCEL, context=RequestContext(timeoutMillis=50, logID="example")))
again = []
for key, value, status in zip(keys, answer.values, answer.statuses):
    if status == KeyStatus.FOUND:
        print(key, "=", value)
    elif status == KeyStatus.MISSING:
        print(key, "is missing")
    else:
        print(key, "was not read:", KeyStatus._VALUES_TO_NAMES[status])
        again.append(key)  # worth another call, with what is left of our own deadline
print("complete" if answer.complete else f"to ask for again: {again}")

# An error says what was wrong, and whether anything was changed.
try:
    storage.increment(IncrementRequest(key=b"user:1", delta=1))
except StorageError as error:
    print(ErrorCode._VALUES_TO_NAMES[error.code], Effect._VALUES_TO_NAMES[error.effect], error.message)
except TTransportException:
    # No answer in time, or no connection: whether it was executed nobody here can tell. The answer may still come, and
    # would be taken for the next call's: go on with a new connection.
    transport.close()
    transport.open()
    raise

transport.close()
