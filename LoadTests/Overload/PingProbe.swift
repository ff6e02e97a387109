//! Pings a server while the generator's thread loads it, on a connection and a thread of its own, which runs where the
//! generator does. It sleeps between pings, so that the kernel lets it run at once when an answer comes.

internal import Foundation
internal import Histogram
internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI
internal import Synchronization
internal import Timing

final class PingProbe: Sendable {
    private static let gapMillis = 3
    private static let answerSecondsMax = 10
    private static let receiveSize = 4_096

    private struct State {
        var latency = LatencyHistogram.empty()
        var failure: (any Error)?
    }

    private let address: Address
    private let state = Mutex(State())
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Begins.
    init(_ address: Address) {
        self.address = address
        Thread { [self] in
            do { try ping() } catch { state.withLock { $0.failure = error } }
            ended.signal()
        }.start()
    }

    /// Ends it.
    /// - Returns: how long answers took.
    func stop() throws -> LatencyHistogram {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        let (latency, failure) = state.withLock { ($0.latency, $0.failure) }
        if let failure { throw failure }
        return latency
    }

    private func ping() throws {
        let socket = try Socket.connect(to: address)
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: Self.answerSecondsMax)
        let call = encodeCall(RPCWire(.thriftBinary, .framed), id: 1, StorageMethods.Ping.self, NoArguments())
        let request = Array(call.readableBytesView)
        let queue = ByteQueue(capacity: Self.receiveSize)
        while !isStopping.load(ordering: .relaxed) {
            let start = Clock.system.now()
            queue.append(request.span)
            guard try queue.send(to: socket) else { throw ServerError("a ping was not taken in time") }
            // The frame's length, then the rest.
            while queue.count < 4 || queue.withBytes({ queue.count < 4 + Int($0.loadUInt32(at: 0)) }) {
                guard let count = try queue.receive(from: socket, room: Self.receiveSize), count > 0 else {
                    throw ServerError("a ping was not answered")
                }
            }
            let nanoseconds = Clock.system.now().nanoseconds(since: start)
            guard queue.withBytes({ text($0.array(0..<$0.count)).hasSuffix("pong.") }) else {
                throw WrongAnswer("a ping was not answered with pong")
            }
            queue.consume(queue.count)
            state.withLock { $0.latency.record(nanoseconds: nanoseconds) }
            ThreadTime.sleep(milliseconds: Self.gapMillis)
        }
    }
}
