//! Reads the YAML file into dotted names with raw values and line numbers. Sections may be written as mappings (`rpc:`
//! with `port: 7400` below it) or as dotted names (`rpc.port: 7400`). What is wrong with one entry does not hide the
//! others; only YAML that does not parse stops the reading.

internal import Yams

/// What the file says about one known key, before the value is checked.
package struct ConfigurationFileEntry: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// Nothing behind the colon, or `null`.
        case null
        case scalar(String)
        case list([String])
        /// Something that no key takes, such as a mapping or a list of mappings; with what it is called in an error.
        case other(String)
    }

    package let key: ConfigurationKey
    package let content: Content
    package let origin: ConfigurationOrigin

    package static func == (left: Self, right: Self) -> Bool {
        left.key.name == right.key.name && left.content == right.content && left.origin == right.origin
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key.name)
        hasher.combine(content)
    }
}

/// The entries of a file, and everything that is wrong with its shape.
package struct ConfigurationFile: Sendable {
    package private(set) var entries: [ConfigurationFileEntry] = []
    /// What it says of each mapping, by the mapping's name.
    package private(set) var mappings: [String: [ConfigurationMapping.Entry]] = [:]
    package private(set) var problems: [ConfigurationProblem] = []

    private let path: String
    private let table: ConfigurationTable

    /// Reads the file at `path`.
    package init(path: String, table: ConfigurationTable) {
        self.path = path
        self.table = table
        do {
            parse(try TextFile.read(path))
        } catch {
            problems.append(.init(.file(path: path, line: nil), nil, .unreadable(error.reason)))
        }
    }

    /// Reads `text` as if it were the content of the file at `path`.
    package init(text: String, path: String, table: ConfigurationTable) {
        self.path = path
        self.table = table
        parse(text)
    }

    private func origin(_ mark: Mark?) -> ConfigurationOrigin { .file(path: path, line: mark?.line) }

    private mutating func parse(_ text: String) {
        // A byte order mark, as some editors write it, is no part of the document.
        let text = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
        do {
            // An empty document, or one of comments only, changes nothing.
            guard let root = try Parser(yaml: text, encoding: .utf8).singleRoot() else { return }
            switch root {
            case .mapping(let mapping): read(mapping, below: "")
            case .scalar(let scalar) where scalar.isNull: return
            default: problems.append(.init(origin(root.mark), nil, .notAMapping))
            }
        } catch let error as YamlError {
            problems.append(problem(of: error))
        } catch {
            problems.append(.init(origin(nil), nil, .brokenYAML("\(error)")))
        }
    }

    private mutating func read(_ mapping: Node.Mapping, below parent: String) {
        for (nameNode, value) in mapping {
            let origin = origin(nameNode.mark)
            guard case .scalar(let leaf) = nameNode else {
                problems.append(.init(origin, nil, .brokenYAML("a key is \(nameNode.kindName), not a name")))
                continue
            }
            let name = parent.isEmpty ? leaf.string : "\(parent).\(leaf.string)"
            if let key = table.key(named: name) {
                append(ConfigurationFileEntry(key: key, content: value.content, origin: origin))
            } else if table.mapping(named: name) != nil {
                readMapping(value, name: name, origin: origin)
            } else if table.keys.contains(where: { $0.name.hasPrefix(name + ".") }) {
                readSection(value, name: name, origin: origin)
            } else {
                let sections = table.sections.map(\.name) + table.mappings.map(\.name)
                let suggestion = value.mapping == nil ? table.suggestion(for: name) : NearestName.of(name, in: sections)
                problems.append(.init(origin, name, .unknownName(suggestion: suggestion)))
            }
        }
    }

    private mutating func readSection(_ value: Node, name: String, origin: ConfigurationOrigin) {
        switch value {
        case .mapping(let mapping): read(mapping, below: name)
        // A section whose lines are all comments.
        case .scalar(let scalar) where scalar.isNull: break
        default: problems.append(.init(origin, name, .notASection))
        }
    }

    /// A mapping's entries: mappings themselves, whose fields are scalars. An entry of comments only says nothing.
    private mutating func readMapping(_ value: Node, name: String, origin: ConfigurationOrigin) {
        for (entryName, node, entryOrigin) in named(value, name, origin) {
            let path = "\(name).\(entryName)"
            var fields: [ConfigurationMapping.Field] = []
            for (field, node, fieldOrigin) in named(node, path, entryOrigin) {
                if case .scalar(let scalar) = node, !scalar.isNull {
                    fields.append(.init(field, scalar.string, fieldOrigin))
                } else {
                    problems.append(.init(fieldOrigin, "\(path).\(field)", .missingValue(expected: "a single value")))
                }
            }
            mappings[name, default: []].append(.init(entryName, fields, entryOrigin))
        }
    }

    /// The pairs of what should be a mapping.
    private mutating func named(
        _ value: Node, _ name: String, _ origin: ConfigurationOrigin
    ) -> [(name: String, value: Node, origin: ConfigurationOrigin)] {
        switch value {
        case .mapping(let mapping):
            return mapping.map { ($0.key.string ?? $0.key.kindName, $0.value, self.origin($0.key.mark)) }
        case .scalar(let scalar) where scalar.isNull: return []
        default:
            problems.append(.init(origin, name, .notASection))
            return []
        }
    }

    private mutating func append(_ entry: ConfigurationFileEntry) {
        // Yams finds a name twice in one mapping; here it is a section's name and a dotted one.
        if let first = entries.first(where: { $0.key.name == entry.key.name }) {
            problems.append(.init(entry.origin, entry.key.name, .duplicate(first: first.origin)))
        } else {
            entries.append(entry)
        }
    }

    private func problem(of error: YamlError) -> ConfigurationProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let text = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
            return .init(origin(mark), nil, .brokenYAML(text))
        case .reader(let problem, let offset, _, let yaml):
            let line = offset.map { yaml.prefix($0).count { $0.isNewline } + 1 }
            return .init(.file(path: path, line: line), nil, .brokenYAML(problem))
        case .duplicatedKeysInMapping(let names, let context):
            let text = "\(names.sorted().joined(separator: ", ")): given twice in one mapping"
            return .init(origin(context.mark), nil, .brokenYAML(text))
        default:
            return .init(origin(nil), nil, .brokenYAML("\(error)"))
        }
    }
}

extension Node {
    fileprivate var content: ConfigurationFileEntry.Content {
        switch self {
        case .scalar(let scalar):
            return scalar.isNull ? .null : .scalar(scalar.string)
        case .sequence(let sequence):
            var texts: [String] = []
            for node in sequence {
                guard case .scalar(let scalar) = node else { return .other("a list with \(node.kindName) in it") }
                texts.append(scalar.isNull ? "" : scalar.string)
            }
            return .list(texts)
        default:
            return .other(kindName)
        }
    }

    fileprivate var kindName: String {
        switch self {
        case .scalar: "a value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension Node.Scalar {
    /// YAML's words for nothing; in quotes they are text.
    fileprivate var isNull: Bool {
        (style == .plain || style == .any) && ["", "~", "null", "Null", "NULL"].contains(string)
    }
}
