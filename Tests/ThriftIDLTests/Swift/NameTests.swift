import Testing

@testable import ThriftIDL

struct NameTests {
    @Test(
        "members are lower camel case, however they are written",
        arguments: [
            ("IF_ABSENT", "ifAbsent"), ("if_absent", "ifAbsent"), ("IfAbsent", "ifAbsent"), ("ifAbsent", "ifAbsent"),
            ("RED", "red"), ("Red", "red"), ("ID", "id"), ("LogID", "logID"), ("URLPath", "urlPath"),
            ("user_ID", "userID"),
            ("HTTP2", "http2"), ("V1_2", "v12"), ("_leading", "_leading"), ("trailing_", "trailing"), ("a__b", "aB"),
            ("_", "__"), ("x", "x"),
        ])
    func members(written: String, name: String) { #expect(SwiftNames.member(written) == name) }

    @Test(
        "types keep their spelling but for the first letter",
        arguments: [
            ("Point", "Point"), ("point", "Point"), ("my_struct", "My_struct"), ("_x", "_X"), ("Type", "Type_"),
            ("self", "Self_"), ("Swift", "Swift_"), ("String", "String"),
        ])
    func types(written: String, name: String) { #expect(SwiftNames.type(written) == name) }

    @Test(
        "the type of a file's constants is called after the file",
        arguments: [("storage", "Storage"), ("my-api.v2", "MyApiV2"), ("2nd", "_2nd")])
    func files(written: String, name: String) { #expect(SwiftNames.typeFromWords(written) == name) }

    @Test("names that would be the same keep their spelling, or give way")
    func clashes() {
        func names(_ written: [String]) -> [String] {
            SwiftNames.members(written, reserved: ["hash"]).map(\.description)
        }
        #expect(names(["user_name", "userName"]) == ["user_name", "userName"])
        #expect(names(["RED", "Red", "red"]) == ["red", "red_", "red__"])
        #expect(names(["hash"]) == ["hash_"])
        #expect(names(["init", "self", "Type", "default", "in"]) == ["init_", "self_", "type", "`default`", "`in`"])
    }

    @Test("a keyword is in backticks wherever it is a name")
    func keywords() throws {
        let generated = try Generated("struct S { 1: i32 let, 2: optional string func, 3: required bool guard }")
        #expect(generated.has("public var `let`: Int32"))
        #expect(generated.has("public init(`let`: Int32 = 0, `func`: String? = nil, `guard`: Bool) {"))
        #expect(generated.has("case 1 where field.holds(.int32): `let` = try Int32(from: &reader)"))
        #expect(generated.has("writer.writeField(&scope, 2, \"func\", `func`)"))
    }

    @Test("fields may be called like the locals of a coder")
    func locals() throws {
        let generated = try Generated("struct S { 1: i32 reader, 2: i32 scope, 3: i32 field }")
        #expect(generated.has("var scope_ = try reader_.beginStruct()"))
        #expect(generated.has("case 1 where field_.holds(.int32): reader = try Int32(from: &reader_)"))
        #expect(generated.text.contains("// swift-format-ignore-file: AlwaysUseLowerCamelCase"))
    }

    @Test("types of Swift are qualified where the program has one of their name, and only there")
    func qualification() throws {
        let generated = try Generated("struct String { 1: string text, 2: i32 number }")
        #expect(generated.has("public var text: Swift.String"))
        #expect(generated.has("public var number: Int32"))
        let types = try Generated("exception Error { 1: required binary data } struct ByteBuffer { 1: Error error }")
        #expect(types.has("public struct Error: WireStruct, Hashable, Swift.Error {"))
        #expect(types.has("public var data: NIOCore.ByteBuffer"))
        #expect(types.has("public var error: Error?"))
    }

    @Test("types may be called as what readers and writers need not be")
    func constraints() throws {
        let generated = try Generated("struct Copyable { 1: i32 x }")
        #expect(generated.text.contains("public init<Reader: WireReader & ~Swift.Copyable & ~Escapable>("))
        #expect(generated.text.contains("public func encode<Writer: WireWriter & ~Swift.Copyable>("))
        let service = try Generated("struct Escapable { 1: string x } service S { void copyable(1: Escapable e) }")
        #expect(service.text.contains("public struct View: ~Swift.Escapable {"))
        #expect(service.text.contains("MessageReader & ~Copyable & ~Swift.Escapable>"))
        #expect(service.text.contains("public enum Copyable_"), "it would hide Swift's")
        #expect(!service.text.contains("~Escapable"))
    }

    @Test("generic parameters give way to types")
    func parameters() throws {
        let generated = try Generated("struct Reader { 1: i32 x }")
        #expect(generated.text.contains("public init<Reader_: WireReader"))
    }

    @Test("two files of one module cannot define one type")
    func twice() throws {
        let generated = try Generated(
            [
                "a.thrift": "namespace swift M\nstruct Point { 1: i32 x }",
                "b.thrift": "namespace swift M\ninclude \"a.thrift\"\nstruct point { 1: i32 y }",
            ], roots: ["b.thrift"])
        #expect(generated.messages.contains { $0.contains("has a type called 'Point'") })
    }
}
