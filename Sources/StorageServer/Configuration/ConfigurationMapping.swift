//! A section of the file whose entries the user names, each with the same fields: `alerts`. Only the file has such
//! sections: flags and variables do not reach into them. What the file says of an entry that there is by default is laid
//! over it field by field; any other entry is the user's own.

/// Entries by name, each with fields.
package struct ConfigurationMapping: Sendable {
    /// A field of an entry, as text.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let text: String
        package let origin: ConfigurationOrigin

        package init(_ name: String, _ text: String, _ origin: ConfigurationOrigin = .default) {
            self.name = name
            self.text = text
            self.origin = origin
        }
    }

    package struct Entry: Sendable, Hashable {
        package let name: String
        package var fields: [Field]
        /// Where the file names it.
        package let origin: ConfigurationOrigin

        package init(_ name: String, _ fields: [Field], _ origin: ConfigurationOrigin = .default) {
            self.name = name
            self.fields = fields
            self.origin = origin
        }

        package func field(_ name: String) -> Field? { fields.first { $0.name == name } }

        /// This entry with the fields of another of the same name.
        fileprivate func overlaid(with other: Entry) -> Entry {
            let kept = fields.map { field in other.field(field.name) ?? field }
            let added = other.fields.filter { field($0.name) == nil }
            return Entry(name, kept + added, other.origin)
        }
    }

    package let name: String
    /// What stands above the section in the file.
    package let purpose: String
    /// The entries that there are when the file says nothing.
    package let defaults: [Entry]
    /// What is wrong with an entry; asked with the fields of its default, if there is one.
    package let problems: @Sendable (Entry) -> [ConfigurationProblem]

    package init(
        _ name: String, _ purpose: String, defaults: [Entry],
        problems: @escaping @Sendable (Entry) -> [ConfigurationProblem]
    ) {
        self.name = name
        self.purpose = purpose
        self.defaults = defaults
        self.problems = problems
    }

    /// The entries with what the file says.
    package func entries(overlaidWith changes: [Entry]) -> [Entry] {
        let changed = defaults.map { entry in
            changes.first { $0.name == entry.name }.map { entry.overlaid(with: $0) } ?? entry
        }
        return changed + changes.filter { change in !defaults.contains { $0.name == change.name } }
    }
}

extension ConfigurationMapping.Field {
    /// The text in YAML. Fields are read as text, so that numbers and truths need no quotes.
    fileprivate var yaml: String {
        Double(text) != nil || Bool(text) != nil ? text : ConfigurationValue.text(text).yaml
    }
}

extension ConfigurationMapping.Entry {
    /// The entry's lines in YAML; `indentation` stands before each but the first, and behind each what `note` says of its
    /// origin.
    package func yaml(indentation: String, note: (ConfigurationOrigin) -> String = { _ in "" }) -> [String] {
        ["\(ConfigurationValue.text(name).yaml):\(note(origin))"]
            + fields.map { "\(indentation)\($0.name): \($0.yaml)\(note($0.origin))" }
    }
}
