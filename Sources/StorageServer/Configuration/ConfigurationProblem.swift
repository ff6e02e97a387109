//! What can be wrong with a configuration, and how it is said: one line for each problem, which names the place, the
//! key, the value and what was expected. A secret's value is never part of a line.

/// Where a value came from.
public enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// Nobody set it.
    case `default`
    /// A line of the configuration file; nil where the line is not known.
    case file(path: String, line: Int?)
    /// An environment variable.
    case environment(variable: String)
    /// A flag, as it was spelt.
    case flag(String)

    /// `default`, `file needletail.yaml:3`, `environment NEEDLETAIL_RPC_PORT`, `flag --port`.
    public var description: String {
        switch self {
        case .default: "default"
        case .file(let path, let line): "file \(path.singleLine)" + (line.map { ":\($0)" } ?? "")
        case .environment(let variable): "environment \(variable)"
        case .flag(let flag): "flag \(flag)"
        }
    }
}

/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// No key has this name. `suggestion` is the nearest that one has.
        case unknownName(suggestion: String?)
        /// The value is not of the key's type.
        case wrongType(value: String, expected: String)
        /// The value is outside the key's range.
        case outOfRange(value: String, expected: String)
        /// A duration stands without a unit.
        case missingUnit(value: String, expected: String)
        /// The value is known, but not to be had.
        case refused(value: String, reason: String)
        /// A flag or a key stands without a value.
        case missingValue(expected: String)
        /// A flag that takes no value was given one.
        case unexpectedValue
        /// The same key was given before by the same kind of source.
        case duplicate(first: ConfigurationOrigin)
        /// A word that is neither a flag nor a flag's value.
        case unexpectedArgument
        /// The file cannot be read.
        case unreadable(String)
        /// The file is no YAML.
        case brokenYAML(String)
        /// The document's top level is no mapping.
        case notAMapping
        /// A section of the file holds a value or a list, not keys.
        case notASection
        /// Two keys that are each fine do not fit together.
        case relation(String)
    }

    /// Where the mistake is; nil where it is between two keys.
    public let origin: ConfigurationOrigin?
    /// The dotted key, flag or word that it is about; nil where it is about the whole file.
    public let name: String?
    public let reason: Reason

    package init(_ origin: ConfigurationOrigin?, _ name: String?, _ reason: Reason) {
        self.origin = origin
        self.name = name
        self.reason = reason
    }

    /// One line: place, key, value, what was expected.
    public var description: String {
        [origin?.description, explanation].compactMap(\.self).joined(separator: ": ")
    }

    private var explanation: String {
        let name = (name ?? "").singleLine
        switch reason {
        case .unknownName(let suggestion):
            let what: String
            if case .flag = origin { what = "unknown flag" } else { what = "unknown key '\(name)'" }
            return what + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case .wrongType(let value, let expected):
            return "\(name): '\(value.singleLine)' is not valid; expected \(expected)"
        case .outOfRange(let value, let expected):
            return "\(name): '\(value.singleLine)' is out of range; expected \(expected)"
        case .missingUnit(let value, let expected):
            return "\(name): '\(value.singleLine)' has no unit; expected \(expected)"
        case .refused(let value, let reason):
            return "\(name): '\(value.singleLine)' is refused: \(reason)"
        case .missingValue(let expected):
            return "\(name) has no value; expected \(expected)"
        case .unexpectedValue:
            return "\(name) takes no value"
        case .duplicate(let first):
            return "\(name) is given twice; first by \(first)"
        case .unexpectedArgument:
            return "unexpected argument '\(name)'"
        case .unreadable(let reason):
            return "cannot be read: \(reason.singleLine)"
        case .brokenYAML(let reason):
            return "not valid YAML: \(reason.singleLine)"
        case .notAMapping:
            return "the document is no mapping; expected sections such as 'rpc:' with keys below them"
        case .notASection:
            return "'\(name)' is a section; expected keys below it"
        case .relation(let text):
            return text
        }
    }
}

/// A configuration that cannot be used: all that is wrong with it, at least one problem.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        precondition(!problems.isEmpty, "an error without a problem")
        self.problems = problems
    }

    /// One line for each problem.
    public var lines: [String] { problems.map(\.description) }

    /// The lines together.
    public var description: String { lines.joined(separator: "\n") }
}

extension String {
    /// The longest text from outside that is repeated in an error.
    private static let repeatedCharactersMax = 120

    /// The text as part of a line: control characters are escaped, and what is too long is cut.
    package var singleLine: String {
        var line = ""
        for scalar in unicodeScalars.prefix(Self.repeatedCharactersMax) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format: line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.count > Self.repeatedCharactersMax ? line + "..." : line
    }
}
