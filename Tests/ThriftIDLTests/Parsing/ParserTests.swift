import Foundation
import Testing

@testable import ThriftIDL

struct ParserTests {
    @Test("our own API is read without a diagnostic")
    func storage() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let bytes = [UInt8](try Data(contentsOf: root.appending(path: "Sources/StorageAPI/storage.thrift")))
        let (program, diagnostics) = IDLCompiler(isStrict: true)
            .load(["storage.thrift"], from: MemorySources(["storage.thrift": bytes]))
        #expect(diagnostics.isEmpty, "\(diagnostics.rendered())")
        let document = try #require(program?.documents.first)
        #expect(document.definitions.last?.head.name == "Storage")
        #expect(document.definitions.allSatisfy { $0.head.documentation != nil })
    }

    @Test("headers are kept as written")
    func headers() throws {
        let document = try document("namespace * a.b\nnamespace py.twisted c (x = 'y', z)\ncpp_include '<map>'")
        #expect(document.namespaces.map(\.scope) == ["*", "py.twisted"])
        #expect(document.namespaces.map(\.name) == ["a.b", "c"])
        #expect(document.namespaces[1].annotations.map { [$0.name, $0.value] } == [["x", "y"], ["z", "1"]])
        #expect(document.includes.isEmpty)
    }

    @Test("a field has its parts and knows where it stands")
    func field() throws {
        let structure = try structure("struct S {\n  7: required i32 (a = 'b') x = 5 (c, d = 'e');\n}")
        let field = structure.fields[0]
        #expect(field.id == 7)
        #expect(field.isExplicit)
        #expect(field.requiredness == .required)
        #expect(field.type.kind == .base(.i32))
        #expect(field.type.annotations.map(\.name) == ["a"])
        #expect(field.defaultValue?.kind == .integer(5))
        #expect(field.head.annotations.map(\.value) == ["1", "e"])
        #expect(field.head.location == SourceLocation(file: "test.thrift", line: 2, column: 29))
        #expect(field.type.location.column == 15)
    }

    @Test("fields without ids count down from -1, and on below a written one")
    func implicitIDs() throws {
        let structure = try structure("struct S { i32 a, i32 b, 3: i32 c, i32 d, -8: i32 e, i32 f }")
        #expect(structure.fields.map(\.id) == [-1, -2, 3, -3, -8, -9])
        #expect(structure.fields.map(\.isExplicit) == [false, false, true, false, true, false])
    }

    @Test("types nest, byte is i8, and a dotted name stays whole")
    func types() throws {
        let structure = try structure(
            "struct S { 1: map<byte, list<set<uuid>>> a, 2: S b, 3: list<i32> cpp_type 'x' c, 4: S & d }")
        let types = structure.fields.map { $0.type.description }
        #expect(types == ["map<i8, list<set<uuid>>>", "S", "list<i32>", "S"])
    }

    @Test("members of an enum count on from the last number")
    func enumeration() throws {
        let document = try document("enum E { A, B = 5 (x), C D = -3; E }")
        guard case .enumeration(let enumeration) = document.definitions[0] else { throw Refused(diagnostics: "") }
        #expect(enumeration.cases.map(\.value) == [0, 5, 6, -3, -2])
        #expect(enumeration.cases.map(\.isExplicit) == [false, true, false, true, false])
        #expect(enumeration.cases[1].head.annotations.map(\.name) == ["x"])
    }

    @Test("a service has its functions with all their parts")
    func service() throws {
        let document = try document(
            """
            exception X {}
            service A {}
            service S extends A {
              i32 f(1: i32 a, 2: string b) throws (1: X x) (api.get = "/f"),
              oneway void g()
            } (tag)
            """)
        guard case .service(let service) = document.definitions[2] else { throw Refused(diagnostics: "") }
        #expect(service.base?.text == "A")
        #expect(service.head.annotations.map(\.name) == ["tag"])
        #expect(service.functions.map(\.head.name) == ["f", "g"])
        #expect(service.functions[0].returnType?.kind == .base(.i32))
        #expect(service.functions[0].arguments.map(\.head.name) == ["a", "b"])
        #expect(service.functions[0].exceptions.map(\.id) == [1])
        #expect(service.functions[0].head.annotations.map(\.value) == ["/f"])
        #expect(service.functions[1].isOneway)
        #expect(service.functions[1].returnType == nil)
    }

    @Test("a requiredness that means nothing is dropped with a warning")
    func meaninglessRequiredness() throws {
        let text =
            "exception X {} union U { 1: required i32 a }\nservice S { void f(1: optional i32 a) throws (1: required X x) }"
        #expect(messages(text).allSatisfy { $0.hasPrefix("warning: ") && $0.contains("means nothing") })
        #expect(messages(text).count == 3)
        let document = try document(text)
        guard case .service(let service) = document.definitions[2] else { throw Refused(diagnostics: "") }
        #expect(service.functions[0].arguments[0].requiredness == .default)
        #expect(service.functions[0].exceptions[0].requiredness == .default)
    }

    private func structure(_ text: String) throws -> Structure {
        guard case .structure(let structure) = try document(text).definitions[0] else { throw Refused(diagnostics: "") }
        return structure
    }
}
