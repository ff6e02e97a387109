//! How each format carries an answer: Thrift as a reply whose struct has the result as field 0 or an exception as field
//! 1; MessagePack-RPC as `[1, id, error, result]`.

public import NeedletailWire

/// Writes answers of one format.
public protocol MessageWriter: WireWriter, ~Copyable {
    /// Opens the answer to a call that succeeded; its result is written next, as one value of `type`.
    mutating func beginResult(_ head: borrowing CallHead, _ type: WireType, keys: MessagePackKeys)
    mutating func endResult()
    /// Opens the answer to a call that failed with the exception that every method declares as field 1; the exception's
    /// struct is written next. Its maps are keyed by name in any case.
    mutating func beginError(_ head: borrowing CallHead)
    mutating func endError()
    /// The whole answer to a call that did not reach its method.
    mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal)
    /// Where the next byte is written, to come back to.
    var mark: ByteWriter.Mark { get }
    mutating func rewind(to mark: ByteWriter.Mark)
    /// Bytes written so far, also those of the answers before.
    var byteCount: Int { get }
}

extension CallRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownMethod(let name): "there is no method '\(name)'"
        case .undecodable(let error): error.description
        }
    }

    /// As Thrift says it.
    var applicationException: ApplicationException {
        switch self {
        case .unknownMethod: ApplicationException(.unknownMethod, description)
        case .undecodable: ApplicationException(.protocolError, description)
        }
    }
}

extension ThriftBinaryWriter: MessageWriter {
    @inlinable
    public var mark: ByteWriter.Mark { bytes.mark }

    @inlinable
    public mutating func rewind(to mark: ByteWriter.Mark) { bytes.rewind(to: mark) }

    @inlinable
    public var byteCount: Int { bytes.byteCount }

    @inlinable
    public mutating func beginResult(_ head: borrowing CallHead, _ type: WireType, keys: MessagePackKeys) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 0, "success", type)
    }

    @inlinable
    public mutating func endResult() { endStruct() }

    @inlinable
    public mutating func beginError(_ head: borrowing CallHead) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 1, "error", .structure)
    }

    @inlinable
    public mutating func endError() { endStruct() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        writeHead(.exception, name: head.method, sequenceID: Int32(bitPattern: head.id))
        refusal.applicationException.encode(to: &self)
    }
}

extension ThriftCompactWriter: MessageWriter {
    @inlinable
    public var mark: ByteWriter.Mark { bytes.mark }

    @inlinable
    public mutating func rewind(to mark: ByteWriter.Mark) { bytes.rewind(to: mark) }

    @inlinable
    public var byteCount: Int { bytes.byteCount }

    @inlinable
    public mutating func beginResult(_ head: borrowing CallHead, _ type: WireType, keys: MessagePackKeys) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 0, "success", type)
    }

    @inlinable
    public mutating func endResult() { endStruct() }

    @inlinable
    public mutating func beginError(_ head: borrowing CallHead) {
        writeHead(.reply, name: head.method, sequenceID: Int32(bitPattern: head.id))
        var scope = beginStruct(fieldCount: 1)
        field(&scope, 1, "error", .structure)
    }

    @inlinable
    public mutating func endError() { endStruct() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        writeHead(.exception, name: head.method, sequenceID: Int32(bitPattern: head.id))
        refusal.applicationException.encode(to: &self)
    }
}

extension MessagePackWriter: MessageWriter {
    @inlinable
    public var mark: ByteWriter.Mark { bytes.mark }

    @inlinable
    public mutating func rewind(to mark: ByteWriter.Mark) { bytes.rewind(to: mark) }

    @inlinable
    public var byteCount: Int { bytes.byteCount }

    /// The number of an answer's kind.
    @usableFromInline static var response: UInt64 { 1 }
    /// `INVALID_ARGUMENT` and `NOT_EXECUTED` of the contract: what a refused call is in MessagePack-RPC.
    private static var invalidArgument: Int32 { 1 }
    private static var notExecuted: Int32 { 1 }

    @inlinable
    mutating func beginAnswer(_ head: borrowing CallHead) {
        writeArrayHeader(4)
        writeUInt64(Self.response)
        writeUInt64(UInt64(head.id))
    }

    @inlinable
    public mutating func beginResult(_ head: borrowing CallHead, _ type: WireType, keys: MessagePackKeys) {
        self.keys = keys
        beginAnswer(head)
        writeNil()
    }

    @inlinable
    public mutating func endResult() {}

    @inlinable
    public mutating func beginError(_ head: borrowing CallHead) {
        keys = .names
        beginAnswer(head)
    }

    @inlinable
    public mutating func endError() { writeNil() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        beginError(head)
        var scope = beginStruct(fieldCount: 3)
        field(&scope, 1, "code", .int32)
        write(Self.invalidArgument)
        field(&scope, 2, "message", .binary)
        write(refusal.description)
        field(&scope, 3, "effect", .int32)
        write(Self.notExecuted)
        endStruct()
        endError()
    }
}
