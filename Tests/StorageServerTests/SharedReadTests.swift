//! Large reads that several event loops work on.

import HistoryService
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailRPC
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import StorageServer

@Suite struct SharedReadTests {
    private static let keyCount = 3_000

    private func key(_ index: Int) -> ByteBuffer { ByteBuffer(string: "key \(index)") }

    /// Every third key is missing; some values are large enough to go by reference.
    private func value(_ index: Int) -> ByteBuffer? {
        if index % 3 == 0 { return nil }
        return ByteBuffer(repeating: UInt8(truncatingIfNeeded: index), count: index % 500 == 1 ? 20_000 : index % 100)
    }

    /// Runs `body` with a client of a server with three event loops that help each other.
    private func withServer(
        limits: ServiceLimits = ServiceLimits(), _ wire: RPCWire,
        _ body: (StorageClient, [CounterBlock]) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        let engine = EmbeddedEngine(engine: MemoryEngine(), clock: .system)
        let counters = (0..<3).map { _ in CounterBlock(count: ServiceCounters.count) }
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: .system, logger: Logger(label: "test")
        ) { index, eventLoop in
            engine.makeService(
                ServedLoop(
                    index: index, count: 3, eventLoop: eventLoop, timers: LoopTimers(on: eventLoop, clock: .system),
                    checks: RequestChecks(
                        limits, engine.capabilities, clock: .system, counters: counters[index], loading: .done),
                    reads: FanOutWidth(concurrency: 1, keysPerPart: 1), history: HistoryConfiguration(.defaults),
                    ends: LoopEnds()))
        }
        let result: Result<Void, any Error>
        do {
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: wire), on: group)
            let storage = StorageClient(client)
            let entries = (0..<Self.keyCount).compactMap { index in
                value(index).map { Entry(key: key(index), value: $0) }
            }
            _ = try await storage.multiPut(MultiPutRequest(entries: entries))
            do { result = .success(try await body(storage, counters)) } catch { result = .failure(error) }
            await client.close()
        }
        await server.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test(arguments: [RPCFormat.messagePack, .thriftBinary, .thriftCompact])
    func everyKeyIsAnsweredAtItsPlace(_ format: RPCFormat) async throws {
        try await withServer(RPCWire(format)) { client, counters async throws in
            for _ in 0..<20 {
                let indices = (0..<Self.keyCount).shuffled()
                let answer = try await client.multiGet(
                    MultiGetRequest(keys: BinaryList(indices.map(key)), withVersions: true))
                #expect(answer.complete)
                let statuses = Array(answer.statuses.readableBytesView)
                for (place, index) in indices.enumerated() {
                    guard let value = value(index) else {
                        try #require(statuses[place] == EngineKeyStatus.missing.rawValue)
                        continue
                    }
                    try #require(statuses[place] == EngineKeyStatus.found.rawValue)
                    try #require(answer.values.buffer(at: place) == value)
                    try #require((answer.versions?[place] ?? 0) > 0)
                }
            }
            let asked = counters.reduce(0) { $0 &+ $1[ServiceCounters.keysRequested] }
            #expect(asked == UInt64(20 * Self.keyCount))
        }
    }

    @Test func whatDoesNotFitIntoTheAnswerIsTooLarge() async throws {
        var limits = ServiceLimits()
        limits.responseSizeMax = 100_000
        try await withServer(limits: limits, RPCWire(.messagePack)) { client, _ async throws in
            let answer = try await client.multiGet(
                MultiGetRequest(keys: BinaryList((0..<Self.keyCount).map(key))))
            #expect(!answer.complete)
            let statuses = Array(answer.statuses.readableBytesView)
            #expect(statuses.contains(EngineKeyStatus.found.rawValue))
            #expect(statuses.contains(EngineKeyStatus.tooLarge.rawValue))
            for index in stride(from: 0, to: Self.keyCount, by: 3) {
                try #require(statuses[index] == EngineKeyStatus.missing.rawValue)
            }
        }
    }

    /// Behind the values that do not fit there are chunks without any; with the smaller limit no value fits at all.
    @Test(arguments: [RPCFormat.messagePack, .thriftBinary, .thriftCompact], [100_000, 10_000])
    func missingKeysBehindWhatDoesNotFitAreMissing(_ format: RPCFormat, responseSizeMax: Int) async throws {
        var limits = ServiceLimits()
        limits.responseSizeMax = responseSizeMax
        try await withServer(limits: limits, RPCWire(format)) { client, _ async throws in
            let keys = Array(repeating: key(1), count: 5) + Array(repeating: key(0), count: 2_043)
            let answer = try await client.multiGet(MultiGetRequest(keys: BinaryList(keys), withVersions: true))
            #expect(!answer.complete)
            #expect(answer.values.count == keys.count)
            #expect(answer.versions?.count == keys.count)
            let statuses = Array(answer.statuses.readableBytesView)
            #expect(
                statuses
                    == Array(repeating: EngineKeyStatus.tooLarge.rawValue, count: 5)
                    + Array(repeating: EngineKeyStatus.missing.rawValue, count: 2_043))
        }
    }

    // MARK: The read itself

    private func makeRead(keys: Int) -> SharedRead {
        SharedRead(
            BinaryList((0..<keys).map(key)), withVersions: true, now: WallTime(milliseconds: 0),
            until: MonotonicTime(nanoseconds: .max), valueBytesMax: 1_000, .thriftBinary, .names)
    }

    private func misses(_ count: Int) -> ReadPage {
        var page = ReadPage()
        page.statuses = Array(repeating: EngineKeyStatus.missing.rawValue, count: count)
        page.misses = count
        return page
    }

    @Test func eachChunkIsTakenOnceAndNoneAfterACancellation() {
        let read = makeRead(keys: 300)
        let taken = [read.take(), read.take(), read.take()].map { $0?.keys }
        #expect(taken == [0..<128, 128..<256, 256..<300])
        #expect(read.take() == nil)
        let other = makeRead(keys: 300)
        #expect(other.take() != nil)
        other.cancel()
        #expect(other.take() == nil)
    }

    @Test func aChunkIsFullWhereThoseBeforeItHaveMoreThanTheAnswer() throws {
        let read = makeRead(keys: 512)
        var page = misses(127)
        page.statuses.append(EngineKeyStatus.found.rawValue)
        (page.hits, page.valueBytes) = (1, 1_000)
        #expect(read.take()?.isFull == false && read.take()?.isFull == false)
        read.end(0, page)
        #expect(read.take()?.isFull == false, "what there is still fits")
        read.end(1, page)
        #expect(read.take()?.isFull == true)
        read.end(2, misses(128))
        read.end(3, page)
        let result = read.collect()
        #expect(result.hits == 1 && result.tooLarge == 2 && result.misses == 3 * 127 + 128)
    }

    @Test func whoWaitsIsToldByTheLastChunk() throws {
        let read = makeRead(keys: 172)
        let told = CounterBlock(count: 1)
        #expect(read.wait { told.add(to: 0) })
        read.end(1, misses(44))
        #expect(told[0] == 0)
        let half = read.collect()
        #expect(half.missingPages == 1)
        #expect(half.late == 128)
        read.end(0, misses(128))
        #expect(told[0] == 1)
        #expect(!read.wait {})
        #expect(read.collect().late == 0)
    }
}
