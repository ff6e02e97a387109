//! What a run is to do, and what came of it.

internal import Histogram

/// One run over the connections that are there.
struct RunPlan: Sendable {
    var mix: CallMix
    var pace: Pace
    /// No call is begun after it; the answers of those under way are still waited for.
    var durationNanoseconds: Int64
    /// No more calls than that are begun.
    var callsMax = Int.max
    /// Decode each answer in full and compare its values: for warming up, not for measuring.
    var verifies = false
    /// What keys and arrivals are drawn from.
    var seed: UInt64

    static func seconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
}

/// Durations in nanoseconds; three digits are kept.
typealias LatencyHistogram = Histogram<UInt64>

extension LatencyHistogram {
    /// Longer than a call may take before the run is given up.
    static let nanosecondsMax: UInt64 = 120_000_000_000

    static func empty() -> LatencyHistogram {
        LatencyHistogram(highestTrackableValue: nanosecondsMax, numberOfSignificantValueDigits: .three)
    }

    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        record(Swift.min(UInt64(Swift.max(nanoseconds, 0)), Self.nanosecondsMax))
    }
}

/// What a second of a run looked like.
struct SecondFigures {
    let elapsedSeconds: Int
    let calls: UInt64
    let p50Nanoseconds: UInt64
    let p99Nanoseconds: UInt64
}

/// What became of a run's calls.
struct RunFigures: Sendable {
    let mix: CallMix
    let pace: Pace
    /// From the first call to the last answer.
    var seconds = 0.0
    var calls = 0
    /// Keys, by what their answers said.
    var found = 0
    var missing = 0
    var failed = 0
    /// Answers that were decoded and were not what they should be.
    var wrong = 0
    /// The first answer that was an error, or wrong.
    var firstProblem: String?
    /// From when a call was due to its answer; in a closed loop a call is due when it is sent.
    var latency = LatencyHistogram.empty()
    /// Open loop only: from when a call was in fact sent.
    var latencyFromSend: LatencyHistogram?
    /// Open loop only: how much later than due the generator sent.
    var lateness: LatencyHistogram?
    /// Of a mix: what became of each operation's calls.
    var operations: [OperationFigures] = []
    /// Whether somebody ended it before its time.
    var isInterrupted = false
    /// User and system time of the generator's thread.
    var generatorCPUSeconds = 0.0
    /// Where requests name a budget.
    var deadline: DeadlineFigures?

    /// The latencies of a mix' first operation; where there is one operation only, of all calls.
    var foremost: LatencyHistogram { operations.first?.latency ?? latency }

    var rate: Double { seconds > 0 ? Double(calls) / seconds : 0 }
    /// Whether every answer was right. Keys may be missing where some are removed, and calls with a budget may fail: that
    /// is what budgets are for, and `deadline` counts it.
    var isClean: Bool {
        (missing == 0 || mix.parts.contains { $0.shape.mayMiss }) && (failed == 0 || deadline != nil) && wrong == 0
    }

    init(_ mix: CallMix, _ pace: Pace) {
        self.mix = mix
        self.pace = pace
        if pace.isOpen {
            latencyFromSend = .empty()
            lateness = .empty()
        }
        let titles = mix.titles
        if titles.count > 1 { operations = titles.map { OperationFigures(title: $0) } }
        deadline = mix.timeoutMillis.map { DeadlineFigures(timeoutMillis: $0) }
    }

    init(_ shape: CallShape, _ pace: Pace) { self.init(CallMix(shape), pace) }

    /// Both runs as one: counts are added, histograms merged.
    mutating func add(_ other: RunFigures) {
        seconds += other.seconds
        calls += other.calls
        found += other.found
        missing += other.missing
        failed += other.failed
        wrong += other.wrong
        firstProblem = firstProblem ?? other.firstProblem
        latency.add(other.latency)
        if let more = other.latencyFromSend { latencyFromSend?.add(more) }
        if let more = other.lateness { lateness?.add(more) }
        generatorCPUSeconds += other.generatorCPUSeconds
        if let more = other.deadline { deadline?.add(more) }
        for index in operations.indices { operations[index].add(other.operations[index]) }
        isInterrupted = isInterrupted || other.isInterrupted
    }
}

/// What became of one operation's calls.
struct OperationFigures: Sendable {
    let title: String
    var calls = 0
    /// From when a call was due to its answer.
    var latency = LatencyHistogram.empty()

    init(title: String) { self.title = title }

    @inline(__always)
    mutating func note(nanoseconds: Int64) {
        calls &+= 1
        latency.record(nanoseconds: nanoseconds)
    }

    mutating func add(_ other: OperationFigures) {
        calls += other.calls
        latency.add(other.latency)
    }
}

/// What became of calls that had to be answered in time.
struct DeadlineFigures: Sendable {
    private let budgetNanoseconds: Int64
    /// Answered in full, within the budget.
    private(set) var inTime = 0
    /// Answered in full, later.
    private(set) var late = 0
    /// Answered for some of the keys.
    private(set) var partial = 0
    /// Answered with an error.
    private(set) var refused = 0
    /// Of those that were not refused: from when they were due to their answers.
    private(set) var admitted = LatencyHistogram.empty()

    init(timeoutMillis: Int32) { budgetNanoseconds = Int64(timeoutMillis) * 1_000_000 }

    /// The share that was answered in full and in time; nil where there were no calls.
    var inTimeShare: Double? {
        let calls = inTime + late + partial + refused
        return calls > 0 ? Double(inTime) / Double(calls) : nil
    }

    @inline(__always)
    mutating func note(_ scan: AnswerScan, nanoseconds: Int64) {
        if scan.isError {
            refused &+= 1
            return
        }
        admitted.record(nanoseconds: nanoseconds)
        if scan.failed > 0 {
            partial &+= 1
        } else if nanoseconds <= budgetNanoseconds {
            inTime &+= 1
        } else {
            late &+= 1
        }
    }

    mutating func add(_ other: DeadlineFigures) {
        inTime += other.inTime
        late += other.late
        partial += other.partial
        refused += other.refused
        admitted.add(other.admitted)
    }
}

/// Why a run was given up.
enum RunFailure: Error, CustomStringConvertible {
    /// A call is not answered when the one that comes so many after it on its connection is due.
    case backlog(calls: Int, connection: Int)
    /// So many calls are due that no connection has room for.
    case waiting(calls: Int)
    case stalled(unanswered: Int, seconds: Int)
    case closedByServer
    case answerToNoCall

    var description: String {
        switch self {
        case .backlog(let calls, let connection):
            """
            the server cannot keep up: a call on connection \(connection) is not answered when the one \(grouped(calls)) \
            after it is due, which is the bound. Ask for a lower --rate.
            """
        case .waiting(let calls):
            "the server cannot keep up: \(grouped(calls)) calls wait for room on a connection. Ask for a lower --rate."
        case .stalled(let unanswered, let seconds):
            "\(unanswered) calls were not answered within \(seconds) s of the run's end"
        case .closedByServer: "the server closed a connection"
        case .answerToNoCall: "an answer came to which there is no call"
        }
    }
}
