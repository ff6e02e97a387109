//! Writes of one event loop that were executed and wait until the log has kept them, and their deadlines.
//!
//! Almost all of them are confirmed within milliseconds, and a deadline is seconds away: so a write costs an append to a
//! list and a removal from it, and there is one timer for all, at the earliest deadline when it was set. When it fires, the
//! list is walked once, and it is set again for what is left.
//!
//! Threads: all on the event loop.
//!
//! Always true: each write in the list knows its place there and has not been answered; a write is answered once.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageAPI
internal import StorageEngine
internal import Timing

final class WaitingWrites {
    /// The timer is never set for less: so many deadlines in a row cost a walk of the list each.
    private static var timerGap: TimeAmount { .milliseconds(1) }

    private let eventLoop: (any EventLoop)?
    private let clock: Clock
    private let counters: CounterBlock
    private var writes: [AnyWaitingWrite] = []
    /// When the timer fires.
    private var timerTime: MonotonicTime?

    init(on eventLoop: (any EventLoop)?, clock: Clock, counters: CounterBlock) {
        self.eventLoop = eventLoop
        self.clock = clock
        self.counters = counters
    }

    var count: Int { writes.count }

    func add(_ write: AnyWaitingWrite) {
        write.place = writes.count
        writes.append(write)
        if let timerTime, timerTime <= write.deadline { return }
        setTimer(for: write.deadline)
    }

    fileprivate func remove(_ write: AnyWaitingWrite) {
        let last = writes.removeLast()
        if last !== write {
            last.place = write.place
            writes[write.place] = last
        }
    }

    /// Answers those whose time is over.
    func expire() {
        timerTime = nil
        let now = clock.now()
        for write in writes where write.deadline <= now {
            remove(write)
            counters.add(to: ServiceCounters.deadlineExceeded(.sync))
            write.answer(
                StorageError(
                    code: .deadlineExceeded,
                    message: "the change was made, and was not yet kept by the log when the call's time was over",
                    effect: .unknown))
        }
        if let next = writes.lazy.map(\.deadline).min() { setTimer(for: next) }
    }

    private func setTimer(for deadline: MonotonicTime) {
        guard let eventLoop else { return }
        timerTime = deadline
        let delay = max(.nanoseconds(deadline.nanoseconds(since: clock.now())), Self.timerGap)
        eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            // A timer that was set for an earlier deadline has come before this one.
            guard let self, timerTime == deadline else { return }
            expire()
        }
    }
}

/// A write that waits, of whatever method.
class AnyWaitingWrite {
    /// When its call's time is over.
    let deadline: MonotonicTime
    fileprivate var place = 0
    private unowned let others: WaitingWrites
    private var isAnswered = false

    fileprivate init(until deadline: MonotonicTime, among others: WaitingWrites) {
        self.deadline = deadline
        self.others = others
    }

    /// Told that its level was reached, or that this cannot be known any more.
    final func confirmed(_ failure: ConfirmationFailure?) {
        guard !isAnswered else { return }
        others.remove(self)
        answer(failure.map { .unconfirmed($0.reason) })
    }

    fileprivate final func answer(_ failure: StorageError?) {
        isAnswered = true
        send(failure)
    }

    /// Sends the result, or the failure.
    fileprivate func send(_ failure: StorageError?) { preconditionFailure("a write has a method") }
}

/// A write that waits, with what it will answer.
final class WaitingWrite<Method: RPCMethod>: AnyWaitingWrite where Method.Failure == StorageError {
    private let late: LateReply<Method>
    private let result: Method.Result

    init(
        _ late: LateReply<Method>, _ result: Method.Result, until deadline: MonotonicTime,
        among others: WaitingWrites
    ) {
        self.late = late
        self.result = result
        super.init(until: deadline, among: others)
    }

    /// What the handler returns.
    var reply: Reply { late.reply }

    fileprivate override func send(_ failure: StorageError?) {
        if let failure { late.fail(failure) } else { late.send(result) }
    }
}
