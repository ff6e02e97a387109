#!/usr/bin/env python3
"""Many keys over several servers, with MessagePack-RPC: one message to each, all at once, one deadline.

    pip install msgpack xxhash
    python3 Tests/Python/examples/sharded_client.py 127.0.0.1:7400 127.0.0.1:7402
"""

import concurrent.futures
import sys

from msgpack_client import CANCEL, DEADLINE_EXCEEDED, FAILED, FOUND, SHED, Storage, StorageError
from placement import server_of


class ShardedStorage:
    """`servers`: host and port of each, in the same order everywhere. One call at a time."""

    def __init__(self, servers):
        self._servers = [Storage(host, port) for host, port in servers]
        self._threads = concurrent.futures.ThreadPoolExecutor(max_workers=len(servers))

    def put(self, key, value):
        return self._servers[server_of(key, len(self._servers))].call("put", key=key, value=value)

    def multi_get(self, keys, timeout_millis):
        """(values, statuses), in the order of the keys."""
        values, statuses = [None] * len(keys), [FAILED] * len(keys)
        positions = {}
        for position, key in enumerate(keys):
            positions.setdefault(server_of(key, len(self._servers)), []).append(position)

        def ask(server):
            return self._servers[server].call(
                "multiGet", timeout_millis, keys=[keys[position] for position in positions[server]], policy=CANCEL)

        parts = {server: self._threads.submit(ask, server) for server in positions}
        for server, part in parts.items():
            try:
                answer = part.result()
                for position, value, status in zip(positions[server], answer["values"], answer["statuses"]):
                    values[position], statuses[position] = value, status
            except (StorageError, OSError) as error:
                print(f"server {server}: {error}", file=sys.stderr)
                for position in positions[server]:
                    statuses[position] = self._status(error)
        return values, statuses

    @staticmethod
    def _status(error):
        if isinstance(error, TimeoutError) or getattr(error, "code", 0) == 2:
            return DEADLINE_EXCEEDED
        return SHED if getattr(error, "code", 0) == 3 else FAILED


def main():
    addresses = [address.rpartition(":") for address in sys.argv[1:]]
    storage = ShardedStorage([(host, int(port)) for host, _, port in addresses])
    keys = [b"user:%d" % number for number in range(20)]
    for key in keys[1:]:
        storage.put(key, b"value of " + key)
    values, statuses = storage.multi_get(keys, timeout_millis=1_000)
    assert statuses[1:] == [FOUND] * 19 and values[1:] == [b"value of " + key for key in keys[1:]], statuses
    print(f"{statuses.count(FOUND)} of {len(keys)} keys from {len(addresses)} servers")


if __name__ == "__main__":
    main()
