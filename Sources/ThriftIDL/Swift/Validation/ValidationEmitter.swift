/// Writes `validate()`: the rules of the fields in the order of the file, those of the structs that they hold where they
/// are held. What passes costs no allocation; what does not is told without the values of strings and binaries.
struct ValidationEmitter {
    let scope: FileScope
    let values: ValueSpeller
    let validated: ValidatedTypes
    /// Where the constants of the rules are.
    let owner: String
    /// Whether the only field is a struct whose paths stand for themselves, as a function's only argument.
    var isTransparent = false
    private let index: String
    private let element: String
    private let key: String
    private let value: String

    /// - Parameter fields: whose names the locals must not take.
    init(scope: FileScope, values: ValueSpeller, validated: ValidatedTypes, owner: String, fields: [SwiftField]) {
        self.scope = scope
        self.values = values
        self.validated = validated
        self.owner = owner
        var taken = Set(fields.map(\.name.text))
        index = SwiftNames.fresh("index", taken: &taken)
        element = SwiftNames.fresh("element", taken: &taken)
        key = SwiftNames.fresh("key", taken: &taken)
        value = SwiftNames.fresh("value", taken: &taken)
    }

    /// Where a value is, and how it lies there.
    struct Place {
        /// The expression.
        var value: String
        /// Its path in an error, as it stands within a string's literal.
        var path: String
        var form = Form.owned
        /// How many containers it is in.
        var depth = 0
    }

    enum Form {
        case owned
        /// A `RawSpan`.
        case bytes
        /// An `UTF8Span`.
        case text
    }

    static let documentation = "Checks the rules of the IDL, in its order."

    /// The constants that the checks need.
    func emit(_ constants: [ValidationConstant], to out: inout SourceWriter) {
        for constant in constants {
            let name = scope.declared(constant.name)
            switch constant.content {
            case .pattern(let pattern):
                out.line(
                    .group(
                        open: "@usableFromInline static let \(name) = \(scope.name(.validationPattern))(",
                        items: [.string(ValueSpeller.escaped(pattern))], close: ")"))
            case .texts(let texts):
                let head = "@usableFromInline static let \(name): [\(scope.name(.staticString))] = "
                let items = texts.map { Layout.string(ValueSpeller.escaped($0)) }
                out.line(.sequence([.text(head), .group(open: "[", items: items, close: "]", ends: .comma)]))
            }
        }
    }

    /// `validate()` of a type with these properties.
    func emit(_ fields: [SwiftField], form: (SwiftField) -> Form = { _ in .owned }, to out: inout SourceWriter) {
        out.line("@inlinable")
        out.block("public func validate() throws(\(scope.name(.validationError)))") { out in
            for field in fields where validated.asks(field.rules, of: field.type) {
                emit(field, form(field), to: &out)
            }
        }
    }

    private func emit(_ field: SwiftField, _ form: Form, to out: inout SourceWriter) {
        let name = field.name.description
        let place = Place(value: name, path: field.wireName, form: form)
        var rules = field.rules
        rules.checks.removeAll { $0 == .present }
        guard field.isOptional else { return emit(rules, field.type, place, to: &out) }
        if rules.checks != field.rules.checks {
            fail(if: "\(name) == nil", place, "is absent; vt.not_nil is true", to: &out)
        }
        guard validated.asks(rules, of: field.type) else { return }
        if rules.checks.count == 1, let test = test(rules.checks[0], field.type, place), !goesOn(rules, field.type) {
            return fail(if: "let \(name), \(test.isBroken)", place, test.violation, to: &out)
        }
        out.block("if let \(name)") { emit(rules, field.type, place, to: &$0) }
    }

    /// Whether there is more to ask than the value's own checks.
    private func goesOn(_ rules: ValueRules, _ type: SwiftType) -> Bool {
        var rules = rules
        rules.checks = []
        return validated.asks(rules, of: type)
    }

    /// Everything that is asked of one value.
    func emit(_ rules: ValueRules, _ type: SwiftType, _ place: Place, to out: inout SourceWriter) {
        for check in rules.checks { emit(check, type, place, to: &out) }
        guard goesOn(rules, type) else { return }
        switch type.resolved {
        case .structure where isTransparent && place.depth == 0: out.line("try \(place.value).validate()")
        case .structure, .union:
            let error = scope.name(.validationError)
            out.block("do throws(\(error))") { $0.line("try \(place.value).validate()") }
            out.continueBlock("catch") { $0.line("throw error.inside(\"\(place.path)\")") }
        case .binaryList: emitBinaryList(rules, place, to: &out)
        case .list(let element): emitList(rules, element, place, to: &out)
        case .set(let element): emitSet(rules, element, place, to: &out)
        case .map(let key, let value): emitMap(rules, key, value, place, to: &out)
        case .base, .enumeration, .alias: break
        }
    }

    // MARK: One check

    /// The condition under which a check fails, and what is then to be said.
    private struct Test {
        var isBroken: String
        var violation: String
    }

    private func emit(_ check: ValueCheck, _ type: SwiftType, _ place: Place, to out: inout SourceWriter) {
        if case .listed(let literals, let isAllowed) = check {
            return emitSwitch(literals, isAllowed, type, place, to: &out)
        }
        guard let test = test(check, type, place) else { return }
        fail(if: test.isBroken, place, test.violation, to: &out)
    }

    private func test(_ check: ValueCheck, _ type: SwiftType, _ place: Place) -> Test? {
        let value = place.value
        switch check {
        case .comparison(let comparison, let literal):
            let text = values.layout(literal, as: type).flat
            let said = said(literal)
            return Test(
                isBroken: "\(value) \(comparison.broken) \(text)",
                violation: "is \\(\(value)); vt.\(comparison.rawValue) is \(said)")
        case .flag(let flag):
            return Test(isBroken: flag ? "!\(value)" : value, violation: "is \\(\(value)); vt.const is \(flag)")
        case .size(let bound, let size):
            let (count, unit) = count(type, place)
            return Test(
                isBroken: "\(count) \(bound == .min ? "<" : ">") \(ValueSpeller.grouped(Int64(size)))",
                violation: "has \\(\(count)) \(unit); vt.\(bound.rawValue)_size is \(size)")
        case .runes(let bound, let size):
            let count = "\(rule()).runeCount(\(bytes(place)))"
            return Test(
                isBroken: "\(count) \(bound == .min ? "<" : ">") \(ValueSpeller.grouped(Int64(size)))",
                violation:
                    "has \(bound == .min ? "fewer" : "more") characters; vt.\(bound.rawValue)_rune_size is \(size)")
        case .text(let check, let text): return self.test(check, text, place)
        case .listedText(let name, let isAllowed):
            return Test(
                isBroken: "\(isAllowed ? "!" : "")\(rule()).isListed(\(bytes(place)), in: \(owner).\(name))",
                violation: isAllowed ? "is no value of vt.in" : "is a value of vt.not_in")
        case .pattern(let name):
            return Test(
                isBroken: "!\(owner).\(name).isFound(in: \(bytes(place)))", violation: "does not match vt.pattern")
        case .definedOnly:
            return Test(
                isBroken: "case .unrecognized = \(value)", violation: "is \\(\(value)); vt.defined_only is true")
        case .listed, .present: return nil
        }
    }

    private func test(_ check: ValueCheck.Text, _ text: String, _ place: Place) -> Test {
        let (function, isNegated, violation) =
            switch check {
            case .const: ("isEqual", true, "is not vt.const")
            case .prefix: ("hasPrefix", true, "does not begin with vt.prefix")
            case .suffix: ("hasSuffix", true, "does not end with vt.suffix")
            case .contains: ("contains", true, "does not hold vt.contains")
            case .notContains: ("contains", false, "holds vt.not_contains")
            }
        let literal = Layout.string(ValueSpeller.escaped(text)).flat
        return Test(
            isBroken: "\(isNegated ? "!" : "")\(rule()).\(function)(\(bytes(place)), \(literal))", violation: violation)
    }

    private func emitSwitch(
        _ literals: [SwiftValue], _ isAllowed: Bool, _ type: SwiftType, _ place: Place, to out: inout SourceWriter
    ) {
        let literals = literals.map { values.layout($0, as: type).flat }
        let violation = isAllowed ? "vt.in does not have it" : "vt.not_in has it"
        let failure = failure(place, "is \\(\(place.value)); \(violation)")
        let (listed, others) = isAllowed ? (.text("break"), failure) : (failure, .text("break"))
        out.line("switch \(place.value) {")
        for literals in Self.lines(of: literals) { out.matched("case \(literals)", listed) }
        out.matched("default", others)
        out.line("}")
    }

    /// Joined by commas, as many as fit behind one `case`.
    private static func lines(of literals: [String]) -> [String] {
        var lines: [String] = []
        for literal in literals {
            if let last = lines.last, last.utf8.count + literal.utf8.count <= SourceWriter.width / 2 {
                lines[lines.count - 1] = "\(last), \(literal)"
            } else {
                lines.append(literal)
            }
        }
        return lines
    }

    private func fail(if condition: String, _ place: Place, _ violation: String, to out: inout SourceWriter) {
        out.short("if \(condition)", failure(place, violation))
    }

    private func failure(_ place: Place, _ violation: String) -> Layout {
        .group(
            open: "throw \(scope.name(.validationError))(",
            items: [.text("field: \"\(place.path)\""), .text("violation: \"\(violation)\"")], close: ")")
    }

    /// A literal as a message has it: a number as in the IDL, an enum's case by its name there.
    private func said(_ literal: SwiftValue) -> String {
        switch literal {
        case .integer(let number): String(number)
        case .enumeration(let id, let number, let index):
            index.flatMap { values.types.enumeration(id)?.cases[$0].head.name } ?? String(number)
        case .double(let number): number.description
        default: ""
        }
    }

    private func count(_ type: SwiftType, _ place: Place) -> (String, String) {
        switch (type.resolved, place.form) {
        case (.base(.string), .owned): ("\(place.value).utf8.count", "bytes")
        case (.base(.string), _): ("\(place.value).count", "bytes")
        case (.base(.binary), .owned): ("\(place.value).readableBytes", "bytes")
        case (.base(.binary), _): ("\(place.value).byteCount", "bytes")
        default: ("\(place.value).count", "elements")
        }
    }

    private func rule() -> String { scope.name(.validationRule) }

    private func bytes(_ place: Place) -> String { "\(rule()).bytes(\(place.value))" }

    // MARK: Containers

    private func local(_ name: String, _ place: Place) -> String {
        let name = place.depth == 0 ? name : "\(name)\(place.depth + 1)"
        return scope.declared(SwiftIdentifier(name)).description
    }

    private func emitBinaryList(_ rules: ValueRules, _ place: Place, to out: inout SourceWriter) {
        let (index, element) = (local(index, place), local(element, place))
        out.block("for \(index) in \(place.value).indices") { out in
            let inner = Place(
                value: element, path: "\(place.path)[\\(\(index))]", form: .bytes, depth: place.depth + 1)
            out.line("let \(element) = \(place.value)[\(index)]")
            emit(rules[.elements], .base(.binary), inner, to: &out)
        }
    }

    private func emitList(_ rules: ValueRules, _ type: SwiftType, _ place: Place, to out: inout SourceWriter) {
        let (index, element) = (local(index, place), local(element, place))
        out.block("for (\(index), \(element)) in \(place.value).enumerated()") { out in
            let inner = Place(value: element, path: "\(place.path)[\\(\(index))]", depth: place.depth + 1)
            emit(rules[.elements], type, inner, to: &out)
        }
    }

    private func emitSet(_ rules: ValueRules, _ type: SwiftType, _ place: Place, to out: inout SourceWriter) {
        let element = local(element, place)
        out.block("for \(element) in \(place.value)") { out in
            let inner = Place(value: element, path: "\(place.path)[element]", depth: place.depth + 1)
            emit(rules[.elements], type, inner, to: &out)
        }
    }

    private func emitMap(
        _ rules: ValueRules, _ keyType: SwiftType, _ valueType: SwiftType, _ place: Place, to out: inout SourceWriter
    ) {
        let (key, value) = (local(key, place), local(value, place))
        let asksKeys = validated.asks(rules[.keys], of: keyType)
        let asksValues = validated.asks(rules[.values], of: valueType)
        let pattern =
            switch (asksKeys, asksValues) {
            case (true, true): "(\(key), \(value)) in \(place.value)"
            case (true, false): "\(key) in \(place.value).keys"
            case (false, _): "\(value) in \(place.value).values"
            }
        out.block("for \(pattern)") { out in
            if asksKeys {
                let inner = Place(value: key, path: "\(place.path)[key]", depth: place.depth + 1)
                emit(rules[.keys], keyType, inner, to: &out)
            }
            if asksValues {
                let inner = Place(value: value, path: "\(place.path)[value]", depth: place.depth + 1)
                emit(rules[.values], valueType, inner, to: &out)
            }
        }
    }
}
