//! A soak's time in slices. Latencies of a slice count once it is over and nothing has disturbed it; so a server that we
//! stop, or a machine that stops us, leaves gaps in the percentiles and not tails.

internal import Histogram

struct SoakTimeline: Sendable {
    static let sliceSeconds = 0.25

    /// Resident memory at a time.
    struct MemoryLook: Sendable {
        let second: Double
        let bytes: Int
    }

    private let plan: SoakPlan
    private(set) var start: SoakTime
    /// Of the slice that is running, from when a call was due to its answer.
    private var slice: [Int64] = []
    private var sliceStart: SoakTime
    private var isDisturbed = false
    private var disturbedUntil: SoakTime = .min

    private(set) var early = LatencyHistogram.empty()
    private(set) var late = LatencyHistogram.empty()
    private(set) var all = LatencyHistogram.empty()
    /// Of slices that were disturbed.
    private(set) var disturbed = LatencyHistogram.empty()
    /// Of the interval that is running.
    private(set) var interval = LatencyHistogram.empty()
    private(set) var slices = 0
    private(set) var disturbedSlices = 0
    private(set) var memory: [MemoryLook] = []

    init(_ plan: SoakPlan, start: SoakTime) {
        self.plan = plan
        self.start = start
        sliceStart = start
    }

    func second(_ time: SoakTime) -> Double { Double(time - start) / 1e9 }

    mutating func note(latency nanoseconds: Int64) { slice.append(nanoseconds) }

    mutating func note(residentBytes: Int, at now: SoakTime) {
        memory.append(MemoryLook(second: second(now), bytes: residentBytes))
    }

    /// What is measured until `end` is not the server's doing.
    mutating func noteDisturbance(until end: SoakTime) {
        isDisturbed = true
        disturbedUntil = max(disturbedUntil, end)
    }

    /// Calls wait to be sent: where that began in a disturbance, it is its aftermath, for as long as it lasts.
    mutating func noteBacklog(at now: SoakTime) {
        if disturbedUntil >= now { noteDisturbance(until: now + SoakTime(SoakPlan.calmSeconds * 1e9)) }
    }

    /// Ends the slice where it is over.
    mutating func advance(to now: SoakTime) {
        guard second(now) - second(sliceStart) >= Self.sliceSeconds else { return }
        slices += 1
        if isDisturbed || disturbedUntil > sliceStart {
            disturbedSlices += 1
            for latency in slice { disturbed.record(nanoseconds: latency) }
        } else {
            let second = second(sliceStart)
            for latency in slice {
                all.record(nanoseconds: latency)
                interval.record(nanoseconds: latency)
                if plan.earlyWindow.contains(second) { early.record(nanoseconds: latency) }
                if plan.lateWindow.contains(second) { late.record(nanoseconds: latency) }
            }
        }
        slice.removeAll(keepingCapacity: true)
        isDisturbed = false
        sliceStart = now
    }

    mutating func endInterval() { interval.reset() }

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

    /// P99 of the last window, of that of the second; nil where one of them has too few samples to have one.
    var latencyRatio: Double? {
        let samplesMin = LatencyHistogram.samplesMin(forPercentile: 99)
        guard early.totalCount >= samplesMin, late.totalCount >= samplesMin else { return nil }
        return Double(late.valueAtPercentile(99)) / Double(early.valueAtPercentile(99))
    }
}
