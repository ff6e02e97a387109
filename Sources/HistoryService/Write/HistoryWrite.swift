//! A setData that is under way: one period after the other is read, changed and written back, if nobody else wrote it
//! meanwhile; else it is read again.
//!
//! Threads: on the loop of its service. An engine may answer before its call returns: `run` is a loop over steps, which
//! goes on where an answer puts the next one, so that any number of periods need no stack.
//!
//! Always true: it answers once; `periodsWritten` periods, the first ones, have been written; while `isSwapping` nobody
//! knows of the next one.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

final class HistoryWrite<Engine: DeferredEngine> {
    private enum Step {
        /// Reads the next period; after the last one the write has ended.
        case read
        /// Writes it back with the new events, if it is still what was seen.
        case swap(StoredValue?)
    }

    private let service: HistoryService<Engine>
    private let late: LateReply<HistoryMethods.SetData>
    private let deadline: MonotonicTime
    private let expiry: WallTime
    private let level: EngineLevel
    /// By time; those of one moment in the order of the request.
    private let events: [Event]
    private let owner: ByteBuffer
    /// The events of each period.
    private let groups: [Range<Int>]
    /// Where those of the period are kept whose turn it is.
    private var key = ByteBuffer()

    private var next: Step? = .read
    private var isRunning = false
    private var periodsWritten = 0
    private var attempts = 0
    private var isSwapping = false
    /// The lowest that a period has reached.
    private var reached: EngineLevel?
    /// What the write waits for, taken back.
    private var giveUp: (() -> Void)?
    private var timer: LoopTimer?
    private var hasEnded = false

    init(
        _ events: [Event], owner: RawSpan, expiry: WallTime, level: EngineLevel, until deadline: MonotonicTime,
        for service: HistoryService<Engine>, _ late: LateReply<HistoryMethods.SetData>
    ) {
        self.service = service
        self.late = late
        self.deadline = deadline
        self.expiry = expiry
        self.level = level
        // A stable sort.
        let events = events.sorted { $0.timestampMillis < $1.timestampMillis }
        self.events = events
        self.owner = ByteBuffer(copying: owner)
        var groups: [Range<Int>] = []
        var last: Int64?
        for (index, event) in events.enumerated() {
            let number = service.periods.period(at: event.timestampMillis)
            if number == last {
                groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<index + 1
            } else {
                groups.append(index..<index + 1)
                last = number
            }
        }
        self.groups = groups
    }

    /// What the handler returns.
    var reply: Reply { late.reply }

    func begin() {
        late.answer.onCancel = { _ = self.end() }
        run()
    }

    /// Takes steps as long as one can be taken.
    private func run() {
        guard !isRunning else { return }
        isRunning = true
        defer { isRunning = false }
        while !hasEnded, let step = next.take() {
            switch step {
            case .read: read()
            case .swap(let seen): swap(seen)
            }
        }
        // Only a write that waits has a timer.
        if !hasEnded, timer == nil { timer = service.timers.schedule(at: deadline) { self.expire() } }
    }

    private func go(_ step: Step) {
        giveUp = nil
        next = step
        run()
    }

    private func read() {
        guard periodsWritten < groups.count else { return succeed() }
        guard service.clock.now() < deadline else { return expire() }
        let number = service.periods.period(at: events[groups[periodsWritten].lowerBound].timestampMillis)
        let owner = owner
        key = HistoryKey.key(owner.readableBytesSpan, number)
        let call = EngineCall<StoredValue?> { result in
            switch result {
            case .success(let seen): self.go(.swap(seen))
            case .failure(let error): self.fail(self.service.host.failure(of: error))
            }
        }
        giveUp = { call.cancel() }
        service.engine.get(key, call, session: service.session)
    }

    private func swap(_ seen: StoredValue?) {
        let blob: ByteBuffer
        do throws(BlobError) {
            blob = try service.writer.blob(
                seen?.value, with: events[groups[periodsWritten]], until: deadline, reader: service.reader)
        } catch {
            if error == .deadlineExceeded { return expire() }
            return fail(service.failure(of: error, at: events[groups[periodsWritten].lowerBound].timestampMillis))
        }
        let call = EngineCall<Kept<Bool>> { result in
            self.isSwapping = false
            switch result {
            case .success(let kept): self.swapped(kept)
            case .failure(let error): self.fail(self.service.host.failure(of: error))
            }
        }
        giveUp = { call.cancel() }
        isSwapping = true
        service.engine.compareAndSwap(
            key, seen: seen, value: blob, expiry: max(expiry, seen?.expiry ?? expiry), durability: level, call,
            session: service.session)
    }

    private func swapped(_ kept: Kept<Bool>) {
        if kept.outcome {
            periodsWritten += 1
            attempts = 0
            reached = min(reached ?? kept.durability, kept.durability)
            return go(.read)
        }
        attempts += 1
        guard attempts < RetryDelays.attemptsMax else {
            return fail(
                StorageError(
                    code: .overloaded, message: "other writers of this owner came first \(attempts) times",
                    effect: .notExecuted, retryAfterMillis: 100))
        }
        let delay = service.retryDelays.next(after: attempts)
        let timer = service.timers.schedule(
            at: MonotonicTime(nanoseconds: service.clock.now().nanoseconds + delay)
        ) { self.go(.read) }
        giveUp = { timer.cancel() }
    }

    // MARK: The end

    private func succeed() {
        guard end() else { return }
        late.send(
            SetDataResponse(
                written: Int32(truncatingIfNeeded: events.count),
                durability: reached.map { StorageAPI.Durability(rawValue: $0.rawValue) }))
    }

    private func fail(_ error: StorageError) {
        guard end() else { return }
        var error = error
        if periodsWritten > 0 {
            error.effect = .unknown
            error.message += "; \(periodsWritten) of \(groups.count) periods were written"
        }
        late.fail(error)
    }

    private func expire() {
        let effect: Effect = isSwapping ? .unknown : .notExecuted
        service.host.exceededDeadline()
        fail(
            StorageError(
                code: .deadlineExceeded, message: "the events were not written within the call's time", effect: effect))
    }

    /// - Returns: false if it had ended before.
    private func end() -> Bool {
        if hasEnded { return false }
        hasEnded = true
        giveUp?()
        giveUp = nil
        timer?.cancel()
        timer = nil
        return true
    }
}
