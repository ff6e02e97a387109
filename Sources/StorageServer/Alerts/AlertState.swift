//! Whether a rule is an alert: broken for long enough, and not whole again. A state machine without I/O.

internal import Timing

/// What became of an alert.
enum AlertChange: Equatable {
    case fired
    case resolved
}

/// The state of one rule.
struct AlertState {
    enum Phase: String {
        case inactive
        /// Broken, and not yet for as long as the rule says.
        case pending
        case firing
    }

    private let durationMillis: Int64
    private(set) var phase = Phase.inactive
    /// Since when it has been broken; means nothing while inactive.
    private var brokenSince = MonotonicTime(nanoseconds: 0)

    init(durationMillis: Int64) { self.durationMillis = durationMillis }

    /// Takes whether the rule is broken now. One look at which it is whole takes an alert back.
    mutating func update(isBroken: Bool, at now: MonotonicTime) -> AlertChange? {
        switch (phase, isBroken) {
        case (.inactive, false): return nil
        case (.pending, false):
            phase = .inactive
            return nil
        case (.firing, false):
            phase = .inactive
            return .resolved
        case (.firing, true): return nil
        case (.inactive, true):
            brokenSince = now
            phase = .pending
            fallthrough
        case (.pending, true):
            guard brokenSince.advanced(byMilliseconds: durationMillis) <= now else { return nil }
            phase = .firing
            return .fired
        }
    }
}
