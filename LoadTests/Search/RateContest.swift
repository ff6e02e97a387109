//! Carries out a search for the highest rate: an open loop at each rate that it asks for.

internal import Histogram

/// What a rate must keep.
struct RateGoal: Sendable, Hashable {
    /// The P99 from the scheduled time is at most this.
    var p99Nanoseconds: UInt64
    /// A try lasts at least this long, and as long as it takes for enough samples.
    var secondsMin = 2.0
    var precision = 0.05
    /// Some more than a P99 needs, because arrivals are random.
    var samplesMin = 11_000.0
    /// Where the rate is so low that samples would take longer, a try ends with fewer.
    private static let trySecondsMax = 60.0
    /// Of calls that name a budget, as many must be answered in full and in time: what is refused, or answered for some of
    /// the keys, is fast.
    static let inTimeShareMin = 0.99

    func seconds(at rate: Double) -> Double { min(max(secondsMin, samplesMin / rate), Self.trySecondsMax) }

    /// All tries of a search together last no longer than this, twice what as many as there may be take at the rate that it
    /// begins with, so that a slow server has as many of them as a fast one: where noise misses the goal at every rate,
    /// those that are tried become ever lower, and tries ever longer.
    func searchSecondsMax(start: Double) -> Double {
        2 * Double(RateSearch.probesMax) * seconds(at: max(start, RateSearch.rateMin))
    }

    func isKept(by figures: RunFigures) -> Bool {
        figures.isClean && figures.latency.valueAtPercentile(99) <= p99Nanoseconds
            && figures.deadline?.inTimeShare ?? 1 >= Self.inTimeShareMin
    }
}

/// What a search found.
struct RateResult: Sendable {
    let goal: RateGoal
    let search: RateSearch
    /// The last try of the highest rate that kept the goal.
    let highest: Measurement?
    /// Tries that did not count, because the container's quota or the host stopped us.
    let repeated: Int
    /// Whether a try missed the goal while the generator itself was too late for it.
    let isGeneratorBound: Bool
    let isInterrupted: Bool
    /// What all tries together might last.
    let secondsMax: Double
    /// The next try would have exceeded that.
    let isOutOfTime: Bool

    /// Remarks on what the figure is worth, one line each.
    var notes: [String] {
        var notes: [String] = []
        if isInterrupted { notes.append("INTERRUPTED: the search had not come to its end") }
        if let low = search.highestKept, let high = search.lowestMissed {
            notes.append(
                """
                P99 stayed within \(duration(nanoseconds: goal.p99Nanoseconds)) at \(fixed(low, 0)) requests/s and did \
                not at \(fixed(high, 0)), in \(search.probes.count) tries
                """)
        } else if search.highestKept == nil {
            notes.append("no rate kept a P99 of \(duration(nanoseconds: goal.p99Nanoseconds))")
        }
        if !search.isMonotone {
            notes.append("NOISE: a higher rate kept the P99 than the lowest that missed it; measure again, alone")
        }
        if isOutOfTime {
            let (seconds, tries) = (fixed(secondsMax, 0), search.probes.count)
            notes.append(
                "NOT SETTLED within \(seconds) s, after \(tries) tries; measure again, alone, or with more --seconds")
        } else if !isInterrupted, search.highestKept != nil, !search.isComplete {
            notes.append("not settled after \(search.probes.count) tries; the bracket is what there is")
        }
        if let highest, highest.figures.deadline != nil {
            notes.append(
                "a rate was kept only where \(fixed(RateGoal.inTimeShareMin * 100, 0))% were answered in full and in time, too"
            )
        }
        if isGeneratorBound {
            notes.append("the generator itself was late where the P99 was missed; more may be possible")
        }
        if repeated > 0 {
            notes.append("\(repeated) tries were made again: the container's CPU quota or the host stopped us")
        }
        return notes
    }
}

struct RateContest {
    /// Tries that may be repeated because of the container's quota, or of the host.
    private static let repeatsMax = 10

    let goal: RateGoal
    /// An open loop at a rate, for so many seconds.
    let measure: (_ rate: Double, _ seconds: Double) throws -> Measurement
    /// After a run that was given up.
    let reconnect: () throws -> Void

    /// - Parameters:
    ///   - start: the rate to begin with.
    ///   - step: how far apart the first rates are tried, as a factor.
    ///   - onProbe: is told of each try.
    func run(
        start: Double, step: Double = 1.5, onProbe: (RateSearch.Probe) -> Void = { _ in }
    ) throws -> RateResult {
        var search = RateSearch(start: start, step: step, precision: goal.precision)
        var kept: [Double: Measurement] = [:]
        var repeats = Repeats(atMost: Self.repeatsMax)
        var isGeneratorBound = false
        var isInterrupted = false
        var isOutOfTime = false
        let secondsMax = goal.searchSecondsMax(start: start)
        var secondsLeft = secondsMax
        while let rate = search.next() {
            let seconds = goal.seconds(at: rate)
            guard seconds <= secondsLeft else {
                isOutOfTime = true
                break
            }
            secondsLeft -= seconds
            var probe = RateSearch.Probe(rate: rate, isKept: false, p99Microseconds: nil)
            do {
                let measurement = try measure(rate, seconds)
                if repeats.takes(measurement) { continue }
                let figures = measurement.figures
                if figures.wrong > 0 { throw WrongAnswer(figures.firstProblem ?? "answers were wrong") }
                probe.isKept = goal.isKept(by: figures)
                probe.p99Microseconds = Double(figures.latency.valueAtPercentile(99)) / 1e3
                probe.inTimeShare = figures.deadline?.inTimeShare
                if probe.isKept {
                    kept[rate] = measurement
                } else if let lateness = figures.lateness, lateness.valueAtPercentile(99) > goal.p99Nanoseconds / 2 {
                    isGeneratorBound = true
                }
            } catch is RunFailure {
                // More than it could answer: the rate is too high.
                try reconnect()
            } catch is Interrupted {
                isInterrupted = true
                break
            }
            search.note(probe)
            onProbe(probe)
        }
        return RateResult(
            goal: goal, search: search, highest: search.highestKept.flatMap { kept[$0] }, repeated: repeats.count,
            isGeneratorBound: isGeneratorBound, isInterrupted: isInterrupted, secondsMax: secondsMax,
            isOutOfTime: isOutOfTime)
    }
}
