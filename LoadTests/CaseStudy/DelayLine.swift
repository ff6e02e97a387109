//! When the replies of one connection leave, without any I/O. Each command gets a delay of its own, from when it came, and
//! the delays of a connection run at the same time. Replies leave in the commands' order, as Redis sends them: one leaves
//! when its own delay and those of all before it have passed, and it has come from the store.
//!
//! Always true: of the commands that wait, the first `replied` have their replies.

struct DelayLine {
    private struct Waiting {
        /// When its reply may leave: never before that of the command before it.
        var dueNanoseconds: Int64
        /// Bytes of the reply; 0 until it has come.
        var size = 0
    }

    /// A reply that leaves.
    struct Leaving: Equatable {
        /// Bytes.
        var size: Int
        /// When it should have left: when it was due, or when it came from the store if that was later.
        var dueNanoseconds: Int64
    }

    private var waiting: [Waiting] = []
    private var replied = 0

    /// A command has come.
    mutating func noteCommand(at now: Int64, delayNanoseconds: Int64) {
        waiting.append(Waiting(dueNanoseconds: max(waiting.last?.dueNanoseconds ?? .min, now + delayNanoseconds)))
    }

    /// The reply to the first command that had none has come from the store.
    /// - Returns: whether the delay had passed by then, so that the store made the call longer than the delay.
    /// - Throws: if no command waits for one.
    mutating func noteReply(size: Int, at now: Int64) throws(MalformedAnswer) -> Bool {
        guard replied < waiting.count else { throw MalformedAnswer(expected: "no reply without a command") }
        waiting[replied].size = size
        let isLate = waiting[replied].dueNanoseconds < now
        waiting[replied].dueNanoseconds = max(waiting[replied].dueNanoseconds, now)
        replied += 1
        return isLate
    }

    /// When the next reply leaves; nil if none has come.
    var nextDueNanoseconds: Int64? { replied > 0 ? waiting[0].dueNanoseconds : nil }

    /// Takes the next reply that may leave; nil if there is none.
    mutating func leave(at now: Int64) -> Leaving? {
        guard replied > 0, waiting[0].dueNanoseconds <= now else { return nil }
        let first = waiting.removeFirst()
        replied -= 1
        return Leaving(size: first.size, dueNanoseconds: first.dueNanoseconds)
    }
}
