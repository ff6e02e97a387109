"""Service History, on the port of Storage: through `msgpack`, and through stubs of history.thrift that Apache's compiler made."""

import unittest

from . import generated
from .msgpack_adapters import MsgpackCodec, RpcClient
from .support import WAIT_SECONDS_MAX, server_address, unique_prefix

HOUR_MILLIS = 3_600_000

#: In no order; three periods, one before 1970.
EVENTS = [(HOUR_MILLIS, b"c"), (5, b"a"), (-1, b"z"), (5, b"b"), (2 * HOUR_MILLIS - 1, b"\x00\xff")]
SORTED = sorted(EVENTS, key=lambda event: event[0])


class MessagePack(unittest.TestCase):
    def setUp(self):
        self.client = RpcClient(MsgpackCodec())
        self.addCleanup(self.client.close)

    def call(self, method, request):
        error, result = self.client.call(method, [request])
        self.assertIsNone(error)
        return result

    def test_by_names(self):
        owner = unique_prefix()
        events = [{"timestampMillis": time, "data": data} for time, data in EVENTS]
        self.assertEqual(self.call("setData", {"owner": owner, "events": events})["written"], len(EVENTS))
        answer = self.call("getDataByRange", {"owner": owner, "fromMillis": -10, "toMillis": 2 * HOUR_MILLIS})
        self.assertEqual([(each["timestampMillis"], each["data"]) for each in answer["events"]], SORTED)
        self.assertIs(answer["complete"], True)
        self.assertIsNone(answer.get("missingPeriods"))

    def test_by_ids(self):
        owner = unique_prefix()
        events = [{1: time, 2: data} for time, data in EVENTS]
        self.assertEqual(self.call("History:setData", {1: owner, 2: events})[1], len(EVENTS))
        answer = self.call("getDataByRange", {1: owner, 2: 5, 3: 2 * HOUR_MILLIS, 4: 2, 5: True})
        self.assertEqual([(each[1], each[2]) for each in answer[1]], SORTED[:-3:-1])
        self.assertIs(answer[2], True)

    def test_errors(self):
        error, _ = self.client.call("getDataByRange", [{"owner": b"", "fromMillis": 0, "toMillis": 1}])
        self.assertEqual((error["code"], error["effect"]), (1, 1))
        error, _ = self.client.call("Storage:setData", [{"owner": b"x", "events": []}])
        self.assertEqual(error["code"], 1)


class Thrift(unittest.TestCase):
    def client(self, protocol, name=None):
        from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
        from thrift.transport import TTransport
        from thrift.transport.TSocket import TSocket

        service, types = generated.history_modules()
        socket = TSocket(*server_address())
        socket.setTimeout(WAIT_SECONDS_MAX * 1000)
        transport = TTransport.TFramedTransport(socket)
        wire = protocol(transport)
        client = service.Client(TMultiplexedProtocol(wire, name) if name else wire)
        transport.open()
        self.addCleanup(transport.close)
        return client, types

    def check(self, client, types):
        owner = unique_prefix()
        events = [types.Event(time, data) for time, data in EVENTS]
        self.assertEqual(client.setData(types.SetDataRequest(owner, events)).written, len(EVENTS))
        request = types.GetDataByRangeRequest(owner, -10, 2 * HOUR_MILLIS)
        answer = client.getDataByRange(request)
        self.assertEqual([(each.timestampMillis, each.data) for each in answer.events], SORTED)
        self.assertTrue(answer.complete)
        self.assertIsNone(answer.missingPeriods)

    def test_binary(self):
        from thrift.protocol.TBinaryProtocol import TBinaryProtocol

        self.check(*self.client(TBinaryProtocol))

    def test_compact_multiplexed(self):
        from thrift.protocol.TCompactProtocol import TCompactProtocol

        self.check(*self.client(TCompactProtocol, "History"))
