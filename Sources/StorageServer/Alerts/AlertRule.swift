//! One alert rule: what it looks at, when that is too much or too little, and for how long it must be.

/// How bad it is when a rule is broken.
package enum AlertSeverity: String, Sendable, Hashable, CaseIterable, Codable {
    /// Someone should look soon.
    case warning
    /// Someone should look now.
    case critical
}

/// How a value is compared with a threshold; a rule is broken where it holds.
package enum AlertComparison: String, Sendable, Hashable, CaseIterable {
    case above = ">"
    case atLeast = ">="
    case below = "<"
    case atMost = "<="

    package func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .above: value > threshold
        case .atLeast: value >= threshold
        case .below: value < threshold
        case .atMost: value <= threshold
        }
    }

    /// Whether large values are the bad ones.
    package var isUpper: Bool { self == .above || self == .atLeast }

    /// The one of `values` that breaks a rule first; nil if there is none. Not-a-number is no value.
    package func worst(of values: some Sequence<Double>) -> Double? {
        let values = values.lazy.filter { !$0.isNaN }
        return isUpper ? values.max() : values.min()
    }
}

/// A rule over the server's own metrics.
package struct AlertRule: Sendable, Hashable {
    /// In small letters with dashes, as the configuration names it.
    package var name: String
    package var expression: AlertExpression
    package var comparison: AlertComparison
    package var threshold: Double
    /// How long the rule must be broken before it is an alert; 0: at once.
    package var durationMillis: Int64 = 0
    /// How far `rate`, `increase`, `ratio` and `quantile` look back.
    package var windowMillis: Int64 = Self.windowMillisDefault
    package var severity: AlertSeverity
    /// One line for the person who is woken up.
    package var summary: String

    package static let windowMillisDefault: Int64 = 60_000

    package init(
        _ name: String, _ expression: AlertExpression, _ comparison: AlertComparison, _ threshold: Double,
        durationMillis: Int64 = 0, windowMillis: Int64 = Self.windowMillisDefault, severity: AlertSeverity,
        summary: String
    ) {
        self.name = name
        self.expression = expression
        self.comparison = comparison
        self.threshold = threshold
        self.durationMillis = durationMillis
        self.windowMillis = windowMillis
        self.severity = severity
        self.summary = summary
    }
}
