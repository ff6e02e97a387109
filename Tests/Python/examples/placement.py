#!/usr/bin/env python3
"""Which of several servers has a key: the same for clients in every language (KeyPlacement.swift).

    pip install xxhash
    python3 Tests/Python/examples/placement.py              # checks the published places
    echo 757365723a31 | python3 Tests/Python/examples/placement.py 10    # the server of each key, in hexadecimal, of 10
"""

import sys

import xxhash


def server_of(key, count):
    """The index of the server that has `key` (bytes), of `count` in the order of their list."""
    state = xxhash.xxh64_intdigest(key, seed=0)
    bucket = following = 0
    while following < count:  # jump consistent hash (Lamping and Veach, 2014)
        bucket = following
        state = (state * 2862933555777941757 + 1) % 2**64
        following = int((bucket + 1) * ((1 << 31) / ((state >> 33) + 1)))
    return bucket


PUBLISHED = {
    b"": (1, 2, 7, 332),
    b"a": (1, 1, 8, 894),
    b"abc": (0, 0, 6, 722),
    b"user:1": (0, 2, 2, 182),
    b"user:2": (0, 0, 0, 377),
    bytes(range(32)): (1, 1, 7, 243),
    bytes(range(100)): (0, 2, 7, 735),
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        for line in sys.stdin:
            print(server_of(bytes.fromhex(line), int(sys.argv[1])))
    else:
        for key, places in PUBLISHED.items():
            assert tuple(server_of(key, count) for count in (2, 3, 10, 1000)) == places, key
        print(f"{len(PUBLISHED)} keys are where they should be")
