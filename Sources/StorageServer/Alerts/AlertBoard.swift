//! All rules with their states: told what the metrics show, says what changed. Without I/O; whoever holds it has one
//! thread at a time look.

internal import NeedletailTelemetry
internal import Timing

struct AlertBoard {
    /// A rule, and how it stands.
    struct Entry {
        let rule: AlertRule
        fileprivate var reading: AlertReading
        fileprivate var state: AlertState
        /// The expression's value at the last look; nil if it had none.
        fileprivate(set) var value: Double?
        /// When the present phase began.
        fileprivate(set) var since: WallTime?

        var phase: AlertState.Phase { state.phase }
    }

    /// A change of one rule, to be written down.
    struct Event {
        let change: AlertChange
        let entry: Entry
    }

    private(set) var entries: [Entry]

    init(_ rules: [AlertRule]) {
        entries = rules.map {
            Entry(
                rule: $0, reading: AlertReading($0), state: AlertState(durationMillis: $0.durationMillis), value: nil,
                since: nil)
        }
    }

    /// Looks at every rule once.
    /// - Parameter families: what `/metrics` shows.
    mutating func evaluate(_ families: [MetricFamily], at now: MonotonicTime, _ wall: WallTime) -> [Event] {
        var events: [Event] = []
        for index in entries.indices {
            if let event = entries[index].evaluate(families, at: now, wall) { events.append(event) }
        }
        return events
    }
}

extension AlertBoard.Entry {
    fileprivate mutating func evaluate(
        _ families: [MetricFamily], at now: MonotonicTime, _ wall: WallTime
    ) -> AlertBoard.Event? {
        value = reading.value(of: families, at: now)
        let isBroken = value.map { rule.comparison.holds($0, rule.threshold) } ?? false
        let before = phase
        let change = state.update(isBroken: isBroken, at: now)
        if phase != before { since = phase == .inactive ? nil : wall }
        return change.map { AlertBoard.Event(change: $0, entry: self) }
    }
}
