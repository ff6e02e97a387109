//! Whether values fit their types.

/// The value of a constant of a base type, or a member of an enum as a number.
enum Scalar: Hashable {
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
}

/// Where a value stands.
struct ValueUse {
    /// Of the constant or field; only what stands above may be used.
    var location: SourceLocation
    /// Where the names in the value mean something.
    var document: Document

    init(_ location: SourceLocation, _ document: Document) {
        self.location = location
        self.document = document
    }
}

extension Checker {
    mutating func checkConstant(_ constant: Constant, in document: Document) {
        let use = ValueUse(constant.head.location, document)
        let scalar = check(constant.value, against: constant.type, in: document, use: use)
        // A constant of an enum stands for no number: Apache's compiler takes the members of enums only by their names.
        if case .base? = resolve(constant.type, in: document)?.kind { scalars[constant.head.location] = scalar }
    }

    /// Checks `value` against `type`, whose names mean something in `document`.
    /// - Returns: the value, if it fits and is of a base type or an enum.
    mutating func check(
        _ value: ConstantValue, against type: TypeReference, in document: Document, use: ValueUse
    ) -> Scalar? {
        // Unknown types are reported where they are written.
        guard let resolvedType = resolve(type, in: document) else { return nil }
        if let head = definitionBelow(use.location, of: type, in: document) {
            reportBelow(head, "type", at: value.location)
            return nil
        }
        switch resolvedType.kind {
        case .base(let base):
            return checkScalar(value, against: base, type, use: use)
        case .enumeration(let enumeration):
            return checkMember(value, of: enumeration, type, use: use)
        case .structure(let structure):
            checkLiteral(value, of: structure, type, in: resolvedType.document, use: use)
        case .list(let element), .set(let element):
            if acceptsReference(value, to: resolvedType, type, use: use) { return nil }
            guard case .list(let elements) = value.kind else {
                reportMismatch(value, type)
                return nil
            }
            var known: Set<Scalar> = []
            for item in elements {
                let scalar = check(item, against: element, in: resolvedType.document, use: use)
                if case .set = resolvedType.kind, let scalar, !known.insert(scalar).inserted {
                    log.warning("\(item.description) is in the set already", at: item.location)
                }
            }
        case .map(let keyType, let valueType):
            if acceptsReference(value, to: resolvedType, type, use: use) { return nil }
            guard case .map(let pairs) = value.kind else {
                reportMismatch(value, type)
                return nil
            }
            var known: Set<Scalar> = []
            for pair in pairs {
                let key = check(pair.key, against: keyType, in: resolvedType.document, use: use)
                if let key, !known.insert(key).inserted {
                    log.error("\(pair.key.description) is a key already", at: pair.key.location)
                }
                _ = check(pair.value, against: valueType, in: resolvedType.document, use: use)
            }
        }
        return nil
    }

    func expectation(of type: TypeReference) -> String { "expected a value of type \(type.description)" }

    mutating func reportMismatch(_ value: ConstantValue, _ type: TypeReference) {
        log.error("\(expectation(of: type)), found \(value.description)", at: value.location)
    }

    // MARK: Base types

    private mutating func checkScalar(
        _ value: ConstantValue, against base: TypeReference.Base, _ type: TypeReference, use: ValueUse
    ) -> Scalar? {
        let scalar: Scalar
        switch value.kind {
        case .integer(let number): scalar = .integer(number)
        case .double(let number): scalar = .double(number)
        case .string(let text): scalar = .string(text)
        case .identifier("true"): scalar = .bool(true)
        case .identifier("false"): scalar = .bool(false)
        case .identifier(let name):
            guard let named = scalarNamed(name, value, type, use: use) else { return nil }
            scalar = named
        case .list, .map:
            reportMismatch(value, type)
            return nil
        }
        guard let fitted = base.fitted(scalar) else {
            let found =
                if case .identifier = value.kind { value.description + scalar.suffix } else { value.description }
            log.error("\(expectation(of: type))\(base.range), found \(found)", at: value.location)
            return nil
        }
        return fitted
    }

    /// The value of a constant or of an enum's member. nil if that is nothing; a diagnostic says why.
    private mutating func scalarNamed(
        _ name: String, _ value: ConstantValue, _ type: TypeReference, use: ValueUse
    ) -> Scalar? {
        if let found = program.definition(of: name, in: use.document), case .constant(let constant) = found.definition {
            guard constant.head.location.precedes(use.location) else {
                reportBelow(constant.head, "constant", at: value.location)
                return nil
            }
            if let scalar = scalars[constant.head.location] { return scalar }
            // One of a base type has an error of its own.
            if case .base? = resolve(constant.type, in: found.document)?.kind { return nil }
            log.error(
                "\(expectation(of: type)), found \(value.description) of type \(constant.type.description)",
                at: value.location)
            return nil
        }
        guard let member = memberNamed(name, use: use) else {
            log.error(
                "unknown constant '\(name.shortened)'" + hint(for: name, in: use.document), at: value.location)
            return nil
        }
        guard member.enumeration.head.location.precedes(use.location) else {
            reportBelow(member.enumeration.head, "enum", at: value.location)
            return nil
        }
        return .integer(Int64(member.value))
    }

    // MARK: Enums

    /// `Color.RED`, `shared.Color.RED`, also through a typedef.
    private mutating func memberNamed(_ name: String, use: ValueUse) -> (enumeration: Enumeration, value: Int32)? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let prefix = TypeReference(.named(String(name[..<dot])), location: use.location)
        guard case .enumeration(let enumeration)? = resolve(prefix, in: use.document)?.kind,
            let member = enumeration.cases.first(where: { $0.head.name == name[name.index(after: dot)...] })
        else { return nil }
        return (enumeration, member.value)
    }

    private mutating func checkMember(
        _ value: ConstantValue, of enumeration: Enumeration, _ type: TypeReference, use: ValueUse
    ) -> Scalar? {
        switch value.kind {
        case .integer(let number):
            if enumeration.cases.contains(where: { Int64($0.value) == number }) { return .integer(number) }
        case .identifier(let name):
            if let member = memberNamed(name, use: use), member.enumeration.head.location == enumeration.head.location {
                return .integer(Int64(member.value))
            }
            let last = name[(name.lastIndex(of: ".").map { name.index(after: $0) } ?? name.startIndex)...]
            if enumeration.cases.contains(where: { $0.head.name == last }) {
                log.error(
                    "expected a member of \(type.description), found \(value.description): did you mean"
                        + " '\(type.description).\(String(last).shortened)'?", at: value.location)
                return nil
            }
        case .double, .string, .list, .map: break
        }
        log.error("expected a member of \(type.description), found \(value.description)", at: value.location)
        return nil
    }
}

extension TypeReference.Base {
    /// `scalar` as a value of this type; nil if it is none.
    fileprivate func fitted(_ scalar: Scalar) -> Scalar? {
        switch (self, scalar) {
        case (.bool, .bool), (.double, .double), (.string, .string), (.binary, .string), (.i64, .integer): scalar
        case (.bool, .integer(0)): .bool(false)
        case (.bool, .integer(1)): .bool(true)
        case (.i8, .integer(let number)): Int8(exactly: number) == nil ? nil : scalar
        case (.i16, .integer(let number)): Int16(exactly: number) == nil ? nil : scalar
        case (.i32, .integer(let number)): Int32(exactly: number) == nil ? nil : scalar
        case (.double, .integer(let number)): .double(Double(number))
        case (.uuid, .string(let text)): Self.isUUID(text) ? .string(text.lowercased()) : nil
        default: nil
        }
    }

    /// What a diagnostic adds to the type's name.
    fileprivate var range: String {
        switch self {
        case .bool: " (true, false, 1 or 0)"
        case .i8: " (\(Int8.min) to \(Int8.max))"
        case .i16: " (\(Int16.min) to \(Int16.max))"
        case .i32: " (\(Int32.min) to \(Int32.max))"
        case .uuid: " (as in \"00112233-4455-6677-8899-aabbccddeeff\")"
        case .i64, .double, .string, .binary: ""
        }
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
    }
}

extension Scalar {
    /// What a diagnostic adds to a constant's name.
    fileprivate var suffix: String {
        switch self {
        case .bool: ""
        case .integer(let number): ", which is \(number)"
        case .double(let number): ", which is \(number)"
        case .string: ", which is a text"
        }
    }
}

extension ConstantValue {
    /// As diagnostics call it.
    var description: String {
        switch kind {
        case .integer(let number): "the number \(number)"
        case .double(let number): "the number \(number)"
        case .string(let text): "the text \"\(text.shortened)\""
        case .identifier(let name): "'\(name.shortened)'"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
