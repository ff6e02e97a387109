//! How each format carries a call's arguments: Thrift as the struct `<method>_args`, whose field 1 is the request;
//! MessagePack-RPC as an array, whose first element is the request.

public import NeedletailWire

/// Reads calls of one format.
public protocol MessageReader: WireReader, ~Copyable, ~Escapable {
    /// The request, which is the only argument. What follows it is passed over, so that afterwards the message is read
    /// to its end.
    @_lifetime(self: copy self)
    mutating func readRequest<Request: WireStruct>(_ type: Request.Type) throws(WireError) -> Request

    /// Passes over the arguments, whatever they are.
    @_lifetime(self: copy self)
    mutating func skipArguments() throws(WireError)

    /// How a map in the answer is to be keyed.
    var answerKeys: MessagePackKeys { get }

    /// Goes back to where the arguments begin, as if nothing of them had been read.
    @_lifetime(self: copy self)
    mutating func restart(at offset: Int)

    /// How many bytes of the message have been read.
    var offset: Int { get }
}

/// The fields of every `<method>_args`.
@usableFromInline let argumentFields = FieldTable(("request", 1))

extension MessageReader where Self: ~Copyable, Self: ~Escapable {
    @inlinable
    @_lifetime(self: copy self)
    mutating func readThriftRequest<Request: WireStruct>(_ type: Request.Type) throws(WireError) -> Request {
        var request: Request?
        var scope = try beginStruct()
        while let field = try nextField(&scope, in: argumentFields) {
            if field.id == 1 && field.type == .structure {
                request = try Request(from: &self)
            } else {
                try skip(field)
            }
        }
        guard let request else { throw .missingField("request") }
        return request
    }
}

extension ThriftBinaryReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @inlinable
    public var answerKeys: MessagePackKeys { .ids }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRequest<Request: WireStruct>(_ type: Request.Type) throws(WireError) -> Request {
        try readThriftRequest(type)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) { try skip(FieldHeader(id: 0, type: .structure)) }
}

extension ThriftCompactReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @inlinable
    public var answerKeys: MessagePackKeys { .ids }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRequest<Request: WireStruct>(_ type: Request.Type) throws(WireError) -> Request {
        try readThriftRequest(type)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) { try skip(FieldHeader(id: 0, type: .structure)) }
}

extension MessagePackReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @inlinable
    public var answerKeys: MessagePackKeys { mapKeys }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRequest<Request: WireStruct>(_ type: Request.Type) throws(WireError) -> Request {
        let count = try readArrayHeader()
        guard count > 0 else { throw .missingField("request") }
        let request = try Request(from: &self)
        for _ in 1..<count { try skipValue() }
        return request
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) {
        // Around a request lies the array of the parameters; around that, where a message is passed over that is no call,
        // the message's own.
        try skipValue(around: offset == 0 ? 2 : 1)
    }
}
