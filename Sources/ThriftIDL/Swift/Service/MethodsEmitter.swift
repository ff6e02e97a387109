/// Writes what is known of a service's methods: an enum that finds them by name, and a description of each.
struct MethodsEmitter {
    let context: ServiceScope

    private var scope: FileScope { context.scope }
    private var service: SwiftService { context.service }

    // MARK: The enum

    func emitEnumeration(to out: inout SourceWriter) {
        let first = service.base.map { ", those of `\($0.name)` first" } ?? ""
        out.documentation("The methods of service `\(service.wireName)`\(first).")
        let conformances = [FileScope.Symbol.int, .caseIterable, .sendable].map(scope.name).joined(separator: ", ")
        out.block("public enum \(context.type("Method")): \(conformances)") { out in
            for function in service.all { out.line("case \(scope.declared(function.name))") }
            out.space()
            out.documentation("As the IDL spells it.")
            out.block("public var name: \(scope.name(.staticString))") { out in
                out.line("switch self {")
                for function in service.all { out.matched("case .\(function.name)", "\"\(function.wireName)\"") }
                out.line("}")
            }
            out.space()
            emitLookup(to: &out)
        }
    }

    private func emitLookup(to out: inout SourceWriter) {
        out.documentation(
            "The method called `name`; nil if there is none. Told by length first: one comparison settles it mostly.")
        out.line("@inlinable")
        out.block("public init?(_ name: \(scope.name(.rawSpan)))") { out in
            let byLength = service.all.enumerated().sorted {
                ($0.element.wireName.utf8.count, $0.offset) < ($1.element.wireName.utf8.count, $1.offset)
            }
            out.line("switch name.byteCount {")
            for (_, function) in byLength {
                let name = function.wireName
                out.matched("case \(name.utf8.count) where name.equals(\"\(name)\")", "self = .\(function.name)")
            }
            out.line("default: return nil")
            out.line("}")
        }
    }

    // MARK: The descriptions

    func emitDescriptors(to out: inout SourceWriter) {
        out.documentation("What the methods of service `\(service.wireName)` take, answer and throw.")
        out.block("public enum \(context.type("Methods"))") { out in
            for function in service.inherited {
                let target = "\(scope.service(function.service, "Methods")).\(function.typeName)"
                out.line("public typealias \(function.typeName) = \(target)")
            }
            for function in service.own {
                out.space()
                emit(function, to: &out)
            }
        }
    }

    private func emit(_ function: SwiftFunction, to out: inout SourceWriter) {
        out.documentation(function.documentation)
        out.block("public enum \(function.typeName): \(scope.name(.rpcMethod))") { out in
            if function.arguments.isEmpty { out.line("public typealias Arguments = \(scope.name(.noArguments))") }
            let result = function.result.map { scope.spelling($0) } ?? scope.name(.noResult)
            out.line("public typealias Result = \(result)")
            emitFailure(function, to: &out)
            out.space()
            out.line("@inlinable")
            out.line("public static var name: \(scope.name(.staticString)) { \"\(function.wireName)\" }")
            for (isSo, name) in [(function.isOneway, "isOneway"), (function.isReadOnly, "isReadOnly")] where isSo {
                out.space()
                out.line("@inlinable")
                out.line("public static var \(name): \(scope.name(.bool)) { true }")
            }
            emitExceptions(function, to: &out)
            guard !function.arguments.isEmpty else { return }
            out.space()
            ArgumentsEmitter(context: context, function: function).emit(to: &out)
            guard context.isViewed(function) else { return }
            out.space()
            out.documentation("The arguments, where they lie in a message.")
            ViewEmitter(
                scope: scope, values: context.values, validated: context.validated, views: context.views,
                fields: function.arguments, structure: nil
            ).emit(
                isValidated: function.isValidated, isTransparent: context.hasOnlyStructure(function), to: &out)
        }
    }

    private func emitFailure(_ function: SwiftFunction, to out: inout SourceWriter) {
        guard function.exceptions.count > 1 else {
            return out.line("public typealias Failure = \(context.failure(function) ?? scope.name(.never))")
        }
        out.space()
        out.documentation("What `\(function.wireName)` throws.")
        out.block("public enum Failure: \(scope.name(.error)), \(scope.name(.hashable))") { out in
            for exception in function.exceptions {
                out.documentation(exception.documentation)
                out.line("case \(scope.declared(exception.name))(\(scope.spelling(exception.type)))")
            }
        }
    }

    private func emitExceptions(_ function: SwiftFunction, to out: inout SourceWriter) {
        guard let failure = context.failure(function) else { return }
        let inside = function.exceptions.count > 1 ? "Failure" : failure
        let table = function.exceptions.map { Layout.text("(\"\($0.wireName)\", \($0.id))") }
        out.space()
        out.line(
            .group(open: "public static let exceptions = \(scope.name(.fieldTable))(", items: table, close: ")"))
        out.space()
        out.line("@inlinable")
        out.block(
            open: "public static func write<\(context.messageWriter)>(",
            items: [
                "_ failure: \(inside)", "_ head: \(scope.name(.answerHead))", "to writer: inout \(context.writer)",
            ], close: ") {"
        ) { emitWriting(function, to: &$0) }
        out.space()
        out.line("@inlinable")
        out.line("@_lifetime(reader: copy reader)")
        out.block(
            open: "public static func readFailure<\(context.reader): \(scope.reader(.wireReader))>(",
            items: ["_ id: \(scope.name(.int16))", "from reader: inout \(context.reader)"],
            close: ") throws(\(scope.name(.wireError))) -> \(inside)? {"
        ) { out in
            out.line("switch id {")
            for exception in function.exceptions {
                let value = "try \(scope.spelling(exception.type))(from: &reader)"
                let result = function.exceptions.count > 1 ? "\(inside).\(exception.name)(\(value))" : value
                out.matched("case \(exception.id)", result)
            }
            out.line("default: nil")
            out.line("}")
        }
    }

    private func emitWriting(_ function: SwiftFunction, to out: inout SourceWriter) {
        func call(_ value: String, _ exception: SwiftField) -> Layout {
            .group(
                open: "writer.write(",
                items: [
                    .text("exception: \(value)"), .text("\(exception.id)"), .text("\"\(exception.wireName)\""),
                    .text("isOnly: \(function.exceptions.count == 1)"), .text("head"),
                ], close: ")")
        }
        if function.exceptions.count == 1 { return out.line(call("failure", function.exceptions[0])) }
        out.line("switch failure {")
        for exception in function.exceptions {
            out.matched("case .\(exception.name)(let exception)", call("exception", exception))
        }
        out.line("}")
    }
}
