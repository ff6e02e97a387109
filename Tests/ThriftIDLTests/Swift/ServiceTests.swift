import Testing
import ThriftIDL

/// What a service is in Swift, part by part; that all of it compiles is tested with the corpus.
struct ServiceTests {
    private static let idl = """
        struct Request { 1: required binary key (vt.min_size = "1"), 2: optional string note }
        exception Missing { 1: required string message }
        exception Busy { 1: i32 millis }
        service Base { string ping() }
        service Store extends Base {
          /** Reads. */
          i64 get(1: Request request) throws (1: Missing missing, 2: Busy busy)
          void put(1: string key, 2: i32 value = 3) throws (1: Busy busy)
          oneway void log(1: string line)
        }
        """

    @Test("methods are found by name, those of the base first")
    func methods() throws {
        let generated = try Generated(Self.idl)
        #expect(
            generated.has(
                "public enum StoreMethod: Int, CaseIterable, Sendable {\ncase ping\ncase get\ncase put\ncase log"))
        #expect(generated.has("case 3 where name.equals(\"get\"): self = .get"))
        #expect(generated.has("public typealias Ping = BaseMethods.Ping"))
    }

    @Test("a method throws nothing, its exception, or an enum of its exceptions")
    func failures() throws {
        let generated = try Generated(Self.idl)
        #expect(generated.has("public typealias Failure = Never"))
        #expect(generated.has("public typealias Failure = Busy"))
        #expect(generated.has("public enum Failure: Error, Hashable {\ncase missing(Missing)\ncase busy(Busy)\n}"))
        #expect(
            generated.has(
                "case .busy(let exception): writer.write(exception: exception, 2, \"busy\", isOnly: false, head)"))
    }

    @Test("an exception that is thrown under a typedef's name, too, is answered in one place")
    func sameFailure() throws {
        let types = "exception Busy { 1: i32 millis } typedef Busy Later typedef Later Much"
        let own = try Generated(
            """
            \(types)
            service S { void a() throws (1: Busy e), void b() throws (1: Later e), void c() throws (1: Much e) }
            """)
        #expect(own.text.split(separator: "func failure(").count == 3, "required, and by default")
        #expect(own.has("func failure(_ type: Busy.Type, for refusal: CallRefusal) -> Busy?"))
        let inherited = try Generated(
            """
            \(types)
            service B { void a() throws (1: Busy e) }
            service S extends B { void b() throws (1: Later e) }
            """)
        #expect(inherited.text.split(separator: "func failure(").count == 3)
    }

    @Test("views lend text and bytes, and ask the same rules")
    func views() throws {
        let generated = try Generated(Self.idl)
        #expect(generated.has("public struct View: ~Escapable {\npublic let key: RawSpan\npublic let note: UTF8Span?"))
        #expect(generated.has("if key.byteCount < 1 {"))
        #expect(generated.has("self.key = if let key { key } else { reader.emptyText() }"))
    }

    @Test("a handler gets the arguments where they lie, an async one and a client their own")
    func faces() throws {
        let generated = try Generated(Self.idl)
        #expect(
            generated.has(
                """
                func get<Writer: MessageWriter & ~Copyable>(
                _ request: borrowing Request.View, _ call: Call<StoreMethods.Get>, _ writer: inout Writer
                ) throws(StoreMethods.Get.Failure) -> Reply
                """))
        #expect(generated.has("func log(line: UTF8Span, _ times: CallTimes)"))
        #expect(generated.has("func put(key: String, value: Int32, _ context: CallContext) async throws(Busy)"))
        #expect(
            generated.has(
                """
                public func put(key: String = "", value: Int32 = 3, options: CallOptions? = nil) async \
                throws(CallFailure<Busy>) {
                """))
        #expect(
            generated.has(
                "try await self.rpc.send(StoreMethods.Log.self, .init(line: line), options: options ?? self.options)"))
        #expect(generated.text.split(separator: "/// Reads.").count == 5)
    }

    @Test("`readonly` is said of the method, and must be true or false")
    func readOnly() throws {
        let said = "public static var isReadOnly: Bool { true }"
        func generated(_ annotation: String) throws -> Generated {
            try Generated("service S { i32 get() \(annotation) }")
        }
        for annotation in ["(readonly)", "(readonly = \"true\")", "(other = \"x\", readonly = \"1\")"] {
            #expect(try generated(annotation).has(said), "\(annotation)")
        }
        for annotation in ["", "(readonly = \"false\")"] {
            let plain = try generated(annotation)
            #expect(!plain.text.contains("isReadOnly") && plain.diagnostics.isEmpty, "\(annotation)")
        }
        #expect(
            try generated("(readonly = \"perhaps\")").messages
                == ["'readonly' must be true or false, not 'perhaps'"])
    }

    @Test("arguments carry metadata in field 255 where that is an optional struct, at the first level")
    func carriers() throws {
        let generated = try Generated(
            """
            struct Base { 1: optional string caller }
            struct Kitex { 255: Base Base }
            struct Ours { 1: string key, 255: optional Base context }
            struct Deeper { 1: Ours ours }
            struct Required { 255: required Base base }
            struct Text { 255: optional string base }
            service S {
              void both(1: Kitex kitex, 2: i32 number, 3: Ours ours)
              void neither(1: Deeper deeper, 2: Required base, 3: Text text)
            }
            """)
        #expect(
            generated.has(
                """
                public mutating func carry(_ metadata: CallMetadata) {
                NeedletailRPC.carry(metadata, in: &self.kitex.base)
                NeedletailRPC.carry(metadata, in: &self.ours.context)
                }
                """))
        #expect(generated.text.split(separator: "func carry(").count == 2)
    }

    @Test("an argument called `options` stays what it is, and a call's options give way")
    func optionsArgument() throws {
        let generated = try Generated("service S { void f(1: string options) void options() }")
        #expect(
            generated.has(
                """
                public func f(options: String = "", callOptions: CallOptions? = nil) async throws(CallFailure<Never>) {
                """))
        #expect(generated.text.contains("options: callOptions ?? self.options"))
        #expect(generated.has("public func options_(options: CallOptions? = nil) async throws(CallFailure<Never>) {"))
    }

    @Test("a type that a description would hide gives way")
    func hidden() throws {
        let generated = try Generated(
            "struct Result { 1: i32 x } struct Get { 1: i32 x } service S { Result get(1: Get get) }")
        #expect(generated.text.contains("public struct Result_: WireStruct"))
        #expect(generated.text.contains("public enum Get_: RPCMethod"))
    }

    @Test("a service without methods can be a base")
    func empty() throws {
        let generated = try Generated("service Empty {} service Full extends Empty { void f() }")
        #expect(generated.has("public protocol EmptyHandler: RPCHandler {}"))
        #expect(generated.has("public protocol FullHandler: EmptyHandler {"))
    }

    @Test("a service's types cannot be defined twice")
    func clash() throws {
        let generated = try Generated("struct StoreClient {} service Store { void f() }")
        #expect(generated.messages.contains { $0.contains("'StoreClient'") })
    }
}
