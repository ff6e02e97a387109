//! A measurement as lines for people, and as a record for machines.

internal import Foundation
internal import Histogram

extension Measurement {
    /// The lines of a run's end. The first stands for itself: rate and percentiles never go without the loop's name.
    var lines: [String] {
        var lines = [
            """
            \(grouped(figures.calls)) requests in \(fixed(figures.seconds, 2)) s, \(fixed(figures.rate, 0)) requests/s \
            (\(figures.pace.name))
            """,
            "latency\(isOpen ? " from the scheduled time" : "") (\(figures.pace.name)): \(figures.latency.line)",
        ]
        if let sent = figures.latencyFromSend { lines.append("latency from the actual send (open loop): \(sent.line)") }
        if let lateness = figures.lateness {
            lines.append(
                """
                the generator itself sent late by: P99.9 \(duration(nanoseconds: lateness.valueAtPercentile(99.9))), \
                max \(duration(nanoseconds: lateness.max))
                """)
        }
        for operation in figures.operations where operation.calls > 0 {
            lines.append(
                """
                \(operation.title): \(grouped(operation.calls)) requests, \
                \(fixed(Double(operation.calls) * 100 / Double(figures.calls), 1))% \
                (\(figures.pace.name)), \(operation.latency.line)
                """)
        }
        if let deadline = figures.deadline {
            lines.append(
                """
                within the budget: \(grouped(deadline.inTime)) in full and in time, \(grouped(deadline.late)) late, \
                \(grouped(deadline.partial)) in part, \(grouped(deadline.refused)) refused
                """)
        }
        if let server = serverMicrosecondsPerCall {
            lines.append("server CPU: \(fixed(server, 2)) us per request (user + system)")
        }
        lines.append(
            """
            generator CPU: \(fixed(generatorMicrosecondsPerCall, 2)) us per request, \
            \(fixed(generatorShare * 100, 0))% of its core\(isOpen ? " (an open loop waits by spinning)" : "")
            """)
        lines += warnings
        return lines
    }

    private var isOpen: Bool { figures.pace.isOpen }

    /// What keeps these figures from counting, or from meaning what they seem to.
    var warnings: [String] {
        var lines: [String] = []
        if figures.isInterrupted { lines.append("INTERRUPTED: these are the figures up to then") }
        if !figures.isClean {
            lines.append(
                """
                ERRORS: \(grouped(figures.missing)) keys missing, \(grouped(figures.failed)) failed, \
                \(grouped(figures.wrong)) answers wrong. The first: \(figures.firstProblem ?? "unknown")
                """)
        }
        if throttled > 0 {
            lines.append("DOES NOT COUNT: the container's CPU quota stopped us \(throttled) times (nr_throttled)")
        }
        if !isCalm {
            lines.append(
                """
                note: the host took \(fixed(stolenShare * 100, 1))% of a core (steal), so that the tail is its own more \
                than the server's
                """)
        }
        if !isOpen, generatorShare > 0.9 {
            lines.append("note: the generator's core was full; the server may be able to do more")
        }
        if let lateness = figures.lateness, lateness.valueAtPercentile(99.9) > 1_000_000 {
            lines.append("note: the generator was late itself; the tail is its own too")
        }
        for percentile in [99.0, 99.9]
        where figures.latency.totalCount < LatencyHistogram.samplesMin(forPercentile: percentile) {
            lines.append("note: too few samples for P\(percentile == 99 ? "99" : "99.9")")
        }
        return lines
    }

    var record: MeasurementRecord {
        MeasurementRecord(
            loop: figures.pace.name, operation: figures.mix.onlyShape?.operation.rawValue ?? figures.mix.title,
            keysPerCall: figures.mix.onlyShape?.keysPerCall, seconds: figures.seconds, requests: figures.calls,
            requestsPerSecond: figures.rate, found: figures.found, missing: figures.missing, failed: figures.failed,
            wrong: figures.wrong, latencyMicroseconds: PercentilesRecord(figures.latency),
            latencyFromSendMicroseconds: figures.latencyFromSend.map(PercentilesRecord.init),
            generatorLatenessMicroseconds: figures.lateness.map(PercentilesRecord.init),
            serverCPUMicrosecondsPerRequest: serverMicrosecondsPerCall,
            generatorCPUMicrosecondsPerRequest: generatorMicrosecondsPerCall, generatorCoreShare: generatorShare,
            throttled: throttled, stolenShare: stolenShare, interrupted: figures.isInterrupted,
            deadline: figures.deadline?.record,
            operations: figures.operations.map {
                OperationRecord(title: $0.title, requests: $0.calls, latencyMicroseconds: PercentilesRecord($0.latency))
            })
    }
}

extension DeadlineFigures {
    fileprivate var record: DeadlineRecord {
        DeadlineRecord(inTime: inTime, late: late, partial: partial, refused: refused)
    }
}

/// A measurement in JSON.
struct MeasurementRecord: Codable, Hashable, Sendable {
    var loop: String
    /// What all requests did, or the name of the mix.
    var operation: String
    /// Where all requests had as many.
    var keysPerCall: Int?
    var seconds: Double
    var requests: Int
    var requestsPerSecond: Double
    var found: Int
    var missing: Int
    var failed: Int
    var wrong: Int
    var latencyMicroseconds: PercentilesRecord
    var latencyFromSendMicroseconds: PercentilesRecord?
    var generatorLatenessMicroseconds: PercentilesRecord?
    var serverCPUMicrosecondsPerRequest: Double?
    var generatorCPUMicrosecondsPerRequest: Double
    var generatorCoreShare: Double
    var throttled: Int
    /// What the host took of the server's core or of ours, whichever is more, of its time.
    var stolenShare: Double
    /// Whether somebody ended it before its time.
    var interrupted: Bool
    /// Requests by what became of their budgets, where they named some.
    var deadline: DeadlineRecord?
    /// By operation, where requests did different things.
    var operations: [OperationRecord]
}

struct DeadlineRecord: Codable, Hashable, Sendable {
    var inTime: Int
    var late: Int
    var partial: Int
    var refused: Int
}

struct OperationRecord: Codable, Hashable, Sendable {
    var title: String
    var requests: Int
    var latencyMicroseconds: PercentilesRecord
}

struct PercentilesRecord: Codable, Hashable, Sendable {
    var samples: UInt64
    var p50: Double
    var p90: Double
    var p99: Double
    var p999: Double
    var max: Double

    init(_ histogram: LatencyHistogram) {
        let microseconds = { (percentile: Double) in Double(histogram.valueAtPercentile(percentile)) / 1e3 }
        samples = histogram.totalCount
        p50 = microseconds(50)
        p90 = microseconds(90)
        p99 = microseconds(99)
        p999 = microseconds(99.9)
        max = Double(histogram.max) / 1e3
    }
}

/// What a JSON file says besides its figures.
struct ReportHead: Codable, Hashable, Sendable {
    var command: [String]
    var machine: MachineDescription
    /// By server.
    var versions: [String: String]
    var keys: Int
    var keySize: Int
    var valueSize: Int
    var connections: Int

    init(
        command: [String] = ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: MachineDescription,
        versions: [String: String], keys: Int, keySize: Int, valueSize: Int, connections: Int
    ) {
        self.command = command
        self.machine = machine
        self.versions = versions
        self.keys = keys
        self.keySize = keySize
        self.valueSize = valueSize
        self.connections = connections
    }

    init(machine: MachineDescription, versions: [String: String], _ keys: KeySpace, connections: Int) {
        self.init(
            machine: machine, versions: versions, keys: keys.count, keySize: keys.keySize, valueSize: keys.valueSize,
            connections: connections)
    }

    /// The last lines of a table in Markdown: on what, with what and how it was measured.
    var origin: [String] { ["\(measuredOn):", "`\(commandLine)`"] }

    var measuredOn: String {
        let versions = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "Measured on \(machine.line), with \(versions)"
    }

    var commandLine: String { command.joined(separator: " ") }
}

/// Writes `report` as JSON, keys in order.
func writeJSON(_ report: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(report).write(to: URL(filePath: path))
}
