//! What people read of the table: the commented file and the flags' help. Both are rendered, never written by hand.

extension ConfigurationTable {
    /// The commented configuration file. Every key stands in it with its default, as a comment: what is not uncommented
    /// follows the defaults of the version that runs.
    package var renderedFile: String {
        var lines = Self.comment(
            """
            The configuration of needletail serve. A line that begins with # and a name shows a default: \
            remove the # to change it. A flag beats an environment variable, which beats this file. Sizes \
            are 64KiB, 16MiB or plain bytes; durations are 500ms, 10s, 1h. Rendered from the table of keys: \
            a test compares the two.
            """, indentation: "")
        for section in sections {
            lines += [""] + Self.comment(section.purpose, indentation: "") + ["\(section.name):"]
            for (index, key) in section.keys.enumerated() {
                if index > 0 { lines.append("") }
                let zero = key.zeroMeans.map { " 0: \($0)." } ?? ""
                lines += Self.comment(key.purpose + zero, indentation: "  ")
                lines += Self.comment("Takes \(key.kind.expectation).", indentation: "  ")
                lines.append(
                    "  # \(key.flags.joined(separator: ", ")); \(key.variable(prefix: variablePrefix))")
                lines.append("  #\(key.leaf): \(key.defaultValue.yaml)")
            }
        }
        for mapping in mappings {
            lines += [""] + Self.comment(mapping.purpose, indentation: "") + ["\(mapping.name):"]
            for (index, entry) in mapping.defaults.enumerated() {
                if index > 0 { lines.append("") }
                lines += entry.yaml(indentation: "  ").map { "  #" + $0 }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The flags with what they are for and their defaults, section by section.
    package var renderedHelp: String {
        var lines: [String] = []
        for section in sections {
            lines += lines.isEmpty ? [] : [""]
            lines.append("\(section.name.uppercased()): \(section.purpose)")
            for key in section.keys {
                lines.append("  \(key.flags.joined(separator: ", ")) \(key.kind.placeholder)")
                var facts = key.isOptional ? [] : ["default \(key.defaultValue.yaml)"]
                if let zeroMeans = key.zeroMeans { facts.append("0: \(zeroMeans)") }
                let suffix = facts.isEmpty ? "" : " (\(facts.joined(separator: "; ")))"
                lines += Self.wrapped(key.purpose + suffix, prefix: "        ")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let columns = 100

    private static func comment(_ text: String, indentation: String) -> [String] {
        wrapped(text, prefix: indentation + "# ")
    }

    /// Words of `text` in lines of at most `columns`.
    private static func wrapped(_ text: String, prefix: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= columns {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(prefix + word)
            }
        }
        return lines
    }
}

extension ConfigurationLoader {
    /// The help text of all flags that are keys.
    public static var flagsHelp: String { ConfigurationTable.server.renderedHelp }

    /// The commented configuration file, as `config/needletail.yaml` holds it.
    public static var commentedFile: String { ConfigurationTable.server.renderedFile }
}
