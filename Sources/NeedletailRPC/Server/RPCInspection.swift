//! What a person may ask of a live server: its connections, calls and pools, loop by loop. Each loop answers for itself; one
//! that does not in time is shown as frozen, and holds up nobody.

internal import NIOCore
internal import Timing

/// An open connection.
package struct InspectedConnection: Codable, Sendable, Hashable {
    package var peer: String
    /// How its bytes are told apart, once they are: `msgpack`, `framed thrift`, `ttheader` ...
    package var `protocol`: String
    package var tls: Bool
    package var ageSeconds: Double
    /// Messages that were answered, or begun.
    package var calls: Int
    /// Calls that will be answered later.
    package var inFlight: Int
    /// Of answers that the client has not read.
    package var unsentBytes: Int
    /// With those, of messages that came in part and of answers that wait for others.
    package var heldBytes: Int
    /// It is not read from: it has more unsent, or in flight, than it may.
    package var paused: Bool
}

/// A call that was begun and will be answered later. One that is answered at once is never seen: its loop would have to
/// stop in the midst of it.
package struct InspectedCall: Codable, Sendable, Hashable {
    package var method: String
    package var peer: String
    /// Since it arrived.
    package var ageMillis: Double
    /// What is left of the time that its header allows, or its request where calls are noted (for slow calls and traces);
    /// negative when that is over, nil if nothing is said.
    package var deadlineLeftMillis: Double?
    /// Nobody waits for the answer any more, but something runs on for it.
    package var abandoned: Bool
}

/// The buffers of one loop.
package struct InspectedPool: Codable, Sendable, Hashable {
    package var buffers: Int
    package var buffersMax: Int
    package var bytes: Int
    package var hits: Int
    package var misses: Int
    /// Taken and not come back.
    package var buffersOut: Int
    /// Of messages that came in part and of answers that were not read, and how many there may be.
    package var heldBytes: Int
    package var heldBytesMax: Int
}

/// One loop's answer.
package struct LoopAnswer<Value: Codable & Sendable>: Codable, Sendable {
    package var loop: Int
    /// It did not answer in time: it is stuck, or very busy.
    package var frozen: Bool
    package var answer: Value?
}

/// At most so many of a loop's things, and how many there are.
package struct InspectedList<Element: Codable & Sendable>: Codable, Sendable {
    package var total: Int
    package var shown: [Element]
}

extension RPCServer {
    /// Connections or calls of one loop that are shown.
    package static var inspectedMax: Int { 200 }
    /// How long a loop has for its answer.
    package static var inspectionTimeout: Duration { .seconds(1) }

    package func inspectConnections() async -> [LoopAnswer<InspectedList<InspectedConnection>>] {
        await ask { $0.inspectConnections(max: Self.inspectedMax) }
    }

    package func inspectCalls() async -> [LoopAnswer<InspectedList<InspectedCall>>] {
        let names = methodNames
        return await ask { $0.inspectCalls(names, max: Self.inspectedMax) }
    }

    package func inspectPools() async -> [LoopAnswer<InspectedPool>] { await ask { $0.inspectPool() } }

    /// Asks every loop, and waits until all have answered or the time is over.
    private func ask<Value: Codable & Sendable>(
        _ question: @escaping @Sendable (RPCLoop) -> Value
    ) async -> [LoopAnswer<Value>] {
        let (answers, continuation) = AsyncStream.makeStream(of: (Int, Value).self)
        for (index, loop) in loops.enumerated() {
            loop.eventLoop.execute { continuation.yield((index, question(loop.value))) }
        }
        let timer = Task {
            try? await Task.sleep(for: Self.inspectionTimeout)
            continuation.finish()
        }
        defer { timer.cancel() }
        var result = loops.indices.map { LoopAnswer<Value>(loop: $0, frozen: true, answer: nil) }
        var missing = loops.count
        for await (index, answer) in answers {
            result[index] = LoopAnswer(loop: index, frozen: false, answer: answer)
            missing -= 1
            if missing == 0 { break }
        }
        return result
    }
}

extension RPCLoop {
    fileprivate func inspectConnections(max: Int) -> InspectedList<InspectedConnection> {
        let now = clock.now()
        return InspectedList(total: connectionCount, shown: connectionsOpen.prefix(max).map { $0.inspect(at: now) })
    }

    fileprivate func inspectCalls(_ names: [String], max: Int) -> InspectedList<InspectedCall> {
        let now = clock.now()
        var shown: [InspectedCall] = []
        for connection in connectionsOpen where shown.count < max && !connection.late.isEmpty {
            shown += connection.inspectCalls(names, at: now).prefix(max - shown.count)
        }
        return InspectedList(total: lateCallCount, shown: shown)
    }

    fileprivate func inspectPool() -> InspectedPool {
        InspectedPool(
            buffers: pool.count, buffersMax: BufferPool.buffersMax, bytes: pool.byteCount, hits: pool.hits,
            misses: pool.misses, buffersOut: pool.buffersOut, heldBytes: heldBytes, heldBytesMax: limits.heldBytesMax)
    }
}

extension RPCConnection {

    fileprivate func inspect(at now: MonotonicTime) -> InspectedConnection {
        let name =
            switch framing {
            case .undecided: "undecided"
            case .framed(let format): "framed \(format)"
            case .unframed(let format): "\(format)"
            case .headed(let kind): "\(kind)"
            }
        let isPrivate = if case .plaintext = privacy { false } else { true }
        return InspectedConnection(
            peer: peer, protocol: name, tls: isPrivate, ageSeconds: Double(now.nanoseconds(since: openedAt)) / 1e9,
            calls: callCount + callsInTurn, inFlight: late.count, unsentBytes: unsentBytes, heldBytes: heldBytes,
            paused: isPaused)
    }

    fileprivate func inspectCalls(_ names: [String], at now: MonotonicTime) -> [InspectedCall] {
        late.openCalls.map { call in
            let age = Double(now.nanoseconds(since: call.times.arrival)) / 1e6
            // The less counts of what the header says and what the request itself does.
            let timeout = [call.times.headerTimeoutMillis, call.note.caller?.timeoutMillis ?? 0].filter { $0 > 0 }.min()
            return InspectedCall(
                method: names[call.method], peer: peer, ageMillis: age,
                deadlineLeftMillis: timeout.map { Double($0) - age }, abandoned: !call.wantsAnswer)
        }
    }
}
