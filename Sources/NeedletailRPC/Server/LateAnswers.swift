//! The late answers of one connection: which are open, and which may leave. Knows nothing of sockets and turns.
//!
//! Answers that leave in the order of calls (`ordered`) stand in a queue; one that was given waits there until all before
//! it have left, and behind each stand the finished answers of the calls between it and the next. All others
//! (`unordered`: MessagePack's, TTHeader's, THeader's with the flag for it, and those that nobody waits for) know their
//! places, so that any of them goes at once.
//!
//! Always true: `count` is the number of answers in the three lists, each of which is in one of them; those in `unordered`
//! have not been given, those in `ready` have; `bytesWaiting` is the size of what is prepared, was given, or stands behind,
//! and has not been taken; `mayLeave` is true where an answer may leave that could not when the last ones were taken.
//!
//! A class, so that a call where nothing is late pays for a load of `count`, and not for a check of exclusive access to all
//! of this, which a struct in the connection costs (4 ns each time).

internal import NIOCore
internal import NeedletailThreads
internal import NeedletailWire

final class LateAnswers {
    /// The most that may be open on a connection: so many calls, and tasks for them, can one client have running.
    static let countMax = 1_024

    private struct Lists {
        var ordered: [LateAnswer] = []
        var unordered: [LateAnswer] = []
        var ready: [LateAnswer] = []
        /// The storage of a list that has left, for the next one.
        var emptied: [LateAnswer] = []
    }

    private(set) var count = 0
    private(set) var bytesWaiting = 0
    /// An answer was given since the last ones were taken; it may have to wait for others.
    private(set) var mayLeave = false
    private var orderedCount = 0
    private let lists = Confined(Lists())

    var isEmpty: Bool { count == 0 }

    /// Whether an answer to the next call has to wait for others.
    var holdsBackOthers: Bool { orderedCount > 0 }

    /// Whether another call may be served.
    func hasRoom(bytesMax: Int) -> Bool { count < Self.countMax && bytesWaiting <= bytesMax }

    func add(_ answer: LateAnswer, isOrdered: Bool) {
        count += 1
        measure(answer)
        if isOrdered {
            orderedCount += 1
            lists.value.ordered.append(answer)
            // One that was given before it was told of waits for others, or for the next turn.
            if answer.isGiven { mayLeave = true }
        } else {
            answer.place = lists.value.unordered.count
            lists.value.unordered.append(answer)
        }
    }

    /// Counts the answer's bytes as they are now.
    private func measure(_ answer: LateAnswer) {
        let byteCount = answer.byteCount
        bytesWaiting += byteCount - answer.measuredBytes
        answer.measuredBytes = byteCount
    }

    /// Keeps a finished answer behind those that are open.
    func keep(_ bytes: ByteBuffer) {
        guard let last = lists.value.ordered.last else { preconditionFailure("an answer waits behind another") }
        bytesWaiting += bytes.readableBytes
        if bytes.readableBytes >= ByteWriter.sharingThreshold { return last.behind.append(bytes) }
        // Copied, and small ones into one buffer: what came from the pool goes back to it, and memory held is bytes held.
        if let end = last.behind.indices.last, last.behind[end].readableBytes < ByteWriter.sharingThreshold {
            last.behind[end].writeImmutableBuffer(bytes)
        } else {
            var copy = ByteBuffer()
            copy.writeImmutableBuffer(bytes)
            last.behind.append(copy)
        }
    }

    /// Notes that an answer of these was given.
    func given(_ answer: LateAnswer, isOrdered: Bool) {
        if !isOrdered {
            removeUnordered(answer)
            count += 1
            lists.value.ready.append(answer)
        }
        measure(answer)
        mayLeave = true
    }

    /// Frees the place of one that leaves in any order or not at all.
    func removeUnordered(_ answer: LateAnswer) {
        let last = lists.value.unordered.removeLast()
        if last !== answer {
            last.place = answer.place
            lists.value.unordered[answer.place] = last
        }
        count -= 1
        bytesWaiting -= answer.measuredBytes
        answer.measuredBytes = 0
    }

    /// Takes out the answers that may leave now, in their order. The list comes back with `reuse`.
    func takeLeaving() -> [LateAnswer] {
        mayLeave = false
        var leaving: [LateAnswer] = []
        swap(&leaving, &lists.value.emptied)
        swap(&leaving, &lists.value.ready)
        if orderedCount > 0 {
            let end = lists.value.ordered.firstIndex { !$0.isGiven } ?? orderedCount
            leaving += lists.value.ordered[..<end]
            lists.value.ordered.removeFirst(end)
            orderedCount -= end
        }
        count -= leaving.count
        for answer in leaving { bytesWaiting -= answer.measuredBytes + answer.byteCountBehind }
        return leaving
    }

    /// Takes back the storage of a list of answers that have left.
    func reuse(_ left: consuming [LateAnswer]) {
        var left = left
        left.removeAll(keepingCapacity: true)
        lists.value.emptied = left
    }

    /// The open one that a client waits for by this id.
    func open(_ id: UInt32) -> LateAnswer? {
        lists.value.unordered.first { answer in
            guard let call = answer.call else { return false }
            return call.id == id && call.wantsAnswer
        }
    }

    /// Calls whose answers have not been given.
    var openCalls: [LateCall] {
        (lists.value.ordered + lists.value.unordered).filter { !$0.isGiven }.compactMap(\.call)
    }

    /// Takes out all.
    func takeAll() -> [LateAnswer] {
        let all = lists.value
        lists.value = Lists()
        (count, bytesWaiting, orderedCount, mayLeave) = (0, 0, 0, false)
        return all.ordered + all.unordered + all.ready
    }
}
