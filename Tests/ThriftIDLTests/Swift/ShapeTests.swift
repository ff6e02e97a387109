import Testing

@testable import ThriftIDL

/// Enums, unions, typedefs, recursion.
struct ShapeTests {
    @Test("an enum keeps numbers that it does not know")
    func enumeration() throws {
        let generated = try Generated("enum Color { RED = 1, DARK_BLUE = -4 }")
        #expect(generated.has("case red\ncase darkBlue"))
        #expect(generated.has("case unrecognized(Int32)"))
        #expect(generated.has("public static var allCases: [Color] { [.red, .darkBlue] }"))
        #expect(generated.has("case -4: self = .darkBlue"))
        #expect(generated.has("case .darkBlue: \"DARK_BLUE\""))
    }

    @Test("a second name of a number is an alias")
    func aliases() {
        func element(_ name: String) -> Enumeration.Case {
            Enumeration.Case(head: DefinitionHead(name: name, location: .nowhere), value: 1, isExplicit: true)
        }
        var document = Document(path: "a.thrift", name: "a")
        document.definitions = [
            .enumeration(
                Enumeration(
                    head: DefinitionHead(name: "Color", location: .nowhere),
                    cases: [element("RED"), element("CRIMSON")]))
        ]
        let program = Program(documents: [document], roots: ["a.thrift"])
        let text = SwiftGenerator(program: program).generate().files[0].contents
        #expect(text.contains("    public static let crimson = Color.red\n"))
        #expect(text.contains("{ [.red] }"))
    }

    @Test("a union has a case for each member, and one for what is not known")
    func union() throws {
        let generated = try Generated("union U { 1: string text, 2: list<i32> none }")
        #expect(generated.has("public enum U: WireStruct, Hashable {\ncase text(String)\ncase none([Int32])"))
        #expect(generated.has("case unrecognized(id: Int16)"))
        #expect(generated.has("case 2 where field.holds(.list): member = U.none(try [Int32](from: &reader))"))
        #expect(generated.has("self = member ?? .unrecognized(id: unknownID)"))
        #expect(generated.has("case .unrecognized: _ = writer.beginStruct(fieldCount: 0)"))
    }

    @Test("only what holds itself in place needs a box")
    func direct() throws {
        let generated = try Generated("struct Tree { 1: Tree left, 2: list<Tree> children, 3: string name }")
        #expect(generated.has("@usableFromInline var leftBox: Indirect<Tree>?"))
        #expect(generated.has("get { leftBox?.value }\nset { leftBox = newValue.map { Indirect($0) } }"))
        #expect(generated.has("public var children: [Tree]"))
        #expect(!generated.text.contains("childrenBox"))
    }

    @Test("a circle of structs is boxed where it may end")
    func mutual() throws {
        let generated = try Generated(
            "struct A { 1: required B b } struct B { 1: optional A a, 2: optional C c } struct C {}")
        #expect(generated.diagnostics.isEmpty)
        #expect(generated.has("public var b: B\n"))
        #expect(generated.has("@usableFromInline var aBox: Indirect<A>?"))
        #expect(generated.has("public var c: C?\n"))
    }

    @Test("a union on the way round is indirect, and no struct needs a box")
    func unions() throws {
        let generated = try Generated(
            "struct Pair { 1: required Expr left, 2: Expr right } union Expr { 1: Pair sum, 2: i32 n } union Flat { 1: i32 n }"
        )
        #expect(generated.diagnostics.isEmpty)
        #expect(generated.text.contains("public indirect enum Expr"))
        #expect(generated.text.contains("public enum Flat"))
        #expect(!generated.text.contains("Box"))
    }

    @Test("a struct that never ends is refused")
    func endless() throws {
        let (program, _) = IDLCompiler().load(
            ["a.thrift"], from: MemorySources(["a.thrift": Array("struct A { 1: required A a }".utf8)]))
        guard let program else { return }
        let (_, diagnostics) = SwiftGenerator(program: program).generate()
        #expect(diagnostics.contains { $0.severity == .error && $0.message.contains("never ends") })
    }

    @Test("a typedef is an alias, and a list of its binaries is still compact")
    func typedefs() throws {
        let generated = try Generated(
            "typedef binary Key typedef list<Key> Keys struct S { 1: Keys keys, 2: list<Key> more }")
        #expect(generated.has("public typealias Key = ByteBuffer"))
        #expect(generated.has("public typealias Keys = BinaryList"))
        #expect(generated.has("public var keys: Keys\npublic var more: BinaryList"))
    }

    @Test("doc comments come along, line by line, and none is longer than a page is wide")
    func documentation() throws {
        let long = Array(repeating: "word", count: 60).joined(separator: " ")
        let generated = try Generated(
            "/** A struct.\n *\n * With two paragraphs. */\nstruct S {\n  /** \(long) */\n  1: i32 x,\n}")
        #expect(generated.has("/// A struct.\n///\n/// With two paragraphs.\npublic struct S: WireStruct, Hashable {"))
        #expect(generated.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        #expect(generated.text.components(of: "word") == 60)
    }
}

extension String {
    fileprivate func components(of word: String) -> Int { split(whereSeparator: { !$0.isLetter }).count { $0 == word } }
}
