//! Puts the sources together: flag beats environment beats file beats default. Every source is checked whole, also
//! where a stronger one overrides it, and all problems are reported at once. Pure but for reading the file; runs at
//! start, before anything is bound.

/// A configuration that can be used, and what a person should know about it.
public struct LoadedConfiguration: Sendable {
    /// Typed, for the server.
    public let server: ServerConfiguration
    /// Lines to log once logging is set up: unknown variables, values that are replaced or that nothing uses.
    public let warnings: [String]
    /// Which of the caller's own switches were given.
    public let switches: Set<String>
    /// Values with their origins, for `config print`.
    package let resolved: ResolvedConfiguration
}

/// Loads the configuration of `serve`.
public struct ConfigurationLoader: Sendable {
    package let table: ConfigurationTable

    /// A loader of the server's keys.
    public init() { self.init(table: .server) }

    package init(table: ConfigurationTable) { self.table = table }

    /// The configuration from flags, the environment and the file that `arguments` names.
    ///
    /// - Parameters:
    ///   - arguments: What `parse(arguments:switches:)` made of the command line.
    ///   - environment: Variables; those of this process if nil.
    /// - Throws: All problems of all sources.
    public func load(
        _ arguments: ConfigurationArguments = ConfigurationArguments(), environment: [String: String]? = nil
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let file = arguments.configFile.map { ConfigurationFile(path: $0, table: table) }
        let (resolved, warnings) = try resolve(
            arguments, environment: environment ?? ConfigurationEnvironment.process, file: file)
        return LoadedConfiguration(
            server: ServerConfiguration(resolved),
            warnings: warnings + Self.unusedValues(resolved) + Self.weakenedValues(resolved),
            switches: arguments.switches, resolved: resolved)
    }

    /// The configuration of `serve` from the tail of its command line, in one step.
    public static func load(
        arguments: [String], switches: [String] = [], environment: [String: String]? = nil
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let loader = ConfigurationLoader()
        return try loader.load(loader.parse(arguments: arguments, switches: switches), environment: environment)
    }

    /// The same for any table: every key with its value and origin.
    package func resolve(
        _ arguments: ConfigurationArguments = ConfigurationArguments(), environment variables: [String: String] = [:],
        file: ConfigurationFile? = nil
    ) throws(ConfigurationError) -> (resolved: ResolvedConfiguration, warnings: [String]) {
        var layering = Layering(resolved: ResolvedConfiguration(table), problems: arguments.problems)
        let environment = ConfigurationEnvironment(variables, table: table)
        // From the weakest to the strongest: what comes later replaces what is there.
        if let file { layering.add(file) }
        let ofFile = layering.resolved
        layering.add(environment)
        layering.add(arguments.values)
        layering.checkRelations()
        guard layering.problems.isEmpty else { throw ConfigurationError(layering.problems) }
        return (layering.resolved, environment.warnings + Self.replacedValues(ofFile, by: layering.resolved))
    }

    /// Values of the file that a variable replaces: who reads the file alone would not know.
    private static func replacedValues(_ file: ResolvedConfiguration, by all: ResolvedConfiguration) -> [String] {
        all.table.keys.compactMap { key in
            let (before, after) = (file[key.name], all[key.name])
            guard case .file = before.origin, case .environment = after.origin, before.value != after.value else {
                return nil
            }
            return "\(file.described(key.name)) is replaced by \(after.origin)"
        }
    }

    /// Values that are fine but that nothing reads as the others stand.
    private static func unusedValues(_ resolved: ResolvedConfiguration) -> [String] {
        func unused(_ name: String, by other: String) -> String {
            "\(resolved.described(name)) is not used by \(resolved.described(other))"
        }
        var warnings: [String] = []
        if !resolved.list("engine.endpoints").isEmpty, resolved.text("engine.kind") == EngineKind.memory.rawValue {
            warnings.append(unused("engine.endpoints", by: "engine.kind"))
        }
        // No relation: `config print` hides the password, and what it wrote is to be read again.
        if resolved.optionalText("engine.user") != nil, resolved.optionalText("engine.password") == nil {
            warnings.append("\(resolved.described("engine.user")) is not used without engine.password")
        }
        if resolved.text("tls.mode") == TLSMode.off.rawValue {
            if resolved.optionalText("tls.certificate") != nil, !resolved.boolean("admin.tls") {
                warnings.append(unused("tls.certificate", by: "tls.mode"))
            }
            if resolved.optionalText("tls.ca") != nil { warnings.append(unused("tls.ca", by: "tls.mode")) }
        }
        return warnings
    }

    /// Values that promise more than the others let them keep.
    private static func weakenedValues(_ resolved: ResolvedConfiguration) -> [String] {
        let mode: TLSMode = resolved.choice("tls.mode")
        let (authority, rule) = (resolved.described("tls.ca"), resolved.described("tls.clientCertificates"))
        switch (mode, resolved.optionalText("tls.ca")) {
        case (.optional, .some):
            let mode = resolved.described("tls.mode")
            return [
                "\(authority) does not bind clients in plaintext, which \(mode) serves: they may name any fromService"
            ]
        case (.optional, nil), (.required, nil):
            if resolved["tls.clientCertificates"].origin == .default { return [] }
            return ["\(rule) asks nobody for a certificate, without \(authority)"]
        case (.required, .some), (.off, _): return []
        }
    }
}

/// The layers so far, and what is wrong with them.
private struct Layering {
    var resolved: ResolvedConfiguration
    var problems: [ConfigurationProblem]
    /// Keys that have a problem in any layer: relations with them would only repeat it.
    var broken: Set<String> = []

    mutating func add(_ file: ConfigurationFile) {
        problems += file.problems
        for mapping in resolved.table.mappings {
            guard let changes = file.mappings[mapping.name] else { continue }
            resolved.mappingChanges[mapping.name] = changes
            problems += resolved.entries(of: mapping).flatMap(mapping.problems)
        }
        broken.formUnion(file.problems.compactMap(\.name))
        for entry in file.entries {
            let key = entry.key
            switch entry.content {
            case .scalar(let text):
                if case .list = key.kind {
                    reject(key, entry.origin, .wrongType(value: key.shown(text), expected: key.expectation))
                } else {
                    set(key, entry.origin, shown: text) { () throws(ValueFault) in try key.value(of: text) }
                }
            case .list(let texts):
                let shown = "[\(texts.joined(separator: ", "))]"
                set(key, entry.origin, shown: shown) { () throws(ValueFault) in try key.value(ofList: texts) }
            case .null:
                set(key, entry.origin, to: key.isOptional ? .absent : nil)
            case .other(let what):
                reject(key, entry.origin, .wrongType(value: what, expected: key.expectation))
            }
        }
    }

    mutating func add(_ environment: ConfigurationEnvironment) {
        for entry in environment.entries {
            let origin = ConfigurationOrigin.environment(variable: entry.variable)
            set(entry.key, origin, shown: entry.text) { () throws(ValueFault) in try entry.key.value(of: entry.text) }
        }
    }

    mutating func add(_ flags: [ConfigurationArguments.Value]) {
        var seen: [String: String] = [:]
        for flag in flags {
            let origin = ConfigurationOrigin.flag(flag.flag)
            guard let key = resolved.table.key(flag: flag.flag) else {
                let suggestion = NearestName.of(flag.flag, in: resolved.table.flags.sorted())
                problems.append(.init(origin, flag.flag, .unknownName(suggestion: suggestion)))
                continue
            }
            if let first = seen.updateValue(flag.flag, forKey: key.name) {
                reject(key, origin, .duplicate(first: .flag(first)))
            } else {
                set(key, origin, shown: flag.text) { () throws(ValueFault) in try key.value(of: flag.text) }
            }
        }
    }

    mutating func checkRelations() {
        for relation in resolved.table.relations where broken.isDisjoint(with: relation.names) {
            if let problem = relation.problem(in: resolved) { problems.append(problem) }
        }
    }

    private mutating func set(
        _ key: ConfigurationKey, _ origin: ConfigurationOrigin, shown text: String,
        _ read: () throws(ValueFault) -> ConfigurationValue
    ) {
        let (value, expected) = (key.shown(text), key.expectation)
        do {
            resolved[key.name] = .init(value: try read(), origin: origin)
        } catch {
            switch error {
            case .wrongType: reject(key, origin, .wrongType(value: value, expected: expected))
            case .outOfRange: reject(key, origin, .outOfRange(value: value, expected: expected))
            case .missingUnit: reject(key, origin, .missingUnit(value: value, expected: expected))
            case .refused(let reason): reject(key, origin, .refused(value: value, reason: reason))
            }
        }
    }

    private mutating func set(_ key: ConfigurationKey, _ origin: ConfigurationOrigin, to value: ConfigurationValue?) {
        if let value {
            resolved[key.name] = .init(value: value, origin: origin)
        } else {
            reject(key, origin, .missingValue(expected: key.expectation))
        }
    }

    private mutating func reject(
        _ key: ConfigurationKey, _ origin: ConfigurationOrigin, _ reason: ConfigurationProblem.Reason
    ) {
        broken.insert(key.name)
        problems.append(.init(origin, key.name, reason))
    }
}

extension ConfigurationKey {
    /// `text` as an error may show it.
    fileprivate func shown(_ text: String) -> String { isSecret ? "(hidden)" : text }
}
