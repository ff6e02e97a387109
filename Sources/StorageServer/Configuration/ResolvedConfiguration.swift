//! Every key of a table with its value and where that came from: the result of layering, before it becomes typed.
//! Always holds a value for every key of its table.

package struct ResolvedConfiguration: Sendable {
    /// A value, and where it came from.
    package struct Entry: Sendable, Hashable {
        package let value: ConfigurationValue
        package let origin: ConfigurationOrigin

        package init(value: ConfigurationValue, origin: ConfigurationOrigin) {
            self.value = value
            self.origin = origin
        }
    }

    package let table: ConfigurationTable
    private var entries: [String: Entry] = [:]
    /// What the file says of each mapping.
    package var mappingChanges: [String: [ConfigurationMapping.Entry]] = [:]

    /// All defaults.
    package init(_ table: ConfigurationTable) {
        self.table = table
        for key in table.keys { entries[key.name] = Entry(value: key.defaultValue, origin: .default) }
    }

    /// The entry of a key that the table has.
    package subscript(name: String) -> Entry {
        get {
            guard let entry = entries[name] else { preconditionFailure("\(name) is not in the table of keys") }
            return entry
        }
        set {
            precondition(entries[name] != nil, "\(name) is not in the table of keys")
            entries[name] = newValue
        }
    }

    /// The entries of a mapping that the table has, the defaults first.
    package func entries(of mapping: ConfigurationMapping) -> [ConfigurationMapping.Entry] {
        mapping.entries(overlaidWith: mappingChanges[mapping.name] ?? [])
    }

    /// Key, value and origin, for an error: `limits.maxTimeout (1m, default)`.
    package func described(_ name: String) -> String {
        let entry = self[name]
        let value = table.key(named: name)?.isSecret == true ? "hidden" : entry.value.yaml
        return "\(name) (\(value), \(entry.origin))"
    }

    // Typed reading. The table decides a key's type, so that a wrong one here is our own mistake.

    package func text(_ name: String) -> String {
        guard case .text(let text) = self[name].value else { preconditionFailure("\(name) is no text") }
        return text
    }

    package func optionalText(_ name: String) -> String? {
        self[name].value == .absent ? nil : text(name)
    }

    package func integer(_ name: String) -> Int {
        guard case .integer(let number) = self[name].value else { preconditionFailure("\(name) is no whole number") }
        return number
    }

    package func sizeBytes(_ name: String) -> Int {
        guard case .sizeBytes(let bytes) = self[name].value else { preconditionFailure("\(name) is no size") }
        return bytes
    }

    package func durationMillis(_ name: String) -> Int64 {
        guard case .durationMillis(let millis) = self[name].value else { preconditionFailure("\(name) is no duration") }
        return millis
    }

    package func milliCores(_ name: String) -> Int {
        guard case .milliCores(let number) = self[name].value else { preconditionFailure("\(name) is no cores") }
        return number
    }

    package func boolean(_ name: String) -> Bool {
        guard case .boolean(let truth) = self[name].value else { preconditionFailure("\(name) is no truth") }
        return truth
    }

    package func list(_ name: String) -> [String] {
        guard case .list(let texts) = self[name].value else { preconditionFailure("\(name) is no list") }
        return texts
    }

    /// A value of an enumeration, whose cases are the choices that the table allows.
    package func choice<Choice: RawRepresentable<String>>(_ name: String, as type: Choice.Type = Choice.self) -> Choice
    {
        guard let choice = Choice(rawValue: text(name)) else {
            preconditionFailure("\(name): the table allows what \(Choice.self) does not have")
        }
        return choice
    }
}
