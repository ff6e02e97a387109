import Foundation
import Logging
import NeedletailTelemetry
import Synchronization
import Testing
import Timing

@testable import StorageServer

@Suite struct AlertWatchTests {
    /// Collects log lines.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

        private struct Handler: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                let words = ["\(event.level):", event.message.description] + metadata
                lines.lines.withLock { $0.append(words.joined(separator: " ")) }
            }
        }
    }

    private let rule = AlertRule(
        "many-connections", .value(MetricSelector("connections")), .above, 10, durationMillis: 5_000,
        severity: .critical, summary: "there are many")

    private func connections(_ count: Double) -> [MetricFamily] {
        [MetricFamily("connections", .gauge, "h", value: count)]
    }

    @Test func eachChangeIsOneLineWithItsValue() {
        let (lines, time) = (Lines(), ManualTime())
        let watch = AlertWatch([rule], intervalMillis: 5_000, clock: .manual(time), logger: lines.logger)
        for count in [9.0, 11, 12, 13, 8, 7] {
            watch.look(at: connections(count))
            time.advance(byMilliseconds: 5_000)
        }
        let rest = "metric=connections severity=critical threshold=> 10"
        #expect(
            lines.lines.withLock { $0 } == [
                "warning: alert: there are many alert=many-connections \(rest) value=12.0",
                "notice: alert is over: there are many alert=many-connections \(rest) value=8.0",
            ])
    }

    @Test func figuresShowHowRulesStand() throws {
        let time = ManualTime(wall: WallTime(milliseconds: 1_700_000_000_000))
        let watch = AlertWatch(
            [rule], intervalMillis: 5_000, clock: .manual(time),
            logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        #expect(PrometheusText.render(watch.families).contains("{name=\"many-connections\",severity=\"critical\"} 0\n"))
        watch.look(at: connections(11))
        let pending = try #require(watch.reports.first)
        #expect(pending.state == "pending" && pending.sinceMillis == 1_700_000_000_000 && pending.value == 11)
        time.advance(byMilliseconds: 5_000)
        watch.look(at: connections(11))
        let firing = try #require(watch.reports.first)
        #expect(firing.state == "firing" && firing.sinceMillis == 1_700_000_005_000 && firing.threshold == 10)
        #expect(PrometheusText.render(watch.families).contains("{name=\"many-connections\",severity=\"critical\"} 1\n"))
        watch.look(at: [])
        let gone = try #require(watch.reports.first)
        #expect(gone.state == "inactive" && gone.sinceMillis == nil && gone.value == nil)
    }

    @Test func aServerLooksAtItsRulesAndShowsThem() async throws {
        try await RunningServer.with {
            $0.alerting.intervalMillis = 100
            $0.alerting.rules = [
                AlertRule(
                    "has-threads", .value(MetricSelector("threads")), .atLeast, 1, severity: .warning, summary: "s")
            ]
        } _: { server in
            let end = Clock.system.now().advanced(byMilliseconds: 8_000)
            while try await !server.get("/metrics").contains(
                "alert_active{name=\"has-threads\",severity=\"warning\"} 1")
            {
                try #require(Clock.system.now() < end)
            }
            let stats = try JSONDecoder().decode(ServerReport.self, from: Data(try await server.get("/stats").utf8))
            #expect(stats.alerts.map(\.state) == ["firing"])
        }
    }

    @Test func withoutAnIntervalThereAreNoAlerts() async throws {
        try await RunningServer.with {
            $0.alerting.intervalMillis = 0
        } _: { server in
            #expect(try await !server.get("/metrics").contains("alert_active"))
            let stats = try JSONDecoder().decode(ServerReport.self, from: Data(try await server.get("/stats").utf8))
            #expect(stats.alerts.isEmpty)
        }
    }
}
