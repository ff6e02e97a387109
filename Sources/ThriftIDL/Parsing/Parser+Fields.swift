//! Structs, unions and exceptions; fields, there and in functions.

/// Where a field stands. It decides what its requiredness means.
enum FieldRole {
    case member
    case unionMember
    case argument
    case thrown

    /// As diagnostics call it.
    var noun: String {
        switch self {
        case .member: "field"
        case .unionMember: "member of the union"
        case .argument: "argument"
        case .thrown: "exception"
        }
    }
}

extension Parser {
    mutating func parseStructure(
        _ kind: Structure.Kind, _ documentation: String?
    ) throws(SyntaxError) -> Structure {
        advance()
        let name = try expectIdentifier("the \(kind.rawValue)'s name")
        if kind != .exception { _ = accept(.xsdAll) }
        try expect("{", "after the \(kind.rawValue)'s name")
        let fields = try parseFields(until: "}", kind == .union ? .unionMember : .member)
        return Structure(head: head(name, documentation, try parseAnnotations()), kind: kind, fields: fields)
    }

    mutating func parseFields(until closing: Character, _ role: FieldRole) throws(SyntaxError) -> [Field] {
        // Counts down: the id of the next field without a number.
        var implicit: Int64 = -1
        return try parseList(until: closing, of: "a field") { parser throws(SyntaxError) in
            try parser.parseField(role, implicit: &implicit)
        }.compactMap(\.self)
    }

    /// nil for one whose id is out of range.
    private mutating func parseField(_ role: FieldRole, implicit: inout Int64) throws(SyntaxError) -> Field? {
        let documentation = token.documentation.last
        let first = token.location
        let written = try parseID()
        let requiredness = parseRequiredness(role)
        let type = try parseType("the \(role.noun)'s type")
        // `Node & next` asks C++ for a pointer.
        _ = accept("&")
        let name = try expectIdentifier("the \(role.noun)'s name")
        let id = checkedID(written, implicit: &implicit, name, at: first)
        let value = accept("=") ? try parseValue() : nil
        try skipSchemaAttributes()
        let annotations = try parseAnnotations()
        acceptSeparator()
        return id.map {
            Field(
                head: head(name, documentation, annotations), id: $0, isExplicit: written != nil,
                requiredness: requiredness, type: type, defaultValue: value)
        }
    }

    private mutating func parseID() throws(SyntaxError) -> Int64? {
        guard case .integer(let id) = token.kind else { return nil }
        advance()
        try expect(":", "after the field's id")
        return id
    }

    /// As written, or the next below zero where nothing was; these go on below a written one, as Apache's compiler does
    /// with `--allow-neg-keys`.
    private mutating func checkedID(
        _ written: Int64?, implicit: inout Int64, _ name: Name, at location: SourceLocation
    ) -> Int16? {
        let id = written ?? implicit
        if id <= 0 { implicit = Swift.max(id, Int64(Int16.min)) - 1 }
        guard let fitting = Int16(exactly: id) else {
            log.error("the id \(id) of '\(name.text.shortened)' does not fit 16 bits", at: location)
            return nil
        }
        if written == nil {
            log.warning(
                "'\(name.text.shortened)' has no id and gets \(id), which changes when fields are added before it",
                at: location)
        } else if id <= 0 {
            log.warning("the id \(id) of '\(name.text.shortened)' is not positive", at: location)
        }
        return fitting
    }

    private mutating func parseRequiredness(_ role: FieldRole) -> Field.Requiredness {
        let location = token.location
        guard accept(.required) else {
            guard accept(.optional) else { return .default }
            guard role == .argument else { return .optional }
            log.warning("'optional' means nothing for an argument", at: location)
            return .default
        }
        switch role {
        case .unionMember:
            log.warning("'required' means nothing in a union, of which one member is set", at: location)
            return .default
        case .thrown:
            log.warning("'required' means nothing for an exception, of which one is thrown", at: location)
            return .default
        case .member, .argument: return .required
        }
    }

    /// What Apache's compiler passes on to XML schemas: parsed and forgotten.
    private mutating func skipSchemaAttributes() throws(SyntaxError) {
        _ = accept(.xsdOptional)
        _ = accept(.xsdNillable)
        guard accept(.xsdAttributes) else { return }
        try expect("{", "after 'xsd_attrs'")
        _ = try nested { parser throws(SyntaxError) in try parser.parseFields(until: "}", .member) }
    }
}
