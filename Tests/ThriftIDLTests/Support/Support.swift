//! What the tests of the IDL compiler share: scale, seeded randomness, ways to compile a text.

import Glibc
import ThriftIDL

/// How much work the tests do: `TEST_SCALE=full` for the counts that a release asks for.
enum Scale {
    static let isFull = unsafe getenv("TEST_SCALE").map { unsafe String(cString: $0) } == "full"
    static func pick(_ ci: Int, full: Int) -> Int { isFull ? full : ci }
}

/// SplitMix64: the same numbers in every run for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// The diagnostics for `text` as the file `test.thrift`, rendered; empty if there is nothing to say.
func diagnostics(_ text: String, isStrict: Bool = false) -> String {
    IDLCompiler(isStrict: isStrict).load(["test.thrift"], from: ["test.thrift": text] as MemorySources)
        .diagnostics.rendered()
}

/// The messages for `text`, without places.
func messages(_ text: String, isStrict: Bool = false) -> [String] {
    IDLCompiler(isStrict: isStrict).load(["test.thrift"], from: ["test.thrift": text] as MemorySources)
        .diagnostics.map { "\($0.severity.rawValue): \($0.message)" }
}

/// What `text` says.
func document(_ text: String) throws -> Document {
    let (program, diagnostics) = IDLCompiler().load(["test.thrift"], from: ["test.thrift": text] as MemorySources)
    guard let document = program?.documents.first else { throw Refused(diagnostics: diagnostics.rendered()) }
    return document
}

struct Refused: Error {
    var diagnostics: String
}
