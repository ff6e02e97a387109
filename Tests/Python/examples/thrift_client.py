#!/usr/bin/env python3
"""Needletail with Apache Thrift.

    pip install thrift
    mkdir -p gen
    thrift --gen py -out gen Sources/StorageAPI/storage.thrift
    PYTHONPATH=gen python3 Tests/Python/examples/thrift_client.py 127.0.0.1 7400
"""

import sys

from needletail.storage import Storage
from needletail.storage.ttypes import (
    Condition, Effect, ErrorCode, GetRequest, IncrementRequest, KeyStatus, MultiGetRequest, PutRequest, ReadPolicy,
    RequestContext, StorageError)
from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TFramedTransport

host, port = sys.argv[1], int(sys.argv[2])
socket = TSocket(host, port)
socket.setTimeout(5000)  # milliseconds; longer than any deadline below
# The library's own limit for what it reads is 16,384,000 bytes, less than one value may have.
transport = TFramedTransport(socket, max_frame_size=64 * 1024 * 1024)
storage = Storage.Client(TBinaryProtocolAccelerated(transport))
transport.open()

# Store, if nobody else has.
put = storage.put(PutRequest(key=b"user:1", value=b"Ada", ttlMillis=60_000, condition=Condition.IF_ABSENT))
print("stored" if put.applied else "was there", "as version", put.version)

# Read. A missing key is an answer, not an error.
got = storage.get(GetRequest(key=b"user:1"))
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

transport.close()
