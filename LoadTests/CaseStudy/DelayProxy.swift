//! Stands between a server and its Redis, and makes every reply take as long as a distribution says: the store's distance,
//! which loopback does not have. It has a thread of its own, on which its `ProxyLoop` runs.

internal import Foundation
internal import Histogram
internal import Synchronization

/// What became of the replies.
struct DelayFigures: Sendable {
    var replies = 0
    /// Replies that came from the store when their delay was over.
    var late = 0
    /// How much later than due a reply left: what the proxy itself adds.
    var overshoot = LatencyHistogram.empty()

    mutating func add(_ other: DelayFigures) {
        replies += other.replies
        late += other.late
        overshoot.add(other.overshoot)
    }
}

final class DelayProxy: Sendable {
    private struct State {
        var figures = DelayFigures()
        var failure: (any Error)?
    }

    /// Where to connect instead of to the store.
    let address: Address
    private let listener: Socket
    private let state = Mutex(State())
    private let isStopping = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Returns when connections are accepted. Whoever made it stops it.
    /// - Parameter cores: where its thread may run.
    init(to store: Address, _ delay: LogNormal, seed: UInt64, on cores: CoreSet) throws {
        let (listener, port) = try Socket.listen()
        self.listener = listener
        address = .loopback(port)
        Thread { [self] in
            cores.apply()
            let ended = Result { try run(ProxyLoop(listener, store, delay, seed: seed)) }
            state.withLock { state in
                switch ended {
                case .success(let figures): state.figures = figures
                case .failure(let failure): state.failure = failure
                }
            }
            hasEnded.signal()
        }.start()
    }

    private func run(_ loop: consuming ProxyLoop) throws -> DelayFigures {
        while !isStopping.load(ordering: .relaxed) { try loop.pass() }
        return loop.figures
    }

    /// Ends it, and all connections through it.
    /// - Returns: what it did.
    /// - Throws: why it ended before.
    @discardableResult
    func stop() throws -> DelayFigures {
        if !isStopping.exchange(true, ordering: .relaxed) {
            hasEnded.wait()
            listener.closeDescriptor()
        }
        let (figures, failure) = state.withLock { ($0.figures, $0.failure) }
        if let failure { throw failure }
        return figures
    }
}
