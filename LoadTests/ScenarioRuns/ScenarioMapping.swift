//! One mapping of a scenario's file, checked against its table: every key has a value afterwards, its default where the
//! file has none. What is wrong with one key does not hide what is wrong with others.

internal import StorageServer
internal import Yams

struct ScenarioMapping {
    /// As problems name it: empty for the scenario itself, `phases[2]` for its second phase.
    let path: String
    let origin: ConfigurationOrigin
    private(set) var problems: [ConfigurationProblem] = []
    private var values: [String: ConfigurationValue] = [:]
    /// Keys that the file has a value for.
    private var given: Set<String> = []
    private(set) var children: [String: Node] = [:]

    /// - Parameter file: the file's path.
    init(_ node: Node?, _ table: ScenarioTable, path: String, file: String) {
        self.path = path
        origin = .file(path: file, line: node?.mark?.line)
        for key in table.keys { values[key.leaf] = key.defaultValue }
        guard let node, !node.isNothing else { return }
        guard let mapping = node.mapping else {
            problems.append(.init(origin, path, .notASection))
            return
        }
        for (nameNode, value) in mapping {
            let origin = ConfigurationOrigin.file(path: file, line: nameNode.mark?.line)
            let leaf = nameNode.scalar?.string ?? ""
            let name = path.isEmpty ? leaf : "\(path).\(leaf)"
            if table.children.contains(leaf) {
                children[leaf] = value
            } else if let key = table.key(leaf) {
                if !value.isNothing { given.insert(leaf) }
                read(value, key, name, origin)
            } else {
                let near = NearestName.of(leaf, in: table.keys.map(\.leaf) + table.children)
                problems.append(.init(origin, name, .unknownName(suggestion: near)))
            }
        }
    }

    private mutating func read(_ node: Node, _ key: ConfigurationKey, _ name: String, _ origin: ConfigurationOrigin) {
        let text = node.scalar?.string ?? node.sequence?.map { $0.scalar?.string ?? "" }.joined(separator: ", ") ?? ""
        do throws(ValueFault) {
            if let sequence = node.sequence {
                values[key.leaf] = try key.value(ofList: sequence.map { $0.scalar?.string ?? "" })
            } else if let scalar = node.scalar, !node.isNothing {
                values[key.leaf] = try key.value(of: scalar.string)
            } else if !key.isOptional || !node.isNothing {
                problems.append(.init(origin, name, .missingValue(expected: key.expectation)))
            }
        } catch {
            let reason: ConfigurationProblem.Reason =
                switch error {
                case .wrongType: .wrongType(value: text, expected: key.expectation)
                case .outOfRange: .outOfRange(value: text, expected: key.expectation)
                case .missingUnit: .missingUnit(value: text, expected: key.expectation)
                case .refused(let reason): .refused(value: text, reason: reason)
                }
            problems.append(.init(origin, name, reason))
        }
    }

    /// Notes what does not fit together.
    mutating func refuse(_ text: String) {
        problems.append(.init(origin, nil, .relation(path.isEmpty ? text : "\(path): \(text)")))
    }

    /// Whether the file has a value, and not only the table a default.
    func isGiven(_ leaf: String) -> Bool { given.contains(leaf) }

    func integer(_ leaf: String) -> Int? {
        switch values[leaf] {
        case .integer(let number), .sizeBytes(let number): number
        default: nil
        }
    }

    func text(_ leaf: String) -> String? { if case .text(let text) = values[leaf] { text } else { nil } }
    func flag(_ leaf: String) -> Bool { values[leaf] == .boolean(true) }
    func list(_ leaf: String) -> [String] { if case .list(let texts) = values[leaf] { texts } else { [] } }
    func millis(_ leaf: String) -> Int64? { if case .durationMillis(let millis) = values[leaf] { millis } else { nil } }
}

extension Node {
    /// Nothing behind the colon, or `null`.
    var isNothing: Bool { scalar.map { ["", "~", "null"].contains($0.string) && $0.style != .doubleQuoted } ?? false }
}
