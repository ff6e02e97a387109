//! A server on one event loop whose allocations are counted, and a client that makes none: a blocking socket and two
//! buffers.

import CAllocationCounter
import Foundation
import HistoryService
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailRPC
import NeedletailTelemetry
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import StorageServer

/// All counts of allocations, one after the other: there is one counter.
@Suite(
    .serialized,
    .enabled(if: nt_counts_allocations(), "counted in release builds only: debug allocates where release does not"))
enum Allocations {}

/// A server in this process that counts and watches its calls as a deployed one does, with `keyCount` entries of 16 and 100 bytes.
struct CountedServer {
    static let keyCount = 10_000
    static let valueBytes = 100

    private let group: MultiThreadedEventLoopGroup
    private let server: RPCServer
    let port: Int

    /// Service `Storage`.
    /// - Parameter isLogged: writes are answered once they are synced.
    static func run(isLogged: Bool, _ body: (CountedServer) throws -> Void) async throws {
        // Versions, and so answers, are of one length throughout.
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(seed: 1, firstVersion: 1 << 40, isLogged: isLogged))
        let log = isLogged ? try CountedLog(engine, firstLSN: 1 << 40) : nil
        defer { log?.end() }
        try fill(engine)
        let (clock, callers) = (Clock.system, Callers(loops: 1))
        let slowCalls = SlowCallLog(
            ServerConfiguration.SlowCalls(thresholdMillis: 100, logPerSecond: 1, sampleKeys: 0), eventLoops: 1,
            clock: clock, logger: Logger(label: "test"))
        try await serve(body) { eventLoop in
            StorageService(
                engine: engine,
                checks: RequestChecks(
                    ServiceLimits(), engine.capabilities, clock: clock,
                    counters: CounterBlock(count: ServiceCounters.count),
                    callers: LoopCallers(callers, loop: 0), loading: .done, notes: slowCalls.makeNotes(0)),
                on: eventLoop, timers: LoopTimers(on: eventLoop, clock: clock))
        }
    }

    /// Service `History` over an empty engine.
    static func run(
        history configuration: HistoryConfiguration, _ body: (CountedServer) throws -> Void
    ) async throws {
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(seed: 1))
        try await serve(body) { _ in
            HistoryService(
                engine: AtOnceEngine(engine, clock: .system), session: engine.makeSession(),
                configuration: configuration, limits: HistoryLimits(), host: PlainHost(),
                // Nothing waits: no timer is due.
                timers: LoopTimers(clock: .system) { _, _ in }, clock: .system)
        }
    }

    /// - Parameter makeService: that of the one event loop.
    private static func serve<Service: RPCService>(
        _ body: (CountedServer) throws -> Void, _ makeService: @escaping @Sendable (any EventLoop) -> Service
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: .system, logger: Logger(label: "test")
        ) { _, eventLoop in
            makeService(eventLoop)
        }
        try await group.next().submit { nt_count_this_thread(true) }.get()
        let result: Result<Void, any Error>
        do {
            result = .success(try body(CountedServer(group: group, server: server, port: server.port)))
        } catch {
            result = .failure(error)
        }
        await server.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
        try result.get()
    }

    static func key(_ number: Int) -> ByteBuffer {
        var bytes = ByteBuffer(integer: number)
        bytes.writeInteger(UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
        return bytes
    }

    private static func fill(_ engine: MemoryEngine) throws {
        let session = engine.makeSession()
        let value = ByteBuffer(repeating: 1, count: valueBytes)
        for number in 0..<keyCount {
            let key = key(number)
            _ = try engine.put(
                key.readableBytesSpan, value: value.readableBytesSpan, options: PutOptions(),
                now: Clock.system.wallNow(),
                session: session)
        }
    }
}

/// A log in a directory of its own, whose threads are not counted.
private final class CountedLog {
    private let path: String
    private let threads: LogThreads

    init(_ engine: MemoryEngine, firstLSN: Int64) throws {
        path = NSTemporaryDirectory() + "needletail-allocations-" + UUID().uuidString
        let directory = try LogDirectory.open(FileLogStorage(directory: path, create: true))
        var recovered = RecoveredLog()
        recovered.directoryID = directory.id
        let log = try WriteAheadLog(directory.storage, after: recovered, firstLSN: firstLSN)
        engine.attach(log)
        threads = LogThreads(log, directory, after: recovered, source: { MemorySnapshot(of: engine) })
    }

    func end() {
        _ = threads.stop()
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A request that is sent again and again, and the answer's bytes, in memory that is taken once.
@safe
final class Exchange {
    struct SocketError: Error { let call: String, number: Int32 }

    private let socket: Int32
    private let request: UnsafeMutableRawBufferPointer
    private let answer: UnsafeMutableRawBufferPointer

    /// - Parameter request: the bytes to send; of one call or of several.
    init(port: Int, _ request: ByteBuffer) throws {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: request.readableBytes, alignment: 8)
        unsafe request.withUnsafeReadableBytes { unsafe bytes.copyMemory(from: $0) }
        unsafe self.request = unsafe bytes
        let count = try unsafe Self.answerByteCount(port, bytes)
        unsafe answer = .allocate(byteCount: count, alignment: 8)
        socket = try Self.connect(port)
    }

    deinit {
        close(socket)
        unsafe request.deallocate()
        unsafe answer.deallocate()
    }

    /// The answer of the last `run`.
    var lastAnswer: ByteBuffer { unsafe ByteBuffer(bytes: answer) }

    /// Sends the request and waits for the whole answer.
    func run() throws {
        try unsafe Self.send(socket, request)
        let byteCount = unsafe answer.count
        var got = 0
        while got < byteCount {
            let count = unsafe recv(socket, answer.baseAddress.unsafelyUnwrapped + got, byteCount - got, 0)
            guard count > 0 else { throw SocketError(call: "recv", number: errno) }
            got += count
        }
    }

    /// How long the answer is: all that comes on a connection that sends nothing else.
    private static func answerByteCount(_ port: Int, _ request: UnsafeMutableRawBufferPointer) throws -> Int {
        let socket = try connect(port)
        defer { close(socket) }
        try unsafe send(socket, request)
        shutdown(socket, Int32(SHUT_WR))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { unsafe buffer.deallocate() }
        var total = 0
        while true {
            let count = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
            guard count >= 0 else { throw SocketError(call: "recv", number: errno) }
            if count == 0 { return total }
            total += count
        }
    }

    private static func send(_ socket: Int32, _ bytes: UnsafeMutableRawBufferPointer) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe Foundation.send(
                socket, bytes.baseAddress.unsafelyUnwrapped + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { throw SocketError(call: "send", number: errno) }
            sent += count
        }
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw SocketError(call: "connect", number: errno) }
        return socket
    }
}
