//! The ways into the service. One behaviour suite goes through all of them: a test takes a `Way` and gets a `Storage`,
//! behind which is a service in this process or a server on a port, one shard or many, one protocol or another, with a log
//! or without, over the embedded engine or a real Redis.

import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import RedisEngine
import RedisProcesses
import StorageAPI
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import NeedletailRPC
@testable import StorageServer

struct Way: Sendable, CustomStringConvertible {
    enum Place: String, CaseIterable { case inProcess, tcp }

    let place: Place
    let wire: RPCWire
    /// Of the embedded engine.
    var shards = 64
    /// Entries are in a Redis of their own, and writes reach its memory.
    var isRedis = false
    /// Writes are answered once they are synced, by threads of the log.
    var isLogged = false

    /// The level that a write reaches which asks for nothing.
    var durability: StorageAPI.Durability { isLogged ? .synced : .memory }

    var description: String {
        let framing = wire.framing == .unframed ? "" : " \(wire.framing)"
        let compression = wire.isCompressed ? " compressed" : ""
        let engine = isRedis ? "redis" : "\(shards) shards\(isLogged ? ", log" : "")"
        return "\(place.rawValue), \(wire.format.name)\(framing)\(compression), \(engine)"
    }

    static let all: [Way] =
        Place.allCases.flatMap { place in
            let wires: [RPCWire] =
                [RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact)]
                + (place == .tcp ? [RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact, .framed)] : [])
            return wires.flatMap { wire in [1, 64].map { Way(place: place, wire: wire, shards: $0) } }
        } + headed.map { Way(place: .tcp, wire: $0, shards: 64) }
        + [RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact, .ttheader)]
        .map { Way(place: .tcp, wire: $0, shards: 64, isLogged: true) }
        + [RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact, .ttheader)]
        .map { Way(place: .tcp, wire: $0, isRedis: true) }

    /// The wires that have headers.
    static let headed = [
        RPCWire(.thriftBinary, .theader), RPCWire(.thriftCompact, .theader, isCompressed: true),
        RPCWire(.thriftBinary, .ttheader), RPCWire(.thriftCompact, .ttheader),
    ]

    /// Runs `body` with a service of its own behind this way in; cancels the test if it asks for what there is not.
    /// - Parameter test: the test's name.
    func run(
        limits: ServiceLimits = ServiceLimits(), memoryLimitBytes: Int = 0, test: String = #function,
        _ body: (Storage) async throws -> Void
    ) async throws {
        if isRedis, let reason = RedisBehaviour.exclusions[String(test.prefix { $0 != "(" })] {
            try Test.cancel("\(reason)")
        }
        if place == .tcp { await OpenWays.overTCP.enter() }
        let result: Result<Void, any Error>
        do {
            result = .success(
                isRedis ? try await runOverRedis(limits, body) : try await runEmbedded(limits, memoryLimitBytes, body))
        } catch {
            result = .failure(error)
        }
        if place == .tcp { await OpenWays.overTCP.leave() }
        try result.get()
    }

    private func runEmbedded(
        _ limits: ServiceLimits, _ memoryLimitBytes: Int, _ body: (Storage) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(
                shardCount: shards, memoryLimitBytes: memoryLimitBytes, seed: 7, isLogged: isLogged))
        let tree = try TemporaryTree([:])
        let log = isLogged ? try Self.startLog(engine, in: tree.path) : nil
        defer { _ = log?.stop() }
        switch place {
        case .inProcess:
            let service = StorageService(
                engine: engine, limits: limits, clock: .manual(time),
                counters: CounterBlock(count: ServiceCounters.count))
            try await body(Storage(InProcess(service, wire.format, .manual(time)), time))
        case .tcp: try await runServer(engine, limits, time, body)
        }
    }

    /// Has a log on disk keep what the engine changes.
    static func startLog(_ engine: MemoryEngine, in path: String) throws -> LogThreads {
        let directory = try LogDirectory.open(FileLogStorage(directory: path, create: false))
        var recovered = RecoveredLog()
        recovered.directoryID = directory.id
        let log = try WriteAheadLog(directory.storage, after: recovered, firstLSN: 1)
        engine.attach(log)
        return LogThreads(log, directory, after: recovered, source: { MemorySnapshot(of: engine) })
    }

    private func runServer(
        _ engine: MemoryEngine, _ limits: ServiceLimits, _ time: ManualTime, _ body: (Storage) async throws -> Void
    ) async throws {
        let clock = Clock.manual(time)
        try await serve(time, clock, LoopEnds(), body) { _, eventLoop in
            StorageService(
                engine: engine, limits: limits, on: eventLoop, clock: clock,
                counters: CounterBlock(count: ServiceCounters.count))
        }
    }

    /// Runs `body` over a Redis of its own.
    /// - Parameter clock: the service's; nil: one that stands still.
    func runOverRedis(
        _ limits: ServiceLimits = ServiceLimits(), clock: Clock? = nil, _ body: (Storage) async throws -> Void
    ) async throws {
        guard RedisServer.isInstalled else { try Test.cancel("redis-server is not installed") }
        let redis = try RedisServer()
        let engine = RedisEngine(
            RedisEngineConfiguration(endpoints: [RedisEndpoint(host: "127.0.0.1", port: redis.port)]))
        let time = RedisBehaviour.makeTime()
        let clock = clock ?? .manual(time)
        let ends = LoopEnds()
        try await serve(time, clock, ends, body) { _, eventLoop in
            // The engine lives in the time of its nodes, the service in the test's.
            let session = engine.makeSession(on: eventLoop, timers: LoopTimers(on: eventLoop, clock: .system))
            ends.add(on: eventLoop) { engine.close(session) }
            return DeferredStorageService(
                engine: engine, session: session,
                checks: RequestChecks(
                    limits, engine.capabilities, clock: clock, counters: CounterBlock(count: ServiceCounters.count),
                    loading: .done),
                width: FanOutWidth(concurrency: 64, keysPerPart: 256),
                timers: LoopTimers(on: eventLoop, clock: clock))
        }
        withExtendedLifetime(redis) {}
    }

    /// Runs `body` with a client of a server of this service.
    private func serve<Service: RPCService>(
        _ time: ManualTime, _ clock: Clock, _ ends: LoopEnds, _ body: (Storage) async throws -> Void,
        by makeService: @escaping @Sendable (Int, any EventLoop) -> Service
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: clock, logger: Logger(label: "test"),
            makeService: makeService)
        let client = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: wire), on: group)
        let result: Result<Void, any Error>
        do { result = .success(try await body(Storage(client, time))) } catch { result = .failure(error) }
        await client.close()
        await server.shutDown(within: .seconds(5))
        await ends.run()
        try await group.shutdownGracefully()
        try result.get()
    }
}

/// Something that answers calls; throws what the method threw, as it is.
protocol Caller: Sendable {
    func call<Method: RPCMethod>(_ method: Method.Type, _ arguments: Method.Arguments) async throws -> Method.Result
}

extension RPCClient: Caller {
    func call<Method: RPCMethod>(_ method: Method.Type, _ arguments: Method.Arguments) async throws -> Method.Result {
        do throws(CallFailure<Method.Failure>) {
            return try await call(method, arguments, options: CallOptions(timeout: .seconds(20)))
        } catch {
            throw error.cause
        }
    }
}

extension CallFailure {
    var cause: any Error {
        switch self {
        case .exception(let error): error
        case .call(let error): error
        }
    }
}

/// The service without a connection: a call's bytes in, its answer's bytes out, on the caller's thread.
final class InProcess: Caller, @unchecked Sendable {
    private let service: StorageService<MemoryEngine>
    private let format: RPCFormat
    private let clock: Clock

    /// How long the call has waited before it reaches the service.
    private let waitedMilliseconds: Int64
    /// What its header would allow it.
    private let headerTimeoutMillis: Int32
    private let pressure: CallPressure

    init(
        _ service: StorageService<MemoryEngine>, _ format: RPCFormat, _ clock: Clock, waitedMilliseconds: Int64 = 0,
        headerTimeoutMillis: Int32 = 0, pressure: CallPressure = .none
    ) {
        self.pressure = pressure
        self.waitedMilliseconds = waitedMilliseconds
        self.headerTimeoutMillis = headerTimeoutMillis
        self.service = service
        self.format = format
        self.clock = clock
    }

    func call<Method: RPCMethod>(_ method: Method.Type, _ arguments: Method.Arguments) async throws -> Method.Result {
        let message = encodeCall(RPCWire(format), id: 1, method, arguments)
        let now = clock.now()
        let times = CallTimes(
            arrival: now.advanced(byMilliseconds: -waitedMilliseconds), start: now,
            headerTimeoutMillis: headerTimeoutMillis, pressure: pressure)
        var bytes = ByteWriter(into: ByteBuffer())
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message)
            var writer = MessagePackWriter(bytes)
            _ = try service.call(CallHead(try reader.readEnvelope()), times, &reader, &writer)
            bytes = writer.finish()
        case .thriftBinary:
            var reader = ThriftBinaryReader(message)
            var writer = ThriftBinaryWriter(bytes)
            _ = try service.call(CallHead(try reader.readHead()), times, &reader, &writer)
            bytes = writer.finish()
        case .thriftCompact:
            var reader = ThriftCompactReader(message)
            var writer = ThriftCompactWriter(bytes)
            _ = try service.call(CallHead(try reader.readHead()), times, &reader, &writer)
            bytes = writer.finish()
        }
        do throws(CallFailure<Method.Failure>) {
            return try decodeAnswer(bytes.finish(), format, method)
        } catch {
            throw error.cause
        }
    }
}
