/// Spells the values of constants and defaults.
struct ValueSpeller {
    let scope: FileScope
    let types: TypeResolver

    /// An expression of `type`; literals are left bare, so it stands where the type is known.
    func layout(_ value: SwiftValue, as type: SwiftType) -> Layout {
        switch value {
        case .bool(let value): return .text("\(value)")
        case .integer(let value): return .text(Self.grouped(value))
        case .double(let value): return .text(literal(value))
        case .string(let text): return .string(Self.escaped(text))
        // An element of a `BinaryList`, whose literal is made of strings, comes as a string.
        case .binary(let text) where text.isEmpty: return .text("\(scope.name(.byteBuffer))()")
        case .binary(let text):
            return .group(
                open: "\(scope.name(.byteBuffer))(",
                items: [.sequence([.text("string: "), .string(Self.escaped(text))])],
                close: ")")
        case .uuid(let bits):
            return .text("\(scope.name(.wireUUID))(high: \(Self.hex(bits.high)), low: \(Self.hex(bits.low)))")
        case .enumeration(let id, let number, let index): return .text(enumeration(id, number, index))
        case .list(let elements): return list(elements, as: type)
        case .map(let pairs): return map(pairs, as: type)
        case .structure(let id, let members): return structure(id, members)
        case .union(let id, let member): return union(id, member)
        case .constant(let id, _): return .text(scope.constant(id))
        }
    }

    private func enumeration(_ id: DefinitionID, _ number: Int32, _ index: Int?) -> String {
        guard let index, let enumeration = types.enumeration(id) else {
            return "\(scope.name(id))(rawValue: \(Self.grouped(Int64(number))))"
        }
        return "\(scope.name(id)).\(MemberNames.cases(of: enumeration)[index])"
    }

    private func list(_ elements: [SwiftValue], as type: SwiftType) -> Layout {
        let items: [Layout] =
            switch type.resolved {
            case .list(let element), .set(let element): elements.map { layout($0, as: element) }
            case .binaryList: elements.map(binaryElement)
            default: []
            }
        return .group(open: "[", items: items, close: "]", ends: .comma)
    }

    /// The literal of a `BinaryList` is made of strings.
    private func binaryElement(_ element: SwiftValue) -> Layout {
        if case .binary(let text) = element.resolved { .string(Self.escaped(text)) } else { .text("\"\"") }
    }

    private func map(_ pairs: [SwiftValue.Pair], as type: SwiftType) -> Layout {
        guard case .map(let key, let value) = type.resolved, !pairs.isEmpty else { return .text("[:]") }
        let items = pairs.map { pair in
            Layout.sequence([layout(pair.key, as: key), .text(": "), layout(pair.value, as: value)])
        }
        return .group(open: "[", items: items, close: "]", ends: .comma)
    }

    private func structure(_ id: DefinitionID, _ members: [SwiftValue.Member]) -> Layout {
        guard let structure = types.structure(id) else { return .text("\(scope.name(id))()") }
        let names = MemberNames.fields(of: structure)
        let items = members.map { member in
            Layout.sequence([.text("\(names[member.index].label): "), value(of: member, in: structure, id)])
        }
        return .group(open: "\(scope.name(id))(", items: items, close: ")")
    }

    private func union(_ id: DefinitionID, _ member: SwiftValue.Member?) -> Layout {
        guard let member, let structure = types.structure(id) else {
            return .text("\(scope.name(id)).unrecognized(id: 0)")
        }
        let name = MemberNames.fields(of: structure)[member.index]
        return .group(open: "\(scope.name(id)).\(name)(", items: [value(of: member, in: structure, id)], close: ")")
    }

    private func value(of member: SwiftValue.Member, in structure: Structure, _ id: DefinitionID) -> Layout {
        guard let home = types.document(of: id) else { return .text("") }
        return layout(member.value, as: types.type(structure.fields[member.index].type, in: home))
    }
}

// MARK: Literals

extension ValueSpeller {
    /// A decimal literal; long ones in groups of three digits.
    static func grouped(_ value: Int64) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 4 else { return String(value) }
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "_" }
            text.append(digit)
        }
        return text
    }

    /// Sixteen hexadecimal digits in groups of four.
    static func hex(_ value: UInt64) -> String {
        if value == 0 { return "0" }
        let digits = String(value, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        var text = "0x"
        for (index, digit) in padded.enumerated() {
            if index > 0, index.isMultiple(of: 4) { text += "_" }
            text.append(digit)
        }
        return text
    }

    private func literal(_ value: Double) -> String {
        // Swift warns of a literal so small that it loses digits.
        if value.isSubnormal { return "\(scope.name(.double))(bitPattern: \(Self.hex(value.bitPattern)))" }
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.infinity" : ".infinity" }
        return value.description
    }

    /// What stands between the quotes, in pieces between which a long literal may be broken.
    static func escaped(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for scalar in text.unicodeScalars {
            piece += escaped(scalar)
            if scalar == " " || piece.utf8.count >= 40 {
                pieces.append(piece)
                piece = ""
            }
        }
        if !piece.isEmpty || pieces.isEmpty { pieces.append(piece) }
        return pieces
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\0": return "\\0"
        default:
            // What cannot be seen, or would join the character before it, is spelled out.
            let isVisible =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .nonspacingMark, .spacingMark,
                    .enclosingMark, .privateUse, .unassigned, .surrogate:
                    false
                case .spaceSeparator: scalar == " "
                default: true
                }
            return isVisible ? String(Character(scalar)) : "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}
