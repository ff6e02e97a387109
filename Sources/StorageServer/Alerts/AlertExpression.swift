//! What an alert rule looks at: a very small language over the metrics that `/metrics` shows.
//!
//!     event_loop_lag_seconds                                        the samples as they are
//!     request_duration_quantile_seconds{quantile="0.99"}            those with these labels
//!     rate(cgroup_throttled_seconds_total)                          a counter's increase per second over the window
//!     increase(log_damage_found_total)                              its increase over the window
//!     ratio(requests_shed_total, requests_total)                    one counter's increase over another's
//!     share(log_disk_free_bytes, log_disk_size_bytes)               one gauge over another
//!     quantile(0.99, log_sync_duration_seconds)                     of a histogram's observations in the window
//!
//! Names stand without `needletail_` (which may be written, too). There is nothing else: no arithmetic, no nesting.
//! Whatever needs more is a rule for Prometheus.

/// Samples by their name, and by labels that they must have.
package struct MetricSelector: Sendable, Hashable, CustomStringConvertible {
    package struct Label: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    /// What a line of `/metrics` begins with, without `needletail_`: a histogram's `_count` is a name of its own.
    package var name: String
    package var labels: [Label]

    package init(_ name: String, _ labels: [Label] = []) {
        self.name = name
        self.labels = labels
    }

    package var description: String {
        if labels.isEmpty { return name }
        return "\(name){" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}

/// What a rule compares with its threshold.
package enum AlertExpression: Sendable, Hashable, CustomStringConvertible {
    /// The samples as they are.
    case value(MetricSelector)
    /// Of each counter, its increase per second.
    case rate(MetricSelector)
    /// Of each counter, its increase.
    case increase(MetricSelector)
    /// The increase of all counters of the first selector, divided by that of the second.
    case ratio(MetricSelector, MetricSelector)
    /// The sum of all gauges of the first selector, divided by that of the second.
    case share(MetricSelector, MetricSelector)
    /// Of each histogram, what this share of its observations did not exceed.
    case quantile(Double, MetricSelector)

    /// What an error says that it expected.
    package static let expectation = """
        a metric such as connections or connections{label="value"}, or one of rate(m), increase(m), ratio(m, m), \
        share(m, m), quantile(0.99, m)
        """

    /// The expression that `text` stands for; nil if it stands for none.
    package init?(_ text: String) {
        var scanner = AlertExpressionScanner(text)
        guard let expression = scanner.expression() else { return nil }
        self = expression
    }

    /// As the configuration writes it.
    package var description: String {
        switch self {
        case .value(let metric): "\(metric)"
        case .rate(let metric): "rate(\(metric))"
        case .increase(let metric): "increase(\(metric))"
        case .ratio(let part, let whole): "ratio(\(part), \(whole))"
        case .share(let part, let whole): "share(\(part), \(whole))"
        case .quantile(let quantile, let metric): "quantile(\(quantile), \(metric))"
        }
    }

    /// All that it names.
    package var selectors: [MetricSelector] {
        switch self {
        case .value(let metric), .rate(let metric), .increase(let metric), .quantile(_, let metric): [metric]
        case .ratio(let part, let whole), .share(let part, let whole): [part, whole]
        }
    }

    /// Whether it looks back over the rule's window.
    package var looksBack: Bool {
        switch self {
        case .value, .share: false
        case .rate, .increase, .ratio, .quantile: true
        }
    }
}

/// Reads an expression from its text, from left to right, once.
private struct AlertExpressionScanner {
    private static let prefix = "needletail_"
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    /// The expression that is all of the text.
    mutating func expression() -> AlertExpression? {
        let start = rest
        guard let word = name() else { return nil }
        let expression: AlertExpression?
        if take("(") {
            expression = call(word)
            guard take(")") else { return nil }
        } else {
            rest = start
            expression = selector().map { .value($0) }
        }
        skipSpaces()
        return rest.isEmpty ? expression : nil
    }

    private mutating func call(_ function: String) -> AlertExpression? {
        switch function {
        case "rate": return selector().map { .rate($0) }
        case "increase": return selector().map { .increase($0) }
        case "ratio": return pair().map { .ratio($0, $1) }
        case "share": return pair().map { .share($0, $1) }
        case "quantile":
            guard let quantile = fraction(), take(","), let metric = selector() else { return nil }
            return .quantile(quantile, metric)
        default: return nil
        }
    }

    private mutating func pair() -> (MetricSelector, MetricSelector)? {
        guard let part = selector(), take(","), let whole = selector() else { return nil }
        return (part, whole)
    }

    private mutating func selector() -> MetricSelector? {
        guard var name = name() else { return nil }
        if name.hasPrefix(Self.prefix) { name.removeFirst(Self.prefix.count) }
        guard !name.isEmpty else { return nil }
        var selector = MetricSelector(name)
        guard take("{") else { return selector }
        repeat {
            guard let label = self.name(), take("="), let value = quoted() else { return nil }
            selector.labels.append(.init(name: label, value: value))
        } while take(",")
        return take("}") ? selector : nil
    }

    /// Letters, digits and underscores; no digit first.
    private mutating func name() -> String? {
        skipSpaces()
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = name.first, !first.isNumber else { return nil }
        rest = rest[name.endIndex...]
        return String(name)
    }

    /// Text in double quotes, without any inside.
    private mutating func quoted() -> String? {
        guard take("\"") else { return nil }
        let text = rest.prefix { $0 != "\"" && $0 != "\\" && $0 != "\n" }
        rest = rest[text.endIndex...]
        guard rest.first == "\"" else { return nil }
        rest.removeFirst()
        return String(text)
    }

    /// A number from 0 to 1.
    private mutating func fraction() -> Double? {
        skipSpaces()
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        rest = rest[digits.endIndex...]
        guard let number = Double(digits), 0...1 ~= number else { return nil }
        return number
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpaces()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpaces() { rest = rest.drop { $0 == " " } }
}
