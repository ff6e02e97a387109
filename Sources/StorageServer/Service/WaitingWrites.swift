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
internal import NeedletailThreads
internal import StorageAPI
internal import StorageEngine
internal import Timing

final class WaitingWrites {
    private static let never = MonotonicTime(nanoseconds: .max)

    private let timers: LoopTimers
    private let clock: Clock
    private let counters: CounterBlock
    private let writes = Confined<[WaitingWrite]>([])
    private var timer: LoopTimer?
    /// When it fires.
    private var timerTime = never

    init(_ timers: LoopTimers, clock: Clock, counters: CounterBlock) {
        self.timers = timers
        self.clock = clock
        self.counters = counters
    }

    var count: Int { writes.value.count }

    func add(_ write: WaitingWrite) {
        write.placeHere = writes.value.count
        writes.value.append(write)
        if write.deadline < timerTime { setTimer(for: write.deadline) }
    }

    fileprivate func remove(_ write: WaitingWrite) {
        let last = writes.value.removeLast()
        if last !== write {
            last.placeHere = write.placeHere
            writes.value[write.placeHere] = last
        }
    }

    /// Answers those whose time is over.
    private func expire() {
        (timer, timerTime) = (nil, Self.never)
        let now = clock.now()
        let all = writes.value
        for write in all where write.deadline <= now {
            remove(write)
            counters.add(to: ServiceCounters.deadlineExceeded(.sync))
            write.fail(
                StorageError(
                    code: .deadlineExceeded,
                    message: "the change was made, and was not yet kept by the log when the call's time was over",
                    effect: .unknown))
        }
        if let next = writes.value.lazy.map(\.deadline).min() { setTimer(for: next) }
    }

    private func setTimer(for deadline: MonotonicTime) {
        timer?.cancel()
        timer = timers.schedule(at: deadline) { [weak self] in self?.expire() }
        timerTime = deadline
    }
}

/// The answer to a write that was executed: the result, prepared, unless it has to say that nobody knows.
final class WaitingWrite: LateAnswer {
    /// When its call's time is over.
    let deadline: MonotonicTime
    fileprivate var placeHere = 0
    private unowned let others: WaitingWrites
    /// What an error is written with. Those of all methods are written alike.
    private let served: Call<StorageMethods.Put>
    private var isDone = false

    init<Method: RPCMethod>(_ call: borrowing Call<Method>, until deadline: MonotonicTime, among others: WaitingWrites)
    where Method.Failure == StorageError {
        self.deadline = deadline
        self.others = others
        served = Call(head: call.head, times: call.times, format: call.format)
        super.init(isPrepared: true)
    }

    /// Told that its level was reached, or that this cannot be known any more.
    func confirmed(_ failure: (any Error)?) {
        guard !isDone else { return }
        others.remove(self)
        if let failure { return fail(.unconfirmed("\(failure)")) }
        isDone = true
        release()
    }

    fileprivate func fail(_ failure: StorageError) {
        isDone = true
        send(served.encoded(failure), threw: failure)
    }
}
