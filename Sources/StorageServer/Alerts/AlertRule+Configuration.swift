//! Rules as the configuration has them: an entry of the mapping `alerts`, and back.

extension AlertRule {
    private static let nameBytesMax = 64
    private static let windowMillisRange: ClosedRange<Int64> = 1_000...604_800_000
    private static let durationMillisMax: Int64 = 604_800_000

    private static let fieldNames = [
        "metric", "comparison", "threshold", "for", "window", "severity", "summary", "enabled",
    ]

    /// The rule as the file would have it.
    package var entry: ConfigurationMapping.Entry {
        var fields: [ConfigurationMapping.Field] = [
            .init("metric", "\(expression)"), .init("comparison", comparison.rawValue),
            .init("threshold", Self.text(threshold)), .init("for", DurationUnits.text(millis: durationMillis)),
        ]
        if expression.looksBack { fields.append(.init("window", DurationUnits.text(millis: windowMillis))) }
        fields += [.init("severity", severity.rawValue), .init("summary", summary), .init("enabled", "true")]
        return .init(name, fields)
    }

    /// A number without a fraction that says nothing.
    static func text(_ number: Double) -> String { Int64(exactly: number).map { String($0) } ?? String(number) }

    /// All that is wrong with an entry.
    package static func problems(of entry: ConfigurationMapping.Entry) -> [ConfigurationProblem] {
        do throws(ConfigurationError) {
            _ = try enabled(entry)
            return []
        } catch {
            return error.problems
        }
    }

    /// The rule that an entry stands for; nil if it is switched off.
    /// - Throws: all that is wrong with it, also where it is switched off.
    package static func enabled(_ entry: ConfigurationMapping.Entry) throws(ConfigurationError) -> AlertRule? {
        var reader = AlertRuleReader(entry)
        reader.checkNames(known: fieldNames, nameBytesMax: nameBytesMax)
        let expression = reader.required("metric", AlertExpression.expectation) { AlertExpression($0) }
        let comparisons = AlertComparison.allCases.map(\.rawValue).joined(separator: ", ")
        let comparison = reader.required("comparison", "one of \(comparisons)") { AlertComparison(rawValue: $0) }
        let threshold = reader.required("threshold", "a number") { Double($0).flatMap { $0.isFinite ? $0 : nil } }
        let duration = reader.duration("for", 0...durationMillisMax) ?? 0
        let window = reader.duration("window", windowMillisRange) ?? windowMillisDefault
        let severities = AlertSeverity.allCases.map(\.rawValue).joined(separator: ", ")
        let severity = reader.read("severity", "one of \(severities)") { AlertSeverity(rawValue: $0) } ?? .warning
        let isEnabled = reader.read("enabled", "true or false") { Bool($0) } ?? true
        guard reader.problems.isEmpty, let expression, let comparison, let threshold else {
            throw ConfigurationError(reader.problems)
        }
        guard isEnabled else { return nil }
        return AlertRule(
            entry.name, expression, comparison, threshold, durationMillis: duration, windowMillis: window,
            severity: severity, summary: entry.field("summary")?.text ?? entry.name)
    }
}

/// Reads an entry's fields, and notes what is wrong with them.
private struct AlertRuleReader {
    private let entry: ConfigurationMapping.Entry
    private let path: String
    private(set) var problems: [ConfigurationProblem] = []

    init(_ entry: ConfigurationMapping.Entry) {
        self.entry = entry
        path = "alerts.\(entry.name)"
    }

    mutating func checkNames(known: [String], nameBytesMax: Int) {
        // The name is a label of alert_active, and part of an alert's name elsewhere.
        let isName = entry.name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        if !isName || entry.name.isEmpty || entry.name.utf8.count > nameBytesMax {
            let expected = "a rule's name of small letters, digits and dashes, at most \(nameBytesMax) of them"
            problems.append(.init(entry.origin, "alerts", .wrongType(value: entry.name, expected: expected)))
        }
        for field in entry.fields where !known.contains(field.name) {
            let suggestion = NearestName.of(field.name, in: known)
            problems.append(.init(field.origin, "\(path).\(field.name)", .unknownName(suggestion: suggestion)))
        }
    }

    /// The value of a field that is there; nil otherwise, with a problem if it cannot be read.
    mutating func read<Value>(_ name: String, _ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let field = entry.field(name) else { return nil }
        if let value = parse(field.text) { return value }
        problems.append(.init(field.origin, "\(path).\(name)", .wrongType(value: field.text, expected: expected)))
        return nil
    }

    /// The same, where the field must be there.
    mutating func required<Value>(_ name: String, _ expected: String, _ parse: (String) -> Value?) -> Value? {
        if entry.field(name) == nil {
            problems.append(.init(entry.origin, "\(path).\(name)", .missingValue(expected: expected)))
        }
        return read(name, expected, parse)
    }

    mutating func duration(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
        read(name, ConfigurationKind.durationMillis(range).expectation) { text in
            (try? DurationUnits.millis(text)).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}
