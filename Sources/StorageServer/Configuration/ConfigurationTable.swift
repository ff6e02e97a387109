//! The one table of keys. Checking, flags, variables, `config print`, the help text and the commented file are all
//! made from it. A table is checked when it is built: names, flags and variables are unique, and every default is a
//! value that a user could have given.

/// Keys that belong together; in the file, a mapping.
package struct ConfigurationSection: Sendable {
    package let name: String
    /// One line above the section, in the file and in the help text.
    package let purpose: String
    package let keys: [ConfigurationKey]

    package init(_ name: String, _ purpose: String, _ keys: [ConfigurationKey]) {
        self.name = name
        self.purpose = purpose
        self.keys = keys
    }
}

/// All keys, in the order in which they are shown, and the relations between them.
package struct ConfigurationTable: Sendable {
    package let sections: [ConfigurationSection]
    /// What only the file has, behind the sections.
    package let mappings: [ConfigurationMapping]
    package let relations: [ConfigurationRelation]
    /// What every variable begins with: `NEEDLETAIL_`.
    package let variablePrefix: String

    private let keysByName: [String: ConfigurationKey]
    private let keysByFlag: [String: ConfigurationKey]
    private let keysByVariable: [String: ConfigurationKey]

    package init(
        sections: [ConfigurationSection], mappings: [ConfigurationMapping] = [],
        relations: [ConfigurationRelation] = [], variablePrefix: String = "NEEDLETAIL_"
    ) {
        self.sections = sections
        self.mappings = mappings
        self.relations = relations
        self.variablePrefix = variablePrefix
        let keys = sections.flatMap(\.keys)
        // Uniqueness is asserted by these initialisers, which trap on duplicates.
        keysByName = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
        keysByFlag = Dictionary(uniqueKeysWithValues: keys.flatMap { key in key.flags.map { ($0, key) } })
        keysByVariable = Dictionary(uniqueKeysWithValues: keys.map { ($0.variable(prefix: variablePrefix), $0) })
        for section in sections {
            for key in section.keys {
                precondition(key.section == section.name && !key.leaf.isEmpty, "\(key.name) stands in \(section.name)")
                precondition(key.hasValidDefault, "the default of \(key.name) is not one of its values")
            }
        }
        for mapping in mappings {
            precondition(
                mapping.defaults.allSatisfy { mapping.problems($0).isEmpty }, "\(mapping.name) has valid defaults")
        }
        for name in relations.flatMap(\.names) {
            precondition(keysByName[name] != nil, "a relation names \(name), which is no key")
        }
    }

    package var keys: [ConfigurationKey] { sections.flatMap(\.keys) }
    package var flags: some Collection<String> { keysByFlag.keys }
    package var variables: some Collection<String> { keysByVariable.keys }

    /// The key with this dotted name.
    package func key(named name: String) -> ConfigurationKey? { keysByName[name] }
    /// The mapping with this name.
    package func mapping(named name: String) -> ConfigurationMapping? { mappings.first { $0.name == name } }
    /// The key with this flag, short or long.
    package func key(flag: String) -> ConfigurationKey? { keysByFlag[flag] }
    /// The key with this variable.
    package func key(variable: String) -> ConfigurationKey? { keysByVariable[variable] }

    /// The known key that a misspelt dotted name probably means: a near one, or one of the same name in another
    /// section.
    package func suggestion(for name: String) -> String? {
        let all = keys
        if let near = NearestName.of(name, in: all.map(\.name)) { return near }
        let leaf = String(name.split(separator: ".").last ?? "")
        let sameLeaf = all.filter { $0.leaf.lowercased() == leaf.lowercased() }
        return sameLeaf.count == 1 ? sameLeaf[0].name : nil
    }
}

extension ConfigurationKey {
    fileprivate var hasValidDefault: Bool {
        switch (kind, defaultValue) {
        case (.text, .absent): return true
        case (.list(let rule), .list(let texts)): return texts.allSatisfy(rule.accepts)
        default: return (try? value(of: defaultValue.text)) == defaultValue
        }
    }
}
