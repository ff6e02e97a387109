//! The state of one run: what to send next, when to end, and what was counted so far. Touched by the generator's thread
//! only; a local variable of `Generator.run`, so that access to it costs no checks.

internal import Histogram

struct Run<Driver: LoadDriver> {
    let plan: RunPlan
    let driver: Driver
    let template: RequestTemplate
    let isOpen: Bool
    var chooser: KeyChooser
    var figures: RunFigures

    /// The clock when it was last read.
    var now: Int64
    private let start: Int64
    private let end: Int64
    private var schedule: ArrivalSchedule
    private(set) var nextArrival: Int64
    var nextConnection = 0

    /// Whether another call may begin.
    private(set) var mayBegin: Bool
    private(set) var unanswered = 0
    private var begun = 0

    /// The second that is running; merged into the figures at its end.
    private var second = LatencyHistogram.empty()
    private var secondEnd: Int64
    private var secondsElapsed = 0

    init(_ plan: RunPlan, _ keys: KeySpace, start: Int64) {
        self.plan = plan
        driver = Driver(plan.shape, keys)
        template = driver.template
        chooser = KeyChooser(plan.order, seed: plan.order == .uniform ? plan.seed : 0, count: keys.count)
        figures = RunFigures(plan.shape, plan.pace)
        now = start
        self.start = start
        end = start + plan.durationNanoseconds
        secondEnd = start + 1_000_000_000
        mayBegin = plan.callsMax > 0
        if case .open(let rate) = plan.pace {
            isOpen = true
            // The arrivals do not depend on the keys that were drawn.
            schedule = ArrivalSchedule(rate: rate, seed: plan.seed ^ 0xa5a5_a5a5_a5a5_a5a5)
            nextArrival = start + schedule.next()
        } else {
            isOpen = false
            schedule = ArrivalSchedule(rate: 1, seed: 0)
            nextArrival = .max
        }
    }

    mutating func advanceArrival() {
        nextArrival = start + schedule.next()
        if nextArrival >= end { mayBegin = false }
    }

    @inline(__always)
    mutating func noteBegun() {
        unanswered &+= 1
        begun &+= 1
        if begun >= plan.callsMax { mayBegin = false }
    }

    @inline(__always)
    mutating func noteAnswered(_ call: CallSlot, _ scan: AnswerScan) {
        unanswered &-= 1
        figures.calls &+= 1
        figures.found &+= scan.found
        figures.missing &+= scan.missing
        figures.failed &+= scan.failed
        second.record(nanoseconds: now &- call.scheduledNanoseconds)
        figures.deadline?.note(scan, nanoseconds: now &- call.scheduledNanoseconds)
        if isOpen {
            figures.latencyFromSend?.record(nanoseconds: now &- call.sentNanoseconds)
            figures.lateness?.record(nanoseconds: call.sentNanoseconds &- call.scheduledNanoseconds)
        }
    }

    /// Looks at an answer as a whole: because all are, or because its counts are not what they should be.
    @inline(never)
    mutating func look(_ bytes: Span<UInt8>, _ scan: AnswerScan, _ call: CallSlot, _ keys: KeySpace) {
        let answer = bytes.array(0..<scan.offset)
        do {
            try driver.verify(answer, chooser.resumed(at: call.keys), plan.shape, keys)
        } catch {
            if plan.verifies, !scan.isError, scan.missing == 0 { figures.wrong += 1 }
            if figures.firstProblem == nil { figures.firstProblem = "\(error): \(text(answer))" }
        }
    }

    /// Ends the run when its time is over, or somebody has asked for that.
    mutating func checkTime() throws {
        if Interruption.isRequested { throw Interrupted() }
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
