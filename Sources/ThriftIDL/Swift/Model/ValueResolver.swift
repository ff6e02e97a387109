/// Reads the values of constants and defaults as the types that they have.
struct ValueResolver: Sendable {
    let types: TypeResolver

    /// - Parameter document: where the value stands, for its names.
    func value(_ value: ConstantValue, as type: SwiftType, in document: Document) -> SwiftValue {
        if case .identifier(let name) = value.kind { return named(name, as: type, in: document) }
        switch (type.resolved, value.kind) {
        case (.base(.bool), .integer(let number)): return .bool(number != 0)
        case (.base(.double), .integer(let number)): return .double(Double(number))
        case (.base(.double), .double(let number)): return .double(number)
        case (.base(.binary), .string(let text)): return .binary(text)
        case (.base(.uuid), .string(let text)): return .uuid(UUIDBits(text) ?? UUIDBits(high: 0, low: 0))
        case (.enumeration(let id), .integer(let number)): return enumeration(id, Int32(truncatingIfNeeded: number))
        case (.base, .integer(let number)): return .integer(number)
        case (.base, .double(let number)): return .integer(Int64(number))
        case (.base, .string(let text)): return .string(text)
        case (.binaryList, .list(let elements)):
            return .list(elements.map { self.value($0, as: .base(.binary), in: document) })
        case (.list(let element), .list(let elements)):
            return .list(elements.map { self.value($0, as: element, in: document) })
        case (.set(let element), .list(let elements)):
            return .list(distinct(elements.map { self.value($0, as: element, in: document) }))
        case (.map(let key, let value), .map(let pairs)):
            return .map(
                distinct(
                    pairs.map {
                        SwiftValue.Pair(
                            key: self.value($0.key, as: key, in: document),
                            value: self.value($0.value, as: value, in: document))
                    }))
        case (.structure(let id), .map(let pairs)): return .structure(id, members(pairs, of: id, in: document))
        case (.union(let id), .map(let pairs)): return .union(id, members(pairs, of: id, in: document).last)
        // `[]` for an empty map and `{}` for an empty list.
        case (.map, _): return .map([])
        case (.structure(let id), _): return .structure(id, [])
        case (.union(let id), _): return .union(id, nil)
        default: return .list([])
        }
    }

    private func named(_ name: String, as type: SwiftType, in document: Document) -> SwiftValue {
        if name == "true" || name == "false" {
            return value(ConstantValue(.integer(name == "true" ? 1 : 0), location: .nowhere), as: type, in: document)
        }
        if case (.constant(let constant), let home)? = types.program.definition(of: name, in: document) {
            let itsType = types.type(constant.type, in: home)
            let itsValue = value(constant.value, as: type, in: home)
            // An i32 can stand for an i64 in the IDL, but not in Swift.
            guard itsType.canonical == type.canonical else { return itsValue }
            return .constant(DefinitionID(path: home.path, name: constant.head.name), itsValue)
        }
        guard let (id, index, number) = enumerationCase(name, expecting: type, in: document) else {
            return .integer(0)
        }
        if case .enumeration(let expected) = type.resolved, expected == id {
            return .enumeration(id, number: number, caseIndex: index)
        }
        return value(ConstantValue(.integer(Int64(number)), location: .nowhere), as: type, in: document)
    }

    /// What `Color.RED`, `shared.Color.RED`, or, where a `Color` is expected, `RED` means.
    func enumerationCase(
        _ name: String, expecting type: SwiftType, in document: Document
    ) -> (DefinitionID, index: Int, number: Int32)? {
        func find(_ caseName: Substring, in id: DefinitionID) -> (DefinitionID, index: Int, number: Int32)? {
            guard let cases = types.enumeration(id)?.cases,
                let index = cases.firstIndex(where: { $0.head.name == caseName })
            else { return nil }
            return (id, index, cases[index].value)
        }
        if let dot = name.lastIndex(of: ".") {
            let reference = TypeReference(.named(String(name[..<dot])), location: .nowhere)
            if types.program.definition(of: String(name[..<dot]), in: document) != nil,
                case .enumeration(let id) = types.type(reference, in: document).resolved,
                let found = find(name[name.index(after: dot)...], in: id)
            {
                return found
            }
        }
        if case .enumeration(let id) = type.resolved { return find(name[...], in: id) }
        return nil
    }

    func enumeration(_ id: DefinitionID, _ number: Int32) -> SwiftValue {
        let index = types.enumeration(id)?.cases.firstIndex { $0.value == number }
        return .enumeration(id, number: number, caseIndex: index)
    }

    /// In the order of the struct's fields; of one that is named twice the last.
    private func members(
        _ pairs: [ConstantValue.Pair], of id: DefinitionID, in document: Document
    ) -> [SwiftValue.Member] {
        guard let structure = types.structure(id), let home = types.document(of: id) else { return [] }
        return structure.fields.enumerated().compactMap { index, field in
            let pair = pairs.last { pair in
                switch pair.key.kind {
                case .string(let name), .identifier(let name): name == field.head.name
                default: false
                }
            }
            guard let pair else { return nil }
            let type = types.type(field.type, in: home)
            return SwiftValue.Member(index: index, value: value(pair.value, as: type, in: document))
        }
    }

    private func distinct(_ values: [SwiftValue]) -> [SwiftValue] {
        var seen: Set<SwiftValue> = []
        return values.filter { seen.insert($0.canonical).inserted }
    }

    /// The last of equal keys wins, at the place of the first, as in a map that is filled from front to back.
    private func distinct(_ pairs: [SwiftValue.Pair]) -> [SwiftValue.Pair] {
        var places: [SwiftValue: Int] = [:]
        var result: [SwiftValue.Pair] = []
        for pair in pairs {
            if let place = places[pair.key.canonical] {
                result[place].value = pair.value
            } else {
                places[pair.key.canonical] = result.count
                result.append(pair)
            }
        }
        return result
    }
}

extension SourceLocation {
    /// Of what the compiler made up.
    static let nowhere = SourceLocation(file: "", line: 1, column: 1)
}
