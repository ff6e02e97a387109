//! Where one thread's writes wait until they are logged or synced: woken once for many.
//!
//! Threads: everything is the owner's (an event loop), but for `isDue` and `wakeOnce`, which any thread that writes the log
//! calls.
//!
//! Always true: each row is in the order of LSNs, as one thread's appends are; the atomics hold the first LSN of each row, or
//! `.max`. A waiter stores its LSN there and then looks at the log's marks; the log moves its marks and then looks there
//! (both sequentially consistent): so one of the two sees the other, and no wake-up is lost.

internal import NeedletailThreads
internal import Synchronization

/// One thread's line of waiters.
public final class CommitLine: @unchecked Sendable {
    private struct Waiter {
        let lsn: Int64
        let then: ((any Error)?) -> Void
    }

    private struct Row {
        var waiters: [Waiter] = []

        var firstLSN: Int64 { waiters.first?.lsn ?? .max }
        var lastLSN: Int64? { waiters.last?.lsn }

        /// - Returns: whether it is the first.
        mutating func add(_ waiter: Waiter) -> Bool {
            waiters.append(waiter)
            return waiters.count == 1
        }

        /// Takes those out whose turn has come.
        mutating func take(through lsn: Int64, into due: inout [Waiter]) {
            let count = waiters.firstIndex { $0.lsn > lsn } ?? waiters.count
            due += waiters[..<count]
            waiters.removeFirst(count)
        }
    }

    private let log: WriteAheadLog
    private let wake: @Sendable () -> Void
    private let later: (@escaping () -> Void) -> Void
    private let logged = Confined(Row())
    private let synced = Confined(Row())
    private var isSubmitting = false
    /// The owner has the right to write, for a group of changes; and the last of those.
    private var isWriting = false
    private var groupLSN: Int64 = 0

    private let firstLogged = Atomic<Int64>(.max)
    private let firstSynced = Atomic<Int64>(.max)
    private let isWoken = Atomic<Bool>(false)

    /// - Parameters:
    ///   - wake: called by whoever writes the log, to have `drain` called on the owner's thread.
    ///   - later: runs a closure on the owner's thread when what came together has been served, so that the log is asked
    ///     once for all of it.
    init(
        log: WriteAheadLog, wake: @escaping @Sendable () -> Void, later: @escaping (@escaping () -> Void) -> Void
    ) {
        self.log = log
        self.wake = wake
        self.later = later
    }

    /// How many wait.
    public var count: Int { logged.value.waiters.count + synced.value.waiters.count }

    /// Waits until the change with this LSN has reached `level`; then, or when that has become unknowable (with a
    /// `LogRefusal`), `then` is called on the owner's thread, from `drain`.
    /// - Precondition: `level` is more than `memory`; LSNs of one level rise from call to call.
    public func wait(for lsn: Int64, _ level: LogLevel, _ then: @escaping ((any Error)?) -> Void) {
        let waiter = Waiter(lsn: lsn, then: then)
        if level == .logged {
            if logged.value.add(waiter) { firstLogged.store(lsn, ordering: .sequentiallyConsistent) }
        } else {
            if synced.value.add(waiter) { firstSynced.store(lsn, ordering: .sequentiallyConsistent) }
        }
        guard !isSubmitting else { return }
        isSubmitting = true
        later { [self] in submit() }
    }

    /// Asks the log for what the line waits for, or writes it itself.
    private func submit() {
        isSubmitting = false
        if synced.value.waiters.isEmpty, log.beginGroup(room: 0) {
            log.finishGroup(for: self, through: .min)
        } else {
            log.want(logged: logged.value.lastLSN, synced: synced.value.lastLSN)
        }
        // What came true in between, nobody else tells us of.
        if isDue() { drain() }
    }

    // MARK: Groups

    /// Has the change with this LSN, the owner's last, written by `finishGroup`, so that nobody need wait for it.
    /// - Returns: false if it must be waited for: the log's threads are at work, or there is much to write, or no room.
    public func join(_ lsn: Int64) -> Bool {
        guard isWriting ? log.takesGroup() : log.beginGroup(room: WriteAheadLog.groupRoom) else { return false }
        isWriting = true
        groupLSN = lsn
        return true
    }

    /// Writes the changes that have joined since the last call. To be called soon after the first: until then nobody else
    /// writes or syncs.
    /// - Returns: false if the log has failed to; whether they will be kept is unknowable then.
    public func finishGroup() -> Bool {
        guard isWriting else { return true }
        isWriting = false
        log.finishGroup(for: self, through: groupLSN)
        if isDue() { wakeOnce() }
        return groupLSN <= log.loggedLSN
    }

    /// Calls those whose turn has come.
    public func drain() {
        isWoken.store(false, ordering: .sequentiallyConsistent)
        var due: [Waiter] = []
        var failed: [Waiter] = []
        // First the refusal: what was reached before it counts as reached.
        let refusal = log.refusalOfWaiters
        logged.value.take(through: log.loggedLSN, into: &due)
        synced.value.take(through: log.syncedLSN, into: &due)
        if refusal != nil {
            logged.value.take(through: .max, into: &failed)
            synced.value.take(through: .max, into: &failed)
        }
        firstLogged.store(logged.value.firstLSN, ordering: .sequentiallyConsistent)
        firstSynced.store(synced.value.firstLSN, ordering: .sequentiallyConsistent)
        for waiter in due { waiter.then(nil) }
        for waiter in failed { waiter.then(refusal) }
    }

    // MARK: From any thread

    /// Whether somebody's turn has come.
    func isDue() -> Bool {
        let firstLogged = firstLogged.load(ordering: .sequentiallyConsistent)
        let firstSynced = firstSynced.load(ordering: .sequentiallyConsistent)
        if min(firstLogged, firstSynced) == .max { return false }
        return firstLogged <= log.loggedLSN || firstSynced <= log.syncedLSN || log.refusalOfWaiters != nil
    }

    /// Has the owner drain, unless it was told already.
    func wakeOnce() {
        if !isWoken.exchange(true, ordering: .sequentiallyConsistent) { wake() }
    }
}
