/// Reads the `vt.` annotations of the fields of one struct: what they ask, or what is wrong with them.
struct RuleReader {
    let values: ValueResolver
    let document: Document
    /// Names of members that the struct has.
    var taken: Set<String>
    private(set) var constants: [ValidationConstant] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(values: ValueResolver, document: Document, taken: Set<String>) {
        self.values = values
        self.document = document
        self.taken = taken
    }

    /// The rules of a field, called `name` in Swift.
    mutating func rules(of field: Field, _ name: SwiftIdentifier, _ type: SwiftType) -> ValueRules {
        var rules = ValueRules()
        for annotation in field.head.annotations where annotation.name.hasPrefix("vt.") {
            let path = annotation.name.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
            read(annotation, path[...], type, name.text, into: &rules)
        }
        refuse(in: field.type)
        return rules
    }

    /// Says of rules behind a struct or a typedef that they are none.
    mutating func refuse(_ annotations: [Annotation], _ what: String) {
        for annotation in annotations where annotation.name.hasPrefix("vt.") {
            error("'\(annotation.name)' is no rule for \(what); rules stand behind fields", annotation)
        }
    }

    private mutating func refuse(in type: TypeReference) {
        refuse(type.annotations, "a type")
        switch type.kind {
        case .list(let element), .set(let element): refuse(in: element)
        case .map(let key, let value):
            refuse(in: key)
            refuse(in: value)
        case .base, .named: break
        }
    }

    private mutating func read(
        _ annotation: Annotation, _ path: ArraySlice<Substring>, _ type: SwiftType, _ name: String,
        isPart: Bool = false, into rules: inout ValueRules
    ) {
        guard let head = path.first else { return error("'\(annotation.name)' names no rule", annotation) }
        if let part = ValueRules.Part(rawValue: String(head)), path.count > 1 {
            guard let inner = Self.part(part, of: type.resolved) else {
                return error("'\(annotation.name)' does not apply: \(Self.describe(type)) has no such part", annotation)
            }
            let names: [ValueRules.Part: String] = [.elements: "Element", .keys: "Key", .values: "Value"]
            return read(
                annotation, path.dropFirst(), inner, name + names[part, default: ""], isPart: true, into: &rules[part])
        }
        guard path.count == 1, let isApplied = apply(String(head), annotation, type, name, &rules) else {
            return error("'\(annotation.name)' is no rule that there is", annotation)
        }
        // Nothing in a container of Swift's is nil.
        if isPart { rules.checks.removeAll { $0 == .present } }
        if !isApplied { error("'\(annotation.name)' is no rule for \(Self.describe(type))", annotation) }
    }

    /// What a part of a container holds.
    static func part(_ part: ValueRules.Part, of type: SwiftType) -> SwiftType? {
        switch (part, type) {
        case (.elements, .binaryList): .base(.binary)
        case (.elements, .list(let element)), (.elements, .set(let element)): element
        case (.keys, .map(let key, _)): key
        case (.values, .map(_, let value)): value
        default: nil
        }
    }

    /// - Returns: nil if there is no such rule, false if it is not for this type.
    private mutating func apply(
        _ rule: String, _ annotation: Annotation, _ type: SwiftType, _ name: String, _ rules: inout ValueRules
    ) -> Bool? {
        switch rule {
        case "not_nil":
            if flag(annotation) == true { rules.checks.append(.present) }
        case "skip": rules.isSkipped = flag(annotation) ?? false
        case "no_sparse":
            // A map in Swift has no pointers that could be nil.
            guard case .map = type.resolved else { return false }
            _ = flag(annotation)
        case "defined_only":
            guard case .enumeration = type.resolved else { return false }
            if flag(annotation) == true { rules.checks.append(.definedOnly) }
        case "min_size", "max_size":
            guard type.hasSize else { return false }
            guard let size = size(annotation) else { return true }
            // At least nothing is no rule.
            if rule == "max_size" || size > 0 { rules.checks.append(.size(rule == "min_size" ? .min : .max, size)) }
        case "min_rune_size", "max_rune_size":
            guard type.isText else { return false }
            guard let size = size(annotation) else { return true }
            rules.checks.append(.runes(rule == "min_rune_size" ? .min : .max, size))
        case "pattern":
            guard type.isText else { return false }
            pattern(annotation, name, &rules)
        case "const", "prefix", "suffix", "contains", "not_contains", "lt", "le", "gt", "ge":
            return compare(rule, annotation, type, &rules)
        case "in", "not_in": return list(annotation, isAllowed: rule == "in", type, name, &rules)
        default: return nil
        }
        return true
    }

    private mutating func compare(
        _ rule: String, _ annotation: Annotation, _ type: SwiftType, _ rules: inout ValueRules
    ) -> Bool {
        switch type.resolved {
        case .base(.bool):
            guard rule == "const" else { return false }
            if let flag = flag(annotation) { rules.checks.append(.flag(flag)) }
        case .base(.string), .base(.binary):
            guard let text = ValueCheck.Text(rawValue: rule) else { return false }
            if let value = literal(annotation) { rules.checks.append(.text(text, value)) }
        case .enumeration:
            guard rule == "const" else { return false }
            if let value = value(annotation, type) { rules.checks.append(.comparison(.const, value)) }
        case .base(let base) where base != .uuid:
            guard let comparison = ValueCheck.Comparison(rawValue: rule) else { return false }
            if let value = value(annotation, type) { rules.checks.append(.comparison(comparison, value)) }
        default: return false
        }
        return true
    }

    /// A rule that may be repeated, one value each time.
    private mutating func list(
        _ annotation: Annotation, isAllowed: Bool, _ type: SwiftType, _ name: String, _ rules: inout ValueRules
    ) -> Bool {
        if type.isText {
            guard let text = literal(annotation) else { return true }
            let suffix = isAllowed ? "Listed" : "Unlisted"
            for case .listedText(let constant, isAllowed) in rules.checks {
                for index in constants.indices where constants[index].name == constant {
                    if case .texts(let texts) = constants[index].content {
                        constants[index].content = .texts(texts + [text])
                    }
                }
                return true
            }
            rules.checks.append(.listedText(constant(name + suffix, .texts([text])), isAllowed: isAllowed))
            return true
        }
        guard type.isNumber else { return false }
        guard let value = value(annotation, type) else { return true }
        for (index, check) in rules.checks.enumerated() {
            guard case .listed(let values, isAllowed) = check else { continue }
            if !values.contains(where: { $0.canonical == value.canonical }) {
                rules.checks[index] = .listed(values + [value], isAllowed: isAllowed)
            }
            return true
        }
        rules.checks.append(.listed([value], isAllowed: isAllowed))
        return true
    }

    private mutating func pattern(_ annotation: Annotation, _ name: String, _ rules: inout ValueRules) {
        guard let pattern = literal(annotation) else { return }
        guard (try? Regex(pattern)) != nil else {
            return error("'\(annotation.name)' is no regular expression that Swift can read", annotation)
        }
        rules.checks.append(.pattern(constant(name + "Pattern", .pattern(pattern))))
    }

    private mutating func constant(_ name: String, _ content: ValidationConstant.Content) -> SwiftIdentifier {
        let name = SwiftIdentifier(SwiftNames.fresh(name, taken: &taken))
        constants.append(ValidationConstant(name: name, content: content))
        return name
    }

    private mutating func error(_ message: String, _ annotation: Annotation) {
        diagnostics.append(Diagnostic(severity: .error, message: message, location: annotation.location))
    }
}

// MARK: Values of rules

extension RuleReader {
    /// The value, unless it refers to other fields or calls a function, which we do not do.
    private mutating func literal(_ annotation: Annotation) -> String? {
        guard let first = annotation.value.first, first == "$" || first == "@" else { return annotation.value }
        error("'\(annotation.name)' must be a value: other fields and functions are not supported", annotation)
        return nil
    }

    private mutating func flag(_ annotation: Annotation) -> Bool? {
        guard let text = literal(annotation) else { return nil }
        switch text {
        case "true", "True", "TRUE", "t", "T", "1": return true
        case "false", "False", "FALSE", "f", "F", "0": return false
        default:
            error("'\(annotation.name)' must be true or false, not '\(text)'", annotation)
            return nil
        }
    }

    private mutating func size(_ annotation: Annotation) -> Int? {
        guard let text = literal(annotation) else { return nil }
        if let number = Self.integer(text), number >= 0 { return Int(number) }
        error("'\(annotation.name)' must be a whole number from 0, not '\(text)'", annotation)
        return nil
    }

    /// A number, or an enum's case by name or number.
    private mutating func value(_ annotation: Annotation, _ type: SwiftType) -> SwiftValue? {
        guard let text = literal(annotation) else { return nil }
        switch type.resolved {
        case .base(.double):
            if let number = Double(text) { return .double(number) }
            error("'\(annotation.name)' must be a number, not '\(text)'", annotation)
        case .enumeration(let id):
            if let number = Self.integer(text).flatMap({ Int32(exactly: $0) }) { return values.enumeration(id, number) }
            if let found = values.enumerationCase(text, expecting: type, in: document), found.0 == id {
                return .enumeration(id, number: found.number, caseIndex: found.index)
            }
            error("'\(annotation.name)' must be a member of the enum '\(id.name)', not '\(text)'", annotation)
        default:
            let range = type.range
            if let number = Self.integer(text), range.contains(number) { return .integer(number) }
            error(
                "'\(annotation.name)' must be a whole number from \(range.lowerBound) to \(range.upperBound), not "
                    + "'\(text)'", annotation)
        }
        return nil
    }

    /// As Go reads it: decimal, or with a prefix for another base.
    private static func integer(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.lowercased().hasPrefix(prefix) {
            return Int64((isNegative ? "-" : "") + digits.dropFirst(2), radix: radix)
        }
        return Int64(text)
    }

    private static func describe(_ type: SwiftType) -> String {
        switch type.resolved {
        case .base(let base): "a value of type '\(base.rawValue)'"
        case .binaryList, .list: "a list"
        case .set: "a set"
        case .map: "a map"
        case .enumeration(let id): "the enum '\(id.name)'"
        case .structure(let id): "the struct '\(id.name)'"
        case .union(let id), .alias(let id, _): "the union '\(id.name)'"
        }
    }
}

extension SwiftType {
    fileprivate var isText: Bool { resolved == .base(.string) || resolved == .base(.binary) }

    fileprivate var hasSize: Bool {
        switch resolved {
        case .binaryList, .list, .set, .map: true
        default: isText
        }
    }

    /// Whether a literal of it can stand in a pattern of a `switch`.
    fileprivate var isNumber: Bool {
        switch resolved {
        case .enumeration, .base(.i8), .base(.i16), .base(.i32), .base(.i64), .base(.double): true
        default: false
        }
    }

    /// What an integer of this type can be.
    fileprivate var range: ClosedRange<Int64> {
        switch resolved {
        case .base(.i8): Int64(Int8.min)...Int64(Int8.max)
        case .base(.i16): Int64(Int16.min)...Int64(Int16.max)
        case .base(.i32): Int64(Int32.min)...Int64(Int32.max)
        default: Int64.min...Int64.max
        }
    }
}
