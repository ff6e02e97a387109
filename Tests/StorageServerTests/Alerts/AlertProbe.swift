//! The default rules, looked at on a clock that a test moves by hand.

import NeedletailTelemetry
import Testing
import Timing

@testable import StorageServer

struct AlertProbe {
    /// How far apart the looks are on the manual clock: less than any window.
    private static let stepMillis: Int64 = 10_000
    /// For how long what should happen is waited for.
    private static let waitMillis: Int64 = 30_000

    private let time = ManualTime()
    private var board = AlertBoard(AlertRule.defaults)

    func phase(_ name: String) -> AlertState.Phase? { board.entries.first { $0.rule.name == name }?.phase }

    /// Looks once, at the next step.
    mutating func look(at families: [MetricFamily]) {
        time.advance(byMilliseconds: Self.stepMillis)
        let clock = Clock.manual(time)
        _ = board.evaluate(families, at: clock.now(), clock.wallNow())
    }

    /// Looks step by step until a rule is in `phase`.
    mutating func look(
        until phase: AlertState.Phase, of name: String, _ families: () async throws -> [MetricFamily]
    ) async throws {
        let end = Clock.system.now().advanced(byMilliseconds: Self.waitMillis)
        while self.phase(name) != phase {
            try #require(Clock.system.now() < end, "\(name) did not become \(phase)")
            look(at: try await families())
        }
    }

    /// Has the clock pass by.
    func pass(hours: Int64) { time.advance(byMilliseconds: hours * 3_600_000) }
}
