//! A soak's time in slices. Latencies of a slice count once it is over and nothing has disturbed it; so a server that we
//! stop, or a machine that stops us, leaves gaps in the percentiles and not tails.
//!
//! Slices add up to spans. What is compared with another window comes from those spans of a window in which the host left the
//! cores alone (`StolenTime`): else a drift would be the host's.

internal import Histogram

struct SoakTimeline: Sendable {
    static let sliceSeconds = 0.25

    /// Resident memory at a time.
    struct MemoryLook: Sendable {
        let second: Double
        let bytes: Int
    }

    /// A part of the run whose latencies are compared with those of another.
    struct Window: Sendable {
        /// Of slices that nothing disturbed.
        fileprivate(set) var latency = LatencyHistogram.empty()
        /// Of those in calm spans.
        fileprivate(set) var calmLatency = LatencyHistogram.empty()
        private(set) var spans = 0
        private(set) var calmSpans = 0
        private var slices = 0
        private var leftOut = 0

        /// The share of its slices that was left out as disturbed.
        var leftOutShare: Double { slices > 0 ? Double(leftOut) / Double(slices) : 0 }
        var calmShare: Double { spans > 0 ? Double(calmSpans) / Double(spans) : 0 }
        var hasP99: Bool { calmLatency.totalCount >= LatencyHistogram.samplesMin(forPercentile: 99) }

        fileprivate mutating func noteSlice(isDisturbed: Bool) {
            slices += 1
            if isDisturbed { leftOut += 1 }
        }

        fileprivate mutating func noteSpan(_ latencies: [Int64], isCalm: Bool) {
            spans += 1
            if isCalm { calmSpans += 1 }
            for nanoseconds in latencies {
                latency.record(nanoseconds: nanoseconds)
                if isCalm { calmLatency.record(nanoseconds: nanoseconds) }
            }
        }
    }

    /// A part of a window: of its slices that nothing disturbed, and what the host took of a core in it.
    private struct Span {
        let start: SoakTime
        var latencies: [Int64] = []
        var stolenSeconds = 0.0
    }

    private let plan: SoakPlan
    private(set) var start: SoakTime
    /// Of the slice that is running, from when a call was due to its answer.
    private var slice: [Int64] = []
    private var sliceStart: SoakTime
    private var isDisturbed = false
    private var span: Span
    private var disturbedUntil: SoakTime = .min
    /// The end of the last disturbance, without what waited for it.
    private var disturbanceEnd: SoakTime = .min

    private(set) var early = Window()
    private(set) var late = Window()
    private(set) var all = LatencyHistogram.empty()
    /// Of slices that were disturbed.
    private(set) var disturbed = LatencyHistogram.empty()
    /// Of the interval that is running.
    private(set) var interval = LatencyHistogram.empty()
    private(set) var intervalStolenSeconds = 0.0
    private(set) var slices = 0
    private(set) var disturbedSlices = 0
    private(set) var memory: [MemoryLook] = []

    init(_ plan: SoakPlan, start: SoakTime) {
        self.plan = plan
        self.start = start
        sliceStart = start
        span = Span(start: start)
    }

    func second(_ time: SoakTime) -> Double { Double(time - start) / 1e9 }

    mutating func note(latency nanoseconds: Int64) { slice.append(nanoseconds) }

    mutating func note(residentBytes: Int, at now: SoakTime) {
        memory.append(MemoryLook(second: second(now), bytes: residentBytes))
    }

    /// What is measured until `end` is not the server's doing.
    mutating func noteDisturbance(until end: SoakTime) {
        isDisturbed = true
        disturbanceEnd = max(disturbanceEnd, end)
        disturbedUntil = max(disturbedUntil, end)
    }

    /// Calls wait to be sent: where that began in a disturbance, it is its aftermath, for as long as it lasts, but no longer
    /// than `aftermathSecondsMax`.
    mutating func noteBacklog(at now: SoakTime) {
        guard disturbedUntil >= now else { return }
        isDisturbed = true
        let end = now + SoakTime(SoakPlan.calmSeconds * 1e9)
        let endMax = disturbanceEnd + SoakTime(SoakPlan.aftermathSecondsMax * 1e9)
        disturbedUntil = max(disturbedUntil, min(end, endMax))
    }

    /// Ends the slice where it is over, and the span.
    /// - Parameter stolenSeconds: what the host took of a core since the last slice; asked when one is over.
    mutating func advance(to now: SoakTime, stolenSeconds: () -> Double = { 0 }) {
        guard second(now) - second(sliceStart) >= Self.sliceSeconds else { return }
        if spanNumber(sliceStart) > spanNumber(span.start) { endSpan() }
        let stolen = stolenSeconds()
        span.stolenSeconds += stolen
        intervalStolenSeconds += stolen
        let begin = second(sliceStart)
        let (isEarly, isLate) = (plan.earlyWindow.contains(begin), plan.lateWindow.contains(begin))
        let isLeftOut = isDisturbed || disturbedUntil > sliceStart
        slices += 1
        if isEarly { early.noteSlice(isDisturbed: isLeftOut) }
        if isLate { late.noteSlice(isDisturbed: isLeftOut) }
        if isLeftOut {
            disturbedSlices += 1
            for latency in slice { disturbed.record(nanoseconds: latency) }
        } else {
            for latency in slice {
                all.record(nanoseconds: latency)
                interval.record(nanoseconds: latency)
            }
            if isEarly || isLate { span.latencies += slice }
        }
        slice.removeAll(keepingCapacity: true)
        isDisturbed = false
        sliceStart = now
    }

    private func spanNumber(_ time: SoakTime) -> Int { Int(second(time) / plan.spanSeconds) }

    /// Ends the span that is running: when the next begins, and at the end of the run.
    mutating func endSpan() {
        defer { span = Span(start: sliceStart) }
        let isCalm = span.stolenSeconds <= StolenTime.shareMax * plan.spanSeconds
        let begin = second(span.start)
        if plan.earlyWindow.contains(begin) { early.noteSpan(span.latencies, isCalm: isCalm) }
        if plan.lateWindow.contains(begin) { late.noteSpan(span.latencies, isCalm: isCalm) }
    }

    mutating func endInterval() {
        interval.reset()
        intervalStolenSeconds = 0
    }

    /// The middle of what was seen in a part of the run; nil: nothing was.
    func residentBytes(in window: Range<Double>) -> Double? {
        median(memory.filter { window.contains($0.second) }.map { Double($0.bytes) })
    }

    /// Memory in the last fifth, of that after the warm-up.
    var memoryRatio: Double? {
        guard let before = residentBytes(in: plan.earlyWindow), let after = residentBytes(in: plan.lastFifth) else {
            return nil
        }
        return after / before
    }

    /// P99 of the last window, of that of the second, both in calm spans; nil where one of them has too few samples to have
    /// one.
    var latencyRatio: Double? {
        guard early.hasP99, late.hasP99 else { return nil }
        return ratio(\.calmLatency)
    }

    /// The same of all spans; nil where there are no samples.
    var restlessLatencyRatio: Double? {
        early.latency.totalCount > 0 && late.latency.totalCount > 0 ? ratio(\.latency) : nil
    }

    private func ratio(_ latency: KeyPath<Window, LatencyHistogram>) -> Double {
        Double(late[keyPath: latency].valueAtPercentile(99)) / Double(early[keyPath: latency].valueAtPercentile(99))
    }

    /// How fast memory grew in a part of the run, bytes a second: the slope of the straight line that is nearest to what
    /// was seen, by least squares. nil where that was less than two looks.
    func growth(in window: Range<Double>) -> Double? {
        let looks = memory.filter { window.contains($0.second) }
        let count = Double(looks.count)
        let middle = looks.map(\.second).reduce(0, +) / count
        let mean = looks.map { Double($0.bytes) }.reduce(0, +) / count
        var (spread, rise) = (0.0, 0.0)
        for look in looks {
            let distance = look.second - middle
            spread += distance * distance
            rise += distance * (Double(look.bytes) - mean)
        }
        return spread > 0 ? rise / spread : nil
    }
}
