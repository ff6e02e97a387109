//! What came of a scenario: lines and a table for people, JSON for machines.

internal import Histogram

struct PhaseResult: Sendable {
    let phase: ScenarioPhase
    var measurement: Measurement?
    /// Why it was given up.
    var failure: String?

    var isInterrupted: Bool { measurement?.figures.isInterrupted ?? false }
    var isClean: Bool { measurement.map { $0.figures.isClean && $0.throttled == 0 } ?? false }

    var lines: [String] {
        let head =
            "\(phase.name): \(phase.mix.title), \(phase.connections) connections, \(phase.loadProtocol.rawValue), "
            + phase.mix.orderTitle
        return [head] + (measurement?.lines ?? []).map { "  " + $0 } + (failure.map { ["  GIVEN UP: \($0)"] } ?? [])
    }

    fileprivate var rows: [String] {
        guard let measurement else {
            return [MarkdownTable.row([phase.name, "given up", phase.pace.name] + Array(repeating: "-", count: 5))]
        }
        let figures = measurement.figures
        func row(_ title: String, _ calls: Int, _ latency: LatencyHistogram, cpu: String) -> String {
            let rate = figures.seconds > 0 ? Double(calls) / figures.seconds : 0
            return MarkdownTable.row(
                [phase.name, title, phase.pace.name, fixed(rate, 0)]
                    + [50, 99, 99.9].map { duration(nanoseconds: latency.valueAtPercentile($0)) } + [cpu])
        }
        let cpu = measurement.serverMicrosecondsPerCall.map { fixed($0, 2) } ?? "-"
        return [row("all", figures.calls, figures.latency, cpu: cpu)]
            + figures.operations.map { row($0.title, $0.calls, $0.latency, cpu: "") }
    }
}

struct ScenarioResult: Sendable {
    let scenario: Scenario
    let version: String
    var phases: [PhaseResult] = []
    var isInterrupted = false

    var isClean: Bool { phases.allSatisfy(\.isClean) }

    /// A row for each phase, and for each operation of one that mixes some.
    var markdown: [String] {
        (isInterrupted ? ["INTERRUPTED: these are the figures up to then.", ""] : [])
            + [
                MarkdownTable.row([
                    scenario.name, "requests", "loop", "requests/s", "P50", "P99", "P99.9", "server CPU, us",
                ]),
                MarkdownTable.rule(count: 8),
            ] + phases.flatMap(\.rows)
            + ["", "In an open loop latency counts from the scheduled time.", ""]
    }
}

/// A scenario in JSON.
struct ScenarioReport: Codable, Sendable {
    struct Phase: Codable, Sendable {
        var name: String
        var calls: String
        var wireProtocol: LoadProtocol
        var connections: Int
        var loop: String
        /// Closed loop: calls under way on each connection.
        var inFlight: Int?
        /// Open loop: calls offered per second, at the start and at the end.
        var rate: Double?
        var endRate: Double?
        var result: MeasurementRecord?
        var failure: String?
    }

    var head: ReportHead
    var scenario: String
    /// How the server was started.
    var server: [String]
    var phases: [Phase]
    var interrupted: Bool

    init(_ head: ReportHead, _ result: ScenarioResult) {
        self.head = head
        scenario = result.scenario.name
        server = result.scenario.server.arguments(port: 0, in: "data")
        interrupted = result.isInterrupted
        phases = result.phases.map { phase in
            var record = Phase(
                name: phase.phase.name, calls: phase.phase.mix.title, wireProtocol: phase.phase.loadProtocol,
                connections: phase.phase.connections, loop: phase.phase.pace.name,
                result: phase.measurement?.record, failure: phase.failure)
            switch phase.phase.pace {
            case .closed(let inFlight): record.inFlight = inFlight
            case .open(let rate): record.rate = rate
            case .ramp(let from, let to): (record.rate, record.endRate) = (from, to)
            }
            return record
        }
    }
}
