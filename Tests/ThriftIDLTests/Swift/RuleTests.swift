import Testing
import ThriftIDL

/// `validate()` as it is written; that it works is tested on the golden file.
struct RuleTests {
    @Test(
        "a rule is a check",
        arguments: [
            (
                "i32 f (vt.lt = \"5\")",
                "if f >= 5 { throw ValidationError(field: \"f\", violation: \"is \\(f); vt.lt is 5\") }"
            ),
            ("i64 f (vt.ge = \"0x10\")", "if f < 16 {"),
            ("double f (vt.gt = \"0.5\")", "if f <= 0.5 {"),
            ("i8 f (vt.in = \"1\", vt.in = \"2\")", "case 1, 2: break"),
            ("bool f (vt.const = \"true\")", "if !f {"),
            ("string f (vt.min_size = \"1\")", "if f.utf8.count < 1 {"),
            ("binary f (vt.max_size = \"4096\")", "if f.readableBytes > 4096 {"),
            ("string f (vt.prefix = \"a\")", "if !ValidationRule.hasPrefix(ValidationRule.bytes(f), \"a\") {"),
            ("string f (vt.pattern = \"^a\")", "if !Self.fPattern.isFound(in: ValidationRule.bytes(f)) {"),
            ("optional string f (vt.not_nil = \"true\")", "if f == nil {"),
            ("optional i32 f (vt.gt = \"0\")", "if let f, f <= 0 {"),
            ("Color f (vt.defined_only = \"true\")", "if let f, case .unrecognized = f {"),
            ("Color f (vt.const = \"RED\")", "if let f, f != Color.red {"),
            ("list<binary> f (vt.elem.min_size = \"1\")", "if element.byteCount < 1 {"),
            ("map<string, i32> f (vt.key.min_size = \"1\")", "for key in f.keys {"),
            ("map<string, list<i32>> f (vt.value.elem.gt = \"0\")", "for (index2, element2) in value.enumerated() {"),
            ("Ruled f", "throw error.inside(\"f\")"),
            ("list<Ruled> f", "throw error.inside(\"f[\\(index)]\")"),
        ])
    func rule(field: String, check: String) throws {
        let generated = try Generated(
            "enum Color { RED = 1 } struct Ruled { 1: i32 x (vt.gt = \"0\") } struct S { 1: \(field) }")
        #expect(generated.diagnostics.isEmpty, "\(generated.messages)")
        #expect(generated.has(check) || generated.text.contains(check), "\(generated.text)")
    }

    @Test("what has no rules is not validated", arguments: ["i32 f", "Ruled f (vt.skip = \"true\")", "list<Plain> f"])
    func none(field: String) throws {
        let generated = try Generated(
            "struct Plain {} struct Ruled { 1: i32 x (vt.gt = \"0\") } struct S { 1: \(field) }")
        #expect(generated.text.split(separator: "func validate()").count == 2)
    }

    @Test(
        "a rule that is none, or is not for the field, is an error",
        arguments: [
            ("i32 f (vt.min_size = \"1\")", "is no rule for a value of type 'i32'"),
            ("i32 f (vt.gt = \"abc\")", "must be a whole number from -2147483648 to 2147483647, not 'abc'"),
            ("i8 f (vt.gt = \"128\")", "must be a whole number from -128 to 127"),
            ("string f (vt.min_size = \"-1\")", "must be a whole number from 0"),
            ("string f (vt.max_size = \"@len($x)\")", "other fields and functions are not supported"),
            ("string f (vt.pattern = \"(\")", "is no regular expression"),
            ("bool f (vt.const = \"maybe\")", "must be true or false"),
            ("Color f (vt.const = \"BLUE\")", "must be a member of the enum 'Color'"),
            ("i32 f (vt.bogus = \"1\")", "is no rule that there is"),
            ("i32 f (vt.elem.gt = \"1\")", "has no such part"),
            ("list<i32> f (vt.key.gt = \"1\")", "has no such part"),
            ("uuid f (vt.const = \"1\")", "is no rule for a value of type 'uuid'"),
        ])
    func refused(field: String, message: String) throws {
        let generated = try Generated("enum Color { RED = 1 } struct S { 1: \(field) }")
        #expect(generated.messages.count == 1 && generated.messages[0].contains(message), "\(generated.messages)")
        #expect(generated.diagnostics.allSatisfy { $0.severity == .error && $0.location != nil })
    }

    @Test("rules that do not stand behind fields are errors")
    func elsewhere() throws {
        let generated = try Generated(
            "struct S { 1: i32 f } (vt.assert = \"@equal(1, 1)\")\ntypedef i32 T (vt.gt = \"1\")")
        #expect(generated.messages.count == 2)
    }
}
