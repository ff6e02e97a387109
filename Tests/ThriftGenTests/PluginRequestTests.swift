internal import Foundation
internal import Testing
internal import ThriftIDL

@Suite("what a plugin reads")
struct PluginRequestTests {
    private static let sources: MemorySources = [
        "idl/shared.thrift": """
        /** Shared. */
        namespace swift Shared
        enum Color { RED = 1, GREEN }
        typedef Color Paint
        const i32 LIMIT = 7
        exception Broken { 1: string why }
        service Base { void ping() }
        """,
        "idl/a.thrift": """
        include "shared.thrift"
        /** A point. */
        struct A {
          1: required map<string, list<shared.Color>> colors (a.b = "1", a.b = "2"),
          /** Which. */
          2: optional shared.Paint paint = shared.Color.GREEN,
          3: i32 limit = shared.LIMIT,
          4: bool yes = true,
          5: double d = -1.5,
          6: set<string> names = ["a", "b"],
          7: map<string, i32> numbers = {"x": 1},
        }
        union U { 1: i32 i }
        service S extends shared.Base {
          oneway void post(1: string text),
          A get(1: i64 id) throws (1: shared.Broken broken),
        }
        """,
    ]

    private static func request() throws -> PluginRequest {
        let (program, diagnostics) = IDLCompiler().load(["idl/a.thrift"], from: sources)
        return PluginRequest(try #require(program, "\(diagnostics.rendered())"))
    }

    @Test("documents, in the order of their includes, with what was asked for marked")
    func documents() throws {
        let documents = try Self.request().documents
        #expect(documents.map(\.path) == ["idl/shared.thrift", "idl/a.thrift"])
        #expect(documents.map(\.name) == ["shared", "a"])
        #expect(documents.map(\.isRoot) == [false, true])
        #expect(documents[0].namespaces.map { "\($0.scope) \($0.name)" } == ["swift Shared"])
        #expect(documents[0].documentation == "Shared.")
        #expect(documents[1].includes.map(\.path) == ["idl/shared.thrift"])
        #expect(documents[0].definitions.map(\.kind) == [.enumeration, .typedef, .constant, .exception, .service])
        #expect(documents[1].definitions.map(\.kind) == [.structure, .union, .service])
    }

    @Test("names are looked up, values are typed, annotations keep their order")
    func fields() throws {
        let request = try Self.request()
        let structure = request.documents[1].definitions[0]
        #expect(structure.documentation == "A point." && structure.location == .init(line: 3, column: 8))
        let fields = try #require(structure.fields)
        let color = PluginRequest.DefinitionReference(name: "Color", document: "idl/shared.thrift")
        guard case .map(let key, let value) = fields[0].type.kind, case .list(let element) = value.kind else {
            Issue.record("\(fields[0].type)")
            return
        }
        #expect(key.kind == .base(.string) && element.kind == .definition(color))
        #expect(fields[0].annotations == [.init(name: "a.b", value: "1"), .init(name: "a.b", value: "2")])
        #expect(fields.map(\.requiredness).prefix(3) == [.required, .optional, .default])
        #expect(fields[1].documentation == "Which.")
        let limit = PluginRequest.DefinitionReference(name: "LIMIT", document: "idl/shared.thrift")
        let expected: [PluginRequest.Value?] = [
            nil, .member(color, name: "GREEN"), .constant(limit), .bool(true), .double(-1.5),
            .list([.string("a"), .string("b")]), .map([.init(key: .string("x"), value: .integer(1))]),
        ]
        #expect(fields.map(\.defaultValue) == expected)
        let service = request.documents[1].definitions[2]
        #expect(service.base == .init(name: "Base", document: "idl/shared.thrift"))
        let functions = try #require(service.functions)
        #expect(functions.map(\.isOneway) == [true, false])
        #expect(functions.map { $0.returnType == nil } == [true, false])
        #expect(functions[1].exceptions.map(\.name) == ["broken"])
    }

    @Test("JSON gives back what was put in")
    func roundTrip() throws {
        let request = try Self.request()
        let json = try JSONEncoder().encode(request)
        #expect(try JSONDecoder().decode(PluginRequest.self, from: json) == request)
    }

    @Test("a plugin skips what it does not know")
    func growth() throws {
        var json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Self.request())) as? [String: Any]
        json?["later"] = ["x": 1]
        let data = try JSONSerialization.data(withJSONObject: try #require(json))
        #expect(try JSONDecoder().decode(PluginRequest.self, from: data) == Self.request())
    }
}
