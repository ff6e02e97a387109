//! Spans that have ended and wait to be exported. Filled by event loops, which never wait for more than the lock: when the
//! queue is full, because the collector is slow or gone, the oldest span is dropped and counted.

internal import Synchronization

/// A bounded queue of spans.
package final class SpanQueue: Sendable {
    /// Spans that wait at most: some 8 MiB, with 2 KiB of names, attributes and trace state each.
    package static let spansMax = 4_096
    /// Spans of one message to the collector.
    package static let batchSpansMax = 512

    private struct State {
        /// A ring: `count` spans from `first` on.
        var spans: [OTLPSpan.Record?]
        var first = 0
        var count = 0
    }

    private let state: Mutex<State>
    private let dropped = Atomic<Int>(0)
    private let exported = Atomic<Int>(0)
    /// A batch is full.
    let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    package init(spansMax: Int = SpanQueue.spansMax) {
        state = Mutex(State(spans: Array(repeating: nil, count: spansMax)))
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Spans that were dropped: before they were sent, or because the collector would not have them.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }
    /// Spans that the collector has taken.
    package var exportedCount: Int { exported.load(ordering: .relaxed) }
    /// Spans that wait.
    package var count: Int { state.withLock { $0.count } }

    func add(_ span: OTLPSpan.Record) {
        let (isBatch, isFull) = state.withLock { state in
            let isFull = state.count == state.spans.count
            if isFull {
                state.spans[state.first] = span
                state.first = (state.first + 1) % state.spans.count
            } else {
                state.spans[(state.first + state.count) % state.spans.count] = span
                state.count += 1
            }
            return (state.count % Self.batchSpansMax == 0, isFull)
        }
        if isFull { noteDropped(1) }
        if isBatch { wakeUp() }
    }

    /// The oldest spans, at most a batch of them.
    func take() -> [OTLPSpan.Record] {
        state.withLock { state in
            var batch: [OTLPSpan.Record] = []
            while batch.count < Self.batchSpansMax, state.count > 0 {
                if let span = state.spans[state.first].take() { batch.append(span) }
                state.first = (state.first + 1) % state.spans.count
                state.count -= 1
            }
            return batch
        }
    }

    /// Has the exporter look.
    func wakeUp() { wake.yield() }

    func noteDropped(_ count: Int) { dropped.wrappingAdd(count, ordering: .relaxed) }

    func noteExported(_ count: Int) { exported.wrappingAdd(count, ordering: .relaxed) }
}
