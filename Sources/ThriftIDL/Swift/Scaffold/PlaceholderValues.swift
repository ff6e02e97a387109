/// Values to begin with: zero, empty, the first member of an enum.
struct PlaceholderValues {
    let builder: ModelBuilder

    func value(of type: SwiftType) -> SwiftValue {
        switch type.resolved {
        case .enumeration(let id):
            let first = builder.types.enumeration(id)?.cases.first?.value ?? 0
            return .enumeration(
                id, number: first, caseIndex: builder.types.enumeration(id)?.cases.isEmpty ?? true ? nil : 0)
        case .structure(let id): return .structure(id, members(of: id))
        case .union(let id):
            // A union's first member may be the union itself; without a member there is no end to think of.
            return .union(id, nil)
        default: return .zero(of: type)
        }
    }

    /// What its initializer asks for.
    private func members(of id: DefinitionID) -> [SwiftValue.Member] {
        guard let structure = builder.types.structure(id), let document = builder.types.document(of: id) else {
            return []
        }
        return structure.fields.enumerated().compactMap { index, field in
            guard field.requiredness == .required, field.defaultValue == nil else { return nil }
            return SwiftValue.Member(index: index, value: value(of: builder.types.type(field.type, in: document)))
        }
    }
}
