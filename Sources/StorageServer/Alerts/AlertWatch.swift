//! Looks at the alert rules every few seconds while the server runs, and writes down what changed.
//!
//! Threads: a task of its own looks, never an event loop of RPC; whoever asks for the figures reads them under the lock,
//! which is held for the comparison of a few dozen numbers.

package import Logging
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import ServiceLifecycle
package import Timing

package final class AlertWatch: @unchecked Sendable {
    private let intervalMillis: Int64
    private let clock: Clock
    private let logger: Logger
    private let lock = Lock()
    /// Under the lock.
    private var board: AlertBoard

    /// - Parameter intervalMillis: how often the rules are looked at; 0: never, and there are none.
    package init(_ rules: [AlertRule], intervalMillis: Int64, clock: Clock, logger: Logger) {
        self.intervalMillis = intervalMillis
        self.clock = clock
        self.logger = logger
        board = AlertBoard(intervalMillis == 0 ? [] : rules)
    }

    /// Looks at the rules until the server is asked to stop.
    /// - Parameter metrics: what `/metrics` shows.
    func run(_ metrics: @escaping @Sendable () -> [MetricFamily]) async {
        guard intervalMillis > 0 else { return }
        // Ends by being cancelled, which is no error.
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                look(at: metrics())
                try await Task.sleep(for: .milliseconds(intervalMillis))
            }
        }
    }

    /// Looks at the rules once.
    func look(at families: [MetricFamily]) {
        for event in evaluate(families) { tell(event) }
    }

    private func evaluate(_ families: [MetricFamily]) -> [AlertBoard.Event] {
        lock.lock()
        defer { lock.unlock() }
        return board.evaluate(families, at: clock.now(), clock.wallNow())
    }

    private func tell(_ event: AlertBoard.Event) {
        let rule = event.entry.rule
        var metadata: Logger.Metadata = [
            "alert": "\(rule.name)", "severity": "\(rule.severity)", "metric": "\(rule.expression)",
            "threshold": "\(rule.comparison.rawValue) \(AlertRule.text(rule.threshold))",
        ]
        if let value = event.entry.value { metadata["value"] = .stringConvertible(value) }
        switch event.change {
        case .fired: logger.warning("alert: \(rule.summary)", metadata: metadata)
        case .resolved: logger.notice("alert is over: \(rule.summary)", metadata: metadata)
        }
    }

    /// How every rule stands, in the order of the configuration.
    var reports: [AlertReport] {
        lock.lock()
        defer { lock.unlock() }
        return board.reports
    }

    /// For `/metrics`.
    var families: [MetricFamily] {
        lock.lock()
        defer { lock.unlock() }
        return board.families
    }
}
