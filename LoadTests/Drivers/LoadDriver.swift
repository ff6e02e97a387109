//! What the generator asks of a protocol: the bytes of a request once, and then, for each answer, only where it ends and
//! what it counts as. Drivers are structs and the generator is generic over them, so that a call meets no existential.

/// One protocol, for one shape of call.
protocol LoadDriver: Sendable {
    /// Whether an answer names its call, so that answers may come in any order; else they come in the calls' order.
    static var answersCarryIDs: Bool { get }

    init(_ shape: CallShape, _ keys: KeySpace)

    var template: RequestTemplate { get }

    /// Which call an answer is about, before it is scanned; nil if that has not come, or answers do not say so.
    static func callID(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> UInt32?

    /// Goes on with an answer where `scan` stands.
    /// - Parameter bytes: everything that has come since the answer began; more answers may follow it.
    /// - Returns: whether the answer is complete; `scan` then says where it ends and what it counts as.
    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool

    /// An answer decoded in full, for checking it.
    func decode(_ answer: [UInt8]) throws -> DecodedAnswer

    /// Decodes an answer and compares it with what the entries hold.
    /// - Parameter chooser: stands where it stood when the call was made.
    func verify(_ answer: [UInt8], _ chooser: KeyChooser, _ shape: CallShape, _ keys: KeySpace) throws
}

/// How far an answer has been read. The scan goes on at `offset`, so that an answer that comes in pieces is not read
/// from its start with each of them.
struct AnswerScan: Sendable, Hashable {
    /// From the answer's first byte. When the answer is complete, its length.
    var offset = 0
    /// Which part of the answer is at `offset`; each driver has its own.
    var phase: UInt8 = 0
    /// Fields or elements left in the part.
    var fieldsLeft = 0
    var elementsLeft = 0
    /// Which call this answers, where answers say so.
    var id: UInt32 = 0
    /// Keys, by what became of them.
    var found = 0
    var missing = 0
    var failed = 0
    /// The answer is an error.
    var isError = false
}

/// What an answer says.
struct DecodedAnswer: Hashable {
    /// The values that were asked for, nil where the key is missing; empty for a write.
    var values: [[UInt8]?] = []
    /// The keys that the values belong to, where the protocol says so.
    var keys: [[UInt8]]?
}

/// Bytes that no answer has.
struct MalformedAnswer: Error, CustomStringConvertible {
    let expected: String

    init(expected: String) { self.expected = expected }

    var description: String { "malformed answer: expected \(expected)" }
}

/// An answer that is well-formed and not what it should be.
struct WrongAnswer: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension LoadDriver {
    static func callID(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> UInt32? { nil }

    func verify(_ answer: [UInt8], _ chooser: KeyChooser, _ shape: CallShape, _ keys: KeySpace) throws {
        let decoded = try decode(answer)
        guard shape.operation.reads else { return }
        guard decoded.values.count == shape.keysPerCall || decoded.keys != nil && shape.mayMiss else {
            throw WrongAnswer("\(shape.keysPerCall) keys were asked for, \(decoded.values.count) values came")
        }
        var chooser = chooser
        var position = 0
        for _ in 0..<shape.keysPerCall {
            let number = chooser.next()
            let key = keys.key(number)
            if let names = decoded.keys, position == names.count || names[position] != key {
                // Missing keys are left out where values come with their names.
                if shape.mayMiss { continue }
                throw WrongAnswer("value \(position) should be of key \(text(key)) and is of \(text(names[position]))")
            }
            let value = decoded.values[position]
            position += 1
            if value == nil, shape.mayMiss { continue }
            guard let value else { throw WrongAnswer("key \(text(key)) was loaded, and is missing") }
            guard value == keys.value(number) else { throw WrongAnswer("key \(text(key)) has another value") }
        }
        guard position == decoded.values.count else {
            throw WrongAnswer("\(decoded.values.count - position) values came that nobody asked for")
        }
    }
}

/// Bytes for a person to read: what is not printable is a dot; cut to a line.
func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes.prefix(200).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
}
