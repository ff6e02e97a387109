//! Splits the tail of a command line into flags and values. What is wrong is collected, not thrown: the loader reports
//! it together with the problems of the other sources.

/// Flags with their values, as they stood on the command line.
public struct ConfigurationArguments: Sendable {
    /// A flag and what was given to it.
    public struct Value: Sendable, Hashable {
        /// As it was spelt: `--port` or `--rpc-port`.
        public let flag: String
        public let text: String

        public init(flag: String, text: String) {
            self.flag = flag
            self.text = text
        }
    }

    /// What `--config` named.
    public var configFile: String?
    /// Flags of keys, in order.
    public var values: [Value] = []
    /// Which of the caller's own switches are there.
    public var switches: Set<String> = []
    /// `--help` or `-h` is there.
    public var helpRequested = false
    /// What is wrong. `ConfigurationLoader.load` reports it.
    public internal(set) var problems: [ConfigurationProblem] = []

    /// No flags.
    public init() {}
}

extension ConfigurationLoader {
    /// Reads the tail of a command line: flags of keys (`--flag value` or `--flag=value`), `--config FILE`, `--help`,
    /// and the caller's own `switches`, which take no value (`["--salvage"]`).
    public func parse(arguments: [String], switches: [String] = []) -> ConfigurationArguments {
        var parser = ArgumentsParser(table: table, switches: switches, rest: arguments[...])
        return parser.parse()
    }
}

private struct ArgumentsParser {
    let table: ConfigurationTable
    let switches: [String]
    var rest: ArraySlice<String>
    var result = ConfigurationArguments()

    mutating func parse() -> ConfigurationArguments {
        while let word = rest.popFirst() {
            if word.hasPrefix("-"), word != "-", word != "--" {
                parseFlag(word)
            } else {
                result.problems.append(.init(nil, word, .unexpectedArgument))
            }
        }
        return result
    }

    private mutating func parseFlag(_ word: String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        let attached = parts.count == 2 ? String(parts[1]) : nil
        if let key = table.key(flag: flag) {
            guard let text = attached ?? value(for: key) else { return missingValue(flag, key.expectation) }
            result.values.append(.init(flag: flag, text: text))
        } else if flag == "--config" {
            guard let text = attached ?? nextValue(), !text.isEmpty else { return missingValue(flag, "a path") }
            if result.configFile != nil {
                result.problems.append(.init(.flag(flag), flag, .duplicate(first: .flag(flag))))
            }
            result.configFile = text
        } else if flag == "--help" || flag == "-h" || switches.contains(flag) {
            if attached != nil { result.problems.append(.init(.flag(flag), flag, .unexpectedValue)) }
            if switches.contains(flag) { result.switches.insert(flag) } else { result.helpRequested = true }
        } else {
            let known = table.flags.sorted() + ["--config", "--help"] + switches
            let suggestion = NearestName.of(flag, in: known)
            result.problems.append(.init(.flag(flag.singleLine), flag, .unknownName(suggestion: suggestion)))
            // What follows was meant as its value, and is no mistake of its own.
            if attached == nil { _ = nextValue() }
        }
    }

    private mutating func missingValue(_ flag: String, _ expected: String) {
        result.problems.append(.init(.flag(flag), flag, .missingValue(expected: expected)))
    }

    private mutating func value(for key: ConfigurationKey) -> String? {
        // A boolean flag alone means true.
        if key.kind == .boolean { return ["true", "false"].contains(rest.first) ? rest.popFirst() : "true" }
        return nextValue()
    }

    /// The next word, unless it is a flag. One dash may begin a value, such as a negative number that is then refused.
    private mutating func nextValue() -> String? {
        guard let word = rest.first, !word.hasPrefix("--") else { return nil }
        return rest.popFirst()
    }
}
