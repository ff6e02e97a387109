//! The timers of one event loop: any number of deadlines over one timing wheel, with one wake-up from the loop, which is
//! asked for only while there are deadlines.
//!
//! A deadline costs an allocation and no call to the loop, unless it is the earliest: almost every deadline is taken back
//! long before it is reached, and a wake-up that finds nothing to do asks for the next one.
//!
//! Threads: all on the event loop.
//!
//! Always true: while a timer is scheduled, a wake-up has been asked for at or before the time from which it may fire.

/// Deadlines on one event loop.
public final class LoopTimers {
    /// Ticks of 2^18 ns, 0.26 ms: a timer fires at most so late.
    private static var tickShift: Int { 18 }
    /// Wake-ups are not asked for in less: so many deadlines in a row share one.
    private static var gapNanoseconds: Int64 { 1 << 18 }

    private let clock: Clock
    private let wakeUp: (_ nanoseconds: Int64, _ turn: @escaping () -> Void) -> Void
    private var wheel: TimingWheel
    /// Scheduled timers by the address of their nodes: keeps them alive, too.
    private var timers: [UInt: LoopTimer] = [:]
    /// The earliest wake-up that was asked for and has not come.
    private var wakeUpTime: Int64?

    /// - Parameter wakeUp: has `turn` called on the loop after this many nanoseconds. Wake-ups are not taken back: one that
    ///   is of no more use does nothing.
    public init(
        clock: Clock, wakeUp: @escaping (_ nanoseconds: Int64, _ turn: @escaping () -> Void) -> Void
    ) {
        self.clock = clock
        self.wakeUp = wakeUp
        wheel = TimingWheel(start: clock.now().nanoseconds, tickShift: Self.tickShift)
    }

    /// How many timers are scheduled.
    public var count: Int { timers.count }

    /// Calls `body` once when `deadline` is reached, never before.
    public func schedule(at deadline: MonotonicTime, _ body: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(deadline, self, body)
        unsafe wheel.insert(timer.node)
        timers[timer.address] = timer
        askForWakeUp()
        return timer
    }

    fileprivate func cancel(_ timer: LoopTimer) {
        guard timers.removeValue(forKey: timer.address) != nil else { return }
        unsafe wheel.remove(timer.node)
    }

    /// Fires what is due. Called by the wake-ups, and by tests that move the clock.
    public func turn() {
        let now = clock.now().nanoseconds
        var due: [LoopTimer] = []
        _ = unsafe wheel.advance(to: now, budget: .max) { node in
            if let timer = timers.removeValue(forKey: UInt(bitPattern: node)) { due.append(timer) }
        }
        // After the wheel's turn: what is called may schedule and cancel.
        for timer in due { timer.fire() }
        askForWakeUp()
    }

    private func askForWakeUp() {
        guard let next = wheel.nextTurn else { return }
        let now = clock.now().nanoseconds
        let time = max(next, now &+ Self.gapNanoseconds)
        if let wakeUpTime, wakeUpTime <= time { return }
        wakeUpTime = time
        wakeUp(time - now) { [weak self] in
            guard let self else { return }
            if wakeUpTime == time { wakeUpTime = nil }
            turn()
        }
    }

    deinit {
        // Nodes go with their timers; none may stay in the wheel.
        for timer in timers.values { unsafe wheel.remove(timer.node) }
    }
}

/// A deadline that was scheduled. Used on the loop; may be dropped.
@safe
public final class LoopTimer {
    fileprivate let node: UnsafeMutablePointer<TimingWheel.Node>
    private weak var timers: LoopTimers?
    private var body: (() -> Void)?

    fileprivate init(_ deadline: MonotonicTime, _ timers: LoopTimers, _ body: @escaping () -> Void) {
        unsafe node = .allocate(capacity: 1)
        unsafe node.initialize(to: TimingWheel.Node(deadline: deadline.nanoseconds))
        self.timers = timers
        self.body = body
    }

    fileprivate var address: UInt { unsafe UInt(bitPattern: node) }

    /// Takes the deadline back. Does nothing once it has fired.
    public func cancel() {
        body = nil
        timers?.cancel(self)
    }

    fileprivate func fire() {
        guard let body else { return }
        self.body = nil
        body()
    }

    // Sound: the timers keep it for as long as its node is in the wheel.
    deinit { unsafe node.deallocate() }
}
