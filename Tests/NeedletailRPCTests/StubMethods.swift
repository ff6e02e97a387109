//! The methods of the stub service, as the compiler would describe them, and what they carry.

import NIOCore
import NeedletailWire

@testable import NeedletailRPC

/// The stub's methods by their numbers.
enum StubMethod: Int, CaseIterable {
    case echo, hold, tell, sum, done, fail
}

/// Answers its request at once.
enum Echo: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = Note
    typealias Failure = NoteError

    static let name: StaticString = "echo"
    static let exceptions = FieldTable(("error", 1))

    static func write<Writer: MessageWriter & ~Copyable>(
        _ failure: NoteError, _ head: AnswerHead, to writer: inout Writer
    ) {
        writer.write(exception: failure, 1, "error", isOnly: true, head)
    }

    static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
        _ id: Int16, from reader: inout Reader
    ) throws(WireError) -> NoteError? { id == 1 ? try NoteError(from: &reader) : nil }
}

/// Answers when the test says so.
enum Hold: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = Note
    typealias Failure = Never

    static let name: StaticString = "hold"
}

/// Answers nothing, and is done when the test says so.
enum Tell: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = NoResult
    typealias Failure = Never

    static let name: StaticString = "tell"
    static let isOneway = true
}

/// Adds numbers, the second of which may be absent.
enum Sum: RPCMethod {
    typealias Result = Int64
    typealias Failure = Never

    static let name: StaticString = "sum"

    struct Arguments: RPCArguments {
        static let fields = FieldTable(("left", 1), ("right", 2))

        var left: Int64
        var right: Int64?

        init(_ left: Int64, _ right: Int64? = nil) {
            self.left = left
            self.right = right
        }

        init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {
            var left: Int64?
            var scope = try reader.beginArguments()
            while let field = try reader.nextArgument(&scope, in: Self.fields) {
                switch field.id {
                case 1 where field.holds(.int64): left = try reader.readInt64()
                case 2 where field.holds(.int64): right = try reader.readInt64()
                default: try reader.skip(field)
                }
            }
            guard let left else { throw .missingField("left") }
            self.left = left
        }

        func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
            var scope = writer.beginArguments(count: 2)
            writer.writeArgument(&scope, 1, "left", left)
            writer.writeArgument(&scope, 2, "right", right)
            writer.endArguments()
        }
    }
}

/// Takes nothing and answers nothing but that it is done.
enum Done: RPCMethod {
    typealias Arguments = None
    typealias Result = NoResult
    typealias Failure = Never

    static let name: StaticString = "done"
}

/// Answers with the exception that its request names.
enum Fail: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = NoResult

    enum Failure: Error, Hashable {
        case note(NoteError)
        case other(OtherError)
    }

    static let name: StaticString = "fail"
    static let exceptions = FieldTable(("error", 1), ("other", 3))

    static func write<Writer: MessageWriter & ~Copyable>(
        _ failure: Failure, _ head: AnswerHead, to writer: inout Writer
    ) {
        switch failure {
        case .note(let error): writer.write(exception: error, 1, "error", isOnly: false, head)
        case .other(let error): writer.write(exception: error, 3, "other", isOnly: false, head)
        }
    }

    static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
        _ id: Int16, from reader: inout Reader
    ) throws(WireError) -> Failure? {
        switch id {
        case 1: .note(try NoteError(from: &reader))
        case 3: .other(try OtherError(from: &reader))
        default: nil
        }
    }
}

/// A method that the service does not have.
enum Nothing: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = Note
    typealias Failure = Never

    static let name: StaticString = "nothing"
}

/// `echo` as a client calls it who has another IDL.
enum Mistaken: RPCMethod {
    typealias Arguments = One<Unrelated>
    typealias Result = Note
    typealias Failure = Never

    static let name: StaticString = "echo"
}

// MARK: What they carry

/// No arguments.
struct None: RPCArguments {
    init() {}

    init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {
        var scope = try reader.beginArguments()
        while let field = try reader.nextArgument(&scope, in: FieldTable()) { try reader.skip(field) }
    }

    func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
        _ = writer.beginArguments(count: 0)
        writer.endArguments()
    }
}

private let oneField = FieldTable(("request", 1))

/// One argument, `request`.
struct One<Request: WireStruct>: RPCArguments {
    var request: Request

    init(_ request: Request) { self.request = request }

    init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {
        var request: Request?
        var scope = try reader.beginArguments()
        while let field = try reader.nextArgument(&scope, in: oneField) {
            if field.id == 1, field.holds(.structure) {
                request = try Request(from: &reader)
            } else {
                try reader.skip(field)
            }
        }
        guard let request else { throw .missingField("request") }
        self.request = request
    }

    func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
        var scope = writer.beginArguments(count: 1)
        writer.writeArgument(&scope, 1, "request", request)
        writer.endArguments()
    }
}

/// A request and its answer.
struct Note: WireStruct, Hashable {
    private static let fields = FieldTable(("text", 1), ("items", 2))

    var text: ByteBuffer
    var items: BinaryList

    init(_ text: String, items: [String] = []) {
        self.text = ByteBuffer(string: text)
        self.items = BinaryList(strings: items)
    }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var text: ByteBuffer?
        var items = BinaryList()
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): text = try reader.readBinary()
            case 2 where field.holds(.list): items = try reader.readBinaryList()
            default: try reader.skip(field)
            }
        }
        guard let text else { throw .missingField("text") }
        self.text = text
        self.items = items
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2)
        writer.field(&scope, 1, "text", .binary)
        writer.write(text)
        writer.field(&scope, 2, "items", .list)
        writer.write(items)
        writer.endStruct()
    }
}

/// A struct that has none of a note's fields.
struct Unrelated: WireStruct {
    init() {}
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {}

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1)
        writer.field(&scope, 9, "else", .int64)
        writer.write(1 as Int64)
        writer.endStruct()
    }
}

struct NoteError: WireStruct, Error, Hashable {
    private static let fields = FieldTable(("code", 1), ("message", 2))

    var code: Int32
    var message: String

    init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        (code, message) = (0, "")
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.int32): code = try reader.readInt32()
            case 2 where field.holds(.binary): message = try reader.readString()
            default: try reader.skip(field)
            }
        }
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2)
        writer.writeField(&scope, 1, "code", code)
        writer.writeField(&scope, 2, "message", message)
        writer.endStruct()
    }
}

struct OtherError: WireStruct, Error, Hashable {
    private static let fields = FieldTable(("reason", 1))

    var reason: String

    init(_ reason: String) { self.reason = reason }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        reason = ""
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            if field.holds(.binary) { reason = try reader.readString() } else { try reader.skip(field) }
        }
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1)
        writer.writeField(&scope, 1, "reason", reason)
        writer.endStruct()
    }
}
