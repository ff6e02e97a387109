import Testing
import ThriftIDL

struct ConstantTests {
    private static let types = """
        enum Color { RED = 1, none = 2 }
        struct Point { 1: i32 x, 2: required i32 y, 3: list<Point> more }
        union Shape { 1: Point point, 2: binary bytes }

        """

    @Test(
        "constants of every type",
        arguments: [
            ("bool A = true", "let a: Bool = true"),
            ("i8 A = -128", "let a: Int8 = -128"),
            ("i32 MAX_KEYS = 10000", "let maxKeys: Int32 = 10_000"),
            ("i64 A = -9223372036854775808", "let a: Int64 = -9_223_372_036_854_775_808"),
            ("double A = 1e300", "let a: Double = 1e+300"),
            ("double A = 3", "let a: Double = 3.0"),
            ("double A = 4.9e-324", "let a: Double = Double(bitPattern: 0x0000_0000_0000_0001)"),
            (#"string A = "a\"b\\c\n\t""#, #"let a: String = "a\"b\\c\n\t""#),
            (#"string A = "\\(x)""#, #"let a: String = "\\(x)""#),
            ("string A = ''", "let a: String = \"\""),
            ("binary A = \"abc\"", "let a: ByteBuffer = ByteBuffer(string: \"abc\")"),
            ("binary A = \"\"", "let a: ByteBuffer = ByteBuffer()"),
            (
                "uuid A = \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"",
                "let a: WireUUID = WireUUID(high: 0xf81d_4fae_7dec_11d0, low: 0xa765_00a0_c91e_6bf6)"
            ),
            ("Color A = Color.none", "let a: Color = Color.none"),
            ("Color A = 1", "let a: Color = Color.red"),
            ("list<binary> A = [\"a\", \"b\"]", "let a: BinaryList = [\"a\", \"b\"]"),
            ("set<i32> A = [1, 2]", "let a: Set<Int32> = [1, 2]"),
            ("map<string, list<Color>> A = {\"x\": [Color.RED]}", "let a: [String: [Color]] = [\"x\": [Color.red]]"),
            ("map<i32, i32> A = {}", "let a: [Int32: Int32] = [:]"),
            (
                "Point A = {\"y\": 2, \"x\": 1, \"more\": [{\"y\": 3}]}",
                "let a: Point = Point(x: 1, y: 2, more: [Point(y: 3)])"
            ),
            ("Shape A = {\"point\": {\"y\": 1}}", "let a: Shape = Shape.point(Point(y: 1))"),
        ])
    func constants(idl: String, swift: String) throws {
        let generated = try Generated("\(Self.types)const \(idl)")
        #expect(generated.has("public enum TestConstants {\npublic static \(swift)\n}"), "\(generated.text)")
    }

    @Test("a constant may name another, and is written out where Swift's types differ")
    func references() throws {
        let generated = try Generated("const i32 A = 7\nconst i32 B = A\nconst i64 C = A\nconst double D = A")
        #expect(generated.has("public static let b: Int32 = TestConstants.a"))
        #expect(generated.has("public static let c: Int64 = 7"))
        #expect(generated.has("public static let d: Double = 7.0"))
    }

    @Test("a long text is broken without a change")
    func longText() throws {
        let text = Array(repeating: "word", count: 60).joined(separator: " ")
        let generated = try Generated("const string A = \"\(text)\"")
        #expect(generated.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        let body = generated.text.split(separator: "\"\"\"")[1].split(separator: "\n").map { line in
            line.drop { $0 == " " }
        }
        #expect(body.joined().replacing("\\", with: "") == text)
    }
}
