/// Writes an enum: open, so that a number of a newer version is kept as it came.
struct EnumerationEmitter {
    let scope: FileScope
    let enumeration: SwiftEnumeration

    /// The cases that are cases, not second names of others.
    private var cases: [SwiftEnumeration.Case] { enumeration.cases.filter { $0.original == nil } }

    private var name: String { scope.name(enumeration.id) }

    /// The type checker looks at all branches of a `switch` that is an expression at once, which takes a second for a
    /// thousand cases; statements it takes one by one.
    private var result: String { cases.count > 64 ? "return " : "" }

    func emit(to out: inout SourceWriter) {
        out.documentation(enumeration.documentation)
        out.block("public enum \(name): \(scope.name(.wireEnum)), \(scope.name(.caseIterable))") { out in
            emitCases(to: &out)
            emitAliases(to: &out)
            emitAllCases(to: &out)
            emitInitializer(to: &out)
            emitRawValue(to: &out)
        }
        out.space()
        emitDescription(to: &out)
    }

    private func emitCases(to out: inout SourceWriter) {
        for element in cases {
            out.documentation(element.documentation)
            out.line("case \(scope.declared(element.name))")
        }
        out.documentation("A number that this version does not know.")
        out.line("case unrecognized(\(scope.name(.int32)))")
    }

    private func emitAliases(to out: inout SourceWriter) {
        for element in enumeration.cases {
            guard let original = element.original else { continue }
            out.space()
            out.documentation(element.documentation ?? "The same as `\(original.text)`.")
            out.line("public static let \(scope.declared(element.name)) = \(name).\(original)")
        }
    }

    private func emitAllCases(to out: inout SourceWriter) {
        out.space()
        out.documentation("The cases that this version knows.")
        let list = Layout.group(open: "[", items: cases.map { .text(".\($0.name)") }, close: "]", ends: .comma)
        let flat = "public static var allCases: [\(name)] { \(list.flat) }"
        // Within a type, `.none` of an array's element cannot be mistaken for that of an optional.
        if cases.count <= 8, flat.utf8.count + SourceWriter.indentation <= SourceWriter.width {
            out.line(flat)
        } else {
            out.block("public static var allCases: [\(name)]") { $0.line(list) }
        }
    }

    private func emitInitializer(to out: inout SourceWriter) {
        out.space()
        out.line("@inlinable")
        out.block("public init(rawValue: \(scope.name(.int32)))") { out in
            guard !cases.isEmpty else { return out.line("self = .unrecognized(rawValue)") }
            out.line("switch rawValue {")
            for element in cases {
                out.line("case \(ValueSpeller.grouped(Int64(element.number))): self = .\(element.name)")
            }
            out.line("default: self = .unrecognized(rawValue)")
            out.line("}")
        }
    }

    private func emitRawValue(to out: inout SourceWriter) {
        out.space()
        out.line("@inlinable")
        out.block("public var rawValue: \(scope.name(.int32))") { out in
            out.line("switch self {")
            for element in cases {
                out.line("case .\(element.name): \(result)\(ValueSpeller.grouped(Int64(element.number)))")
            }
            out.line("case .unrecognized(let rawValue): \(result)rawValue")
            out.line("}")
        }
    }

    private func emitDescription(to out: inout SourceWriter) {
        out.block("extension \(name): \(scope.name(.customStringConvertible))") { out in
            out.documentation("The name in the IDL.")
            out.block("public var description: \(scope.name(.string))") { out in
                out.line("switch self {")
                for element in cases { out.matched("case .\(element.name)", "\(result)\"\(element.wireName)\"") }
                out.line("case .unrecognized(let rawValue): \(result)\"unrecognized(\\(rawValue))\"")
                out.line("}")
            }
        }
    }
}
