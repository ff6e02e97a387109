//! The state of one run: what to send next, when to end, and what was counted so far. Touched by the generator's thread
//! only; a local variable of `Generator.run`, so that access to it costs no checks.

internal import Histogram
internal import Timing

struct Run<Driver: LoadDriver> {
    let plan: RunPlan
    let kinds: [CallKind<Driver>]
    let templates: [RequestTemplate]
    /// By kind: what draws its keys.
    var choosers: [KeyChooser]
    let isOpen: Bool
    var inserts: Inserts
    var figures: RunFigures

    /// Which kind a call is of: any of them, those on the connections that all share, those that have their own.
    private let anyKind: KindChooser
    private let sharedKind: KindChooser
    private let apartKind: KindChooser
    private var kindRandom: WyRand

    /// The clock when it was last read.
    var now: Int64
    private let start: Int64
    private var end: Int64
    private var schedule: ArrivalSchedule
    private(set) var nextArrival: Int64
    /// The next connection of those that all kinds share, and of those apart, from the first of each.
    var nextShared = 0
    var nextApart = 0

    /// Whether another call may begin.
    private(set) var mayBegin: Bool
    private(set) var unanswered = 0
    private var begun = 0

    /// The second that is running; merged into the figures at its end.
    private var second = LatencyHistogram.empty()
    private var secondEnd: Int64
    private var secondsElapsed = 0

    /// The run begins when all is prepared, the requests' templates among it: an open loop would be late from its first call.
    init(_ plan: RunPlan, _ keys: KeySpace, _ inserts: Inserts, _ clock: Clock) {
        self.plan = plan
        self.inserts = inserts
        let calls = CallKinds<Driver>(plan.mix, keys, seed: plan.seed)
        kinds = calls.kinds
        choosers = calls.choosers
        templates = calls.templates
        anyKind = KindChooser(plan.mix) { _ in true }
        sharedKind = KindChooser(plan.mix) { !$0.isApart }
        apartKind = KindChooser(plan.mix) { $0.isApart }
        kindRandom = WyRand(seed: plan.seed ^ 0x5a5a_5a5a_5a5a_5a5a)
        figures = RunFigures(plan.mix, plan.pace)
        start = clock.now().nanoseconds
        now = start
        end = start + plan.durationNanoseconds
        secondEnd = start + 1_000_000_000
        mayBegin = plan.callsMax > 0
        isOpen = plan.pace.isOpen
        // The arrivals do not depend on the keys that were drawn.
        let seed = plan.seed ^ 0xa5a5_a5a5_a5a5_a5a5
        schedule =
            switch plan.pace {
            case .closed: ArrivalSchedule(rate: 1, seed: 0)
            case .open(let rate): ArrivalSchedule(rate: rate, seed: seed)
            case .ramp(let from, let to):
                ArrivalSchedule(rate: from, endRate: to, seconds: Double(plan.durationNanoseconds) / 1e9, seed: seed)
            }
        nextArrival = .max
        if isOpen { advanceArrival() }
    }

    mutating func advanceArrival() {
        let (arrival, overflow) = start.addingReportingOverflow(schedule.next())
        nextArrival = overflow ? .max : arrival
        if nextArrival >= end { mayBegin = false }
    }

    /// The kind of the next call of an open loop.
    @inline(__always)
    mutating func drawKind() -> Int { anyKind.next(&kindRandom) }

    /// The kind of the next call on a connection of a closed loop.
    @inline(__always)
    mutating func drawKind(isApart: Bool) -> Int {
        isApart ? apartKind.next(&kindRandom) : sharedKind.next(&kindRandom)
    }

    /// Whether a closed loop makes calls on such connections.
    func uses(apart isApart: Bool) -> Bool { isApart ? !apartKind.isEmpty : !sharedKind.isEmpty }

    @inline(__always)
    mutating func noteBegun() {
        unanswered &+= 1
        begun &+= 1
        if begun >= plan.callsMax { mayBegin = false }
    }

    /// Counts an answer's keys.
    @inline(__always)
    mutating func noteKeys(_ scan: AnswerScan) {
        figures.found &+= scan.found
        figures.missing &+= scan.missing
        figures.failed &+= scan.failed
    }

    /// Counts a call that has its last answer.
    @inline(__always)
    mutating func noteAnswered(_ call: CallSlot, _ scan: AnswerScan) {
        unanswered &-= 1
        figures.calls &+= 1
        second.record(nanoseconds: now &- call.scheduledNanoseconds)
        let kind = Int(call.kind)
        if !figures.operations.isEmpty {
            figures.operations[kinds.span[kind].operation].note(nanoseconds: now &- call.scheduledNanoseconds)
        }
        if kinds.span[kind].isInsert { inserts.noteAnswered(UInt32(truncatingIfNeeded: call.keys)) }
        if kinds.span[kind].shape.timeoutMillis != nil {
            figures.deadline?.note(scan, nanoseconds: now &- call.scheduledNanoseconds)
        }
        if isOpen {
            figures.latencyFromSend?.record(nanoseconds: now &- call.sentNanoseconds)
            figures.lateness?.record(nanoseconds: call.sentNanoseconds &- call.scheduledNanoseconds)
        }
    }

    /// Looks at an answer as a whole: because all are, or because its counts are not what they should be.
    @inline(never)
    mutating func look(_ bytes: Span<UInt8>, _ scan: AnswerScan, _ call: CallSlot) {
        let answer = bytes.array(0..<scan.offset)
        let kind = kinds[Int(call.kind)]
        do {
            let chooser = choosers[Int(call.kind)].resumed(at: call.keys, newest: call.newest)
            try kind.driver.verify(answer, chooser, kind.shape, kind.entries)
        } catch {
            if plan.verifies, !scan.isError, scan.missing == 0 || kind.shape.mayMiss { figures.wrong += 1 }
            if figures.firstProblem == nil { figures.firstProblem = "\(error): \(text(answer))" }
        }
    }

    /// Ends the run when its time is over, or somebody has asked for that; answers are still waited for.
    mutating func checkTime() throws {
        if Interruption.isRequested, !figures.isInterrupted {
            figures.isInterrupted = true
            mayBegin = false
            end = min(end, now)
        }
        if now >= end, !isOpen || nextArrival >= end || now >= end + 1_000_000_000 { mayBegin = false }
        if now >= end + Int64(GeneratorLimits.drainSeconds) * 1_000_000_000 {
            throw RunFailure.stalled(unanswered: unanswered, seconds: GeneratorLimits.drainSeconds)
        }
    }

    /// Ends the second that is over.
    @inline(__always)
    mutating func tick(_ now: Int64, _ onSecond: ((SecondFigures) -> Void)?, isLast: Bool = false) {
        if now >= secondEnd || isLast { endSecond(now, onSecond, isLast: isLast) }
    }

    @inline(never)
    private mutating func endSecond(_ now: Int64, _ onSecond: ((SecondFigures) -> Void)?, isLast: Bool) {
        figures.seconds = Double(self.now - start) / 1e9
        figures.latency.add(second)
        secondsElapsed += 1
        if !isLast, let onSecond {
            onSecond(
                SecondFigures(
                    elapsedSeconds: secondsElapsed, calls: second.totalCount,
                    p50Nanoseconds: second.valueAtPercentile(50), p99Nanoseconds: second.valueAtPercentile(99)))
        }
        second.reset()
        secondEnd += 1_000_000_000
    }
}
