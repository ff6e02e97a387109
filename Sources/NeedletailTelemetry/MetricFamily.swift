/// One metric with all its label sets, as a scrape shows it.
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
        case summary
    }

    /// One label set and its value.
    public struct Sample: Sendable {
        /// What a histogram's or a summary's lines append to the metric's name: `_bucket`, `_sum`, `_count`.
        public var suffix: String
        public var labels: [(name: String, value: String)]
        public var value: Double

        public init(_ labels: [(name: String, value: String)], _ value: Double, suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// Without the `needletail_` prefix.
    public var name: String
    public var help: String
    public var kind: Kind
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// A metric without labels.
    /// - Parameter value: nil: it is not known, and the metric is not shown.
    public init(_ name: String, _ kind: Kind, _ help: String, value: Double?) {
        self.init(name, kind, help, value.map { [Sample([], $0)] } ?? [])
    }
}

/// Prometheus' text exposition format, version 0.0.4.
public enum PrometheusText {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    static let prefix = "needletail_"

    /// Renders `families` in their order.
    public static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            let name = prefix + family.name
            text += "# HELP \(name) \(escape(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += name + sample.suffix
                if !sample.labels.isEmpty {
                    text +=
                        "{" + sample.labels.map { "\($0.name)=\"\(escape($0.value))\"" }.joined(separator: ",") + "}"
                }
                text += " \(number(sample.value))\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }

    /// Scalar by scalar: a line's end may be a part of a character.
    private static func escape(_ text: String, quotes: Bool = true) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
