//! One line of the table of keys. Everything that names a key elsewhere (the long flag, the variable, the line in the
//! file, the expectation in an error) is derived from it, so that they cannot differ.

/// A configuration key: its name, its type, its default and what it is for.
package struct ConfigurationKey: Sendable {
    /// Dotted, in camel case: `limits.maxValueSize`. The part up to the first dot is the section.
    package let name: String
    package let kind: ConfigurationKind
    package let defaultValue: ConfigurationValue
    /// What a zero outside the type's range means. Zero is allowed beside the range when this is there.
    package let zeroMeans: String?
    /// A short spelling of the flag, dashes included: `--port`.
    package let shortFlag: String?
    /// The value is never printed, neither by `config print` nor in an error.
    package let isSecret: Bool
    /// One or two sentences for the person who sets it.
    package let purpose: String

    package init(
        _ name: String, _ kind: ConfigurationKind, default defaultValue: ConfigurationValue, zeroMeans: String? = nil,
        shortFlag: String? = nil, isSecret: Bool = false, _ purpose: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.zeroMeans = zeroMeans
        self.shortFlag = shortFlag
        self.isSecret = isSecret
        self.purpose = purpose
    }

    /// `limits` of `limits.maxValueSize`.
    package var section: String { String(name.prefix { $0 != "." }) }

    /// `maxValueSize` of `limits.maxValueSize`: the name inside its section.
    package var leaf: String { String(name.drop { $0 != "." }.dropFirst()) }

    /// `--limits-max-value-size`.
    package var longFlag: String { "--" + Self.words(name).joined(separator: "-") }

    /// All spellings of the flag, the short one first.
    package var flags: [String] { (shortFlag.map { [$0] } ?? []) + [longFlag] }

    /// `NEEDLETAIL_LIMITS_MAX_VALUE_SIZE`.
    package func variable(prefix: String) -> String {
        prefix + Self.words(name).joined(separator: "_").uppercased()
    }

    /// `null` and empty text are values: the key may be without one.
    package var isOptional: Bool { defaultValue == .absent }

    /// What an error says that it expected.
    package var expectation: String {
        guard let zeroMeans else { return kind.expectation }
        return "\(kind.expectation), or 0 (\(zeroMeans))"
    }

    /// `limits`, `max`, `value`, `size`: split at dots and before capitals, in lower case.
    private static func words(_ name: String) -> [String] {
        var words = [""]
        for character in name {
            if character == "." {
                words.append("")
            } else if character.isUppercase, words[words.count - 1] != "" {
                words.append(character.lowercased())
            } else {
                words[words.count - 1] += character.lowercased()
            }
        }
        return words
    }
}
