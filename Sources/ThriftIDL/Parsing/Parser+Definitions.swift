//! Constants, typedefs, enums and services. Each function begins at the definition's keyword.

extension Parser {
    mutating func parseConstant(_ documentation: String?) throws(SyntaxError) -> Constant {
        advance()
        let type = try parseType("the constant's type")
        let name = try expectIdentifier("the constant's name")
        try expect("=", "after the constant's name")
        let value = try parseValue()
        acceptSeparator()
        return Constant(head: head(name, documentation), type: type, value: value)
    }

    mutating func parseTypedef(_ documentation: String?) throws(SyntaxError) -> Typedef {
        advance()
        let type = try parseType("the type to name")
        let name = try expectIdentifier("the new name of the type")
        let annotations = try parseAnnotations()
        acceptSeparator()
        return Typedef(head: head(name, documentation, annotations), type: type)
    }

    mutating func parseEnumeration(_ documentation: String?) throws(SyntaxError) -> Enumeration {
        advance()
        let name = try expectIdentifier("the enum's name")
        try expect("{", "after the enum's name")
        var next: Int64 = 0
        let cases = try parseList(until: "}", of: "a member of the enum") { parser throws(SyntaxError) in
            try parser.parseCase(next: &next)
        }
        return Enumeration(
            head: head(name, documentation, try parseAnnotations()), cases: cases.compactMap(\.self))
    }

    /// nil for one whose number is out of range.
    private mutating func parseCase(next: inout Int64) throws(SyntaxError) -> Enumeration.Case? {
        let documentation = token.documentation.last
        let name = try expectIdentifier("the name of a member of the enum")
        var location = name.location
        var number: Int64?
        if accept("=") {
            location = token.location
            guard case .integer(let written) = token.kind else { throw expected("the number of '\(name.text)'") }
            number = written
            advance()
        }
        let value = Int32(exactly: number ?? next)
        if value == nil {
            log.error(
                number.map { "the number \($0) of '\(name.text.shortened)' does not fit 32 bits" }
                    ?? "'\(name.text.shortened)' would follow the largest number of 32 bits", at: location)
        }
        if let value { next = Int64(value) + 1 }
        let annotations = try parseAnnotations()
        acceptSeparator()
        return value.map {
            Enumeration.Case(head: head(name, documentation, annotations), value: $0, isExplicit: number != nil)
        }
    }

    mutating func parseService(_ documentation: String?) throws(SyntaxError) -> Service {
        advance()
        let name = try expectIdentifier("the service's name")
        let base = accept(.extends) ? try expectIdentifier("the service to extend") : nil
        try expect("{", base == nil ? "or 'extends' after the service's name" : "after the extended service")
        let functions = try parseList(until: "}", of: "a function") { parser throws(SyntaxError) in
            try parser.parseFunction()
        }
        return Service(head: head(name, documentation, try parseAnnotations()), base: base, functions: functions)
    }

    private mutating func parseFunction() throws(SyntaxError) -> Function {
        let documentation = token.documentation.last
        let first = token
        let isOneway = accept(.oneway) || accept(.async)
        if first.kind == .keyword(.async) {
            log.warning("'async' is deprecated: it is called 'oneway'", at: first.location)
        }
        let returnType = accept(.void) ? nil : try parseType(isOneway ? "'void'" : "the type of a function, or 'void'")
        let name = try expectIdentifier("the function's name")
        try expect("(", "after the function's name")
        let arguments = try parseFields(until: ")", .argument)
        var exceptions: [Field] = []
        if accept(.throwing) {
            try expect("(", "after 'throws'")
            exceptions = try parseFields(until: ")", .thrown)
        }
        let annotations = try parseAnnotations()
        acceptSeparator()
        return Function(
            head: head(name, documentation, annotations), isOneway: isOneway, returnType: returnType,
            arguments: arguments, exceptions: exceptions)
    }

    func head(_ name: Name, _ documentation: String?, _ annotations: [Annotation] = []) -> DefinitionHead {
        DefinitionHead(
            name: name.text, documentation: documentation, annotations: annotations, location: name.location)
    }
}
