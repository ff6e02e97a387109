//! What services hold on the event loops of a server has to end before the loops do: a connection that breaks because its
//! loop ends would be made anew on it.

internal import NIOCore
internal import Synchronization

/// What is to be done on event loops before they end. Filled from these loops.
final class LoopEnds: Sendable {
    private let ends = Mutex<[(eventLoop: any EventLoop, end: @Sendable () -> Void)]>([])

    /// Has `end` called on `eventLoop`, which is the one that this is called on.
    func add(on eventLoop: any EventLoop, _ end: @escaping () -> Void) {
        let bound = NIOLoopBound(end, eventLoop: eventLoop)
        ends.withLock { $0.append((eventLoop, { bound.value() })) }
    }

    /// Returns when all is done.
    func run() async {
        for (eventLoop, end) in ends.withLock({ $0 }) { try? await eventLoop.submit(end).get() }
    }
}
