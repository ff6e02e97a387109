//! The late answers of one connection: which are open, and which may leave. Knows nothing of sockets and turns.
//!
//! Answers that leave in the order of calls (`ordered`) stand in a queue; one that was given waits there until all before
//! it have left, and behind each stand the finished answers of the calls between it and the next. All others
//! (`unordered`: MessagePack's, TTHeader's, THeader's with the flag for it, and those that nobody waits for) know their
//! places, so that any of them goes at once.
//!
//! Always true: `count` is the number of answers in the three lists, each of which is in one of them; those in `unordered`
//! have not been given, those in `ready` have; `bytesWaiting` is the size of what is prepared, was given, or stands behind,
//! and has not been taken.
//!
//! A class, so that a call where nothing is late pays for a load of `count`, and not for a check of exclusive access to all
//! of this, which a struct in the connection costs (4 ns each time).

internal import NIOCore
internal import NeedletailWire

final class LateAnswers {
    /// The most that may be open on a connection: so many calls, and tasks for them, can one client have running.
    static let countMax = 1_024

    private(set) var count = 0
    private(set) var bytesWaiting = 0
    private var ordered: [LateAnswer] = []
    private var unordered: [LateAnswer] = []
    private var ready: [LateAnswer] = []
    /// The storage of a list that has left, for the next one.
    private var emptied: [LateAnswer] = []

    var isEmpty: Bool { count == 0 }

    /// Whether an answer to the next call has to wait for others.
    var holdsBackOthers: Bool { !ordered.isEmpty }

    /// Whether another call may be served.
    func hasRoom(bytesMax: Int) -> Bool { count < Self.countMax && bytesWaiting <= bytesMax }

    func add(_ answer: LateAnswer, isOrdered: Bool) {
        count += 1
        measure(answer)
        if isOrdered {
            ordered.append(answer)
        } else {
            answer.place = unordered.count
            unordered.append(answer)
        }
    }

    /// Counts the answer's bytes as they are now.
    private func measure(_ answer: LateAnswer) {
        bytesWaiting += answer.byteCount - answer.measuredBytes
        answer.measuredBytes = answer.byteCount
    }

    /// Keeps a finished answer behind those that are open.
    func keep(_ bytes: ByteBuffer) {
        guard let last = ordered.last else { preconditionFailure("an answer waits behind another") }
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
            ready.append(answer)
        }
        measure(answer)
    }

    /// Frees the place of one that leaves in any order or not at all.
    func removeUnordered(_ answer: LateAnswer) {
        let last = unordered.removeLast()
        if last !== answer {
            last.place = answer.place
            unordered[answer.place] = last
        }
        count -= 1
        bytesWaiting -= answer.measuredBytes
        answer.measuredBytes = 0
    }

    /// Takes out the answers that may leave now, in their order. The list comes back with `reuse`.
    func takeLeaving() -> [LateAnswer] {
        var leaving: [LateAnswer] = []
        swap(&leaving, &emptied)
        swap(&leaving, &ready)
        if let first = ordered.first, first.isGiven {
            let end = ordered.firstIndex { !$0.isGiven } ?? ordered.count
            leaving += ordered[..<end]
            ordered.removeFirst(end)
        }
        count -= leaving.count
        for answer in leaving { bytesWaiting -= answer.measuredBytes + answer.byteCountBehind }
        return leaving
    }

    /// Takes back the storage of a list of answers that have left.
    func reuse(_ left: consuming [LateAnswer]) {
        var left = left
        left.removeAll(keepingCapacity: true)
        emptied = left
    }

    /// The open one that a client waits for by this id.
    func open(_ id: UInt32) -> LateAnswer? {
        unordered.first { answer in
            guard let call = answer.call else { return false }
            return call.id == id && call.wantsAnswer
        }
    }

    /// Calls whose answers have not been given.
    var openCalls: [LateCall] { (ordered + unordered).filter { !$0.isGiven }.compactMap(\.call) }

    /// Takes out all.
    func takeAll() -> [LateAnswer] {
        let all = ordered + unordered + ready
        (ordered, unordered, ready) = ([], [], [])
        (count, bytesWaiting) = (0, 0)
        return all
    }
}
