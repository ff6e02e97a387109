//! How often a read of the history allocates, pinned as `RequestAllocations` pins the rest: with pooled buffers, which are
//! the default, ten times the events are expanded, decoded and answered without an allocation for any of them: only what
//! holds a period's events grows, by doubling.

import CAllocationCounter
import HistoryService
import NIOCore
import NeedletailRPC
import StorageAPI
import StorageEngine
import Testing

extension Allocations {
    @Suite struct HistoryAllocations {
        private static let periods = 16
        private static let periodMillis: Int64 = 1_000
        private static let eventSize = 100
        private static let warmUps = 100
        private static let samples = 5
        private static let runsPerSample = 100
        /// What holds a period's events is doubled three times more for ten times of them, whatever is in it; and a larger answer
        /// takes more steps to the socket.
        private static let growthMax = Double(periods * 3 + 2)

        @Test(arguments: BlobCodec.allCases)
        func anEventCostsNone(codec: BlobCodec) async throws {
            var configuration = HistoryConfiguration(periodMillis: Self.periodMillis, codec: codec, buffers: .pooled)
            configuration.width.keysPerPart = 1
            let few = try await Self.allocations(configuration, eventsPerPeriod: 10)
            let many = try await Self.allocations(configuration, eventsPerPeriod: 100)
            print("allocations a range of \(Self.periods) periods, \(codec): \(few), tenfold events: \(many)")
            #expect(many <= few + Self.growthMax, "\(many) for ten times the events, \(few) before")
        }

        /// Of one getDataByRange: the least of some samples.
        private static func allocations(
            _ configuration: HistoryConfiguration, eventsPerPeriod: Int
        ) async throws -> Double {
            let owner = ByteBuffer(string: "owner")
            let count = Self.periods * eventsPerPeriod
            let events = (0..<count).map { index in
                Event(
                    timestampMillis: Int64(index / eventsPerPeriod) * periodMillis + Int64(index % eventsPerPeriod),
                    data: ByteBuffer(repeating: UInt8(truncatingIfNeeded: index), count: eventSize))
            }
            let wire = RPCWire(.messagePack)
            let write = encodeCall(
                wire, id: 1, HistoryMethods.SetData.self, .init(request: SetDataRequest(owner: owner, events: events)))
            let read = encodeCall(
                wire, id: 1, HistoryMethods.GetDataByRange.self,
                .init(
                    request: GetDataByRangeRequest(
                        owner: owner, fromMillis: 0, toMillis: Int64(Self.periods) * periodMillis)))
            var least = UInt64.max
            try await CountedServer.run(history: configuration) { server in
                // It is sent once, to see how long the answer is.
                _ = try Exchange(port: server.port, write)
                let exchange = try Exchange(port: server.port, read)
                for _ in 0..<warmUps { try exchange.run() }
                let answer = try decodeAnswer(exchange.lastAnswer, .messagePack, HistoryMethods.GetDataByRange.self)
                #expect(answer.events.count == count && answer.complete)
                for _ in 0..<samples {
                    let before = nt_allocation_count()
                    for _ in 0..<runsPerSample { try exchange.run() }
                    least = min(least, nt_allocation_count() - before)
                }
            }
            return Double(least) / Double(runsPerSample)
        }
    }
}
