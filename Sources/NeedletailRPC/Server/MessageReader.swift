//! How each format carries a call's arguments: Thrift as the struct `<method>_args`, MessagePack-RPC as an array in the
//! order of the IDL.

public import NeedletailWire

/// Reads calls of one format.
public protocol MessageReader: WireReader, ~Copyable, ~Escapable {
    /// Enters the arguments. Read them with `nextArgument` until that returns nil; then the message is read to its end.
    @_lifetime(self: copy self)
    mutating func beginArguments() throws(WireError) -> StructScope

    /// The next argument's head; nil after the last. Those that are explicitly absent or that are not in `arguments` are
    /// passed over.
    @_lifetime(self: copy self)
    mutating func nextArgument(
        _ scope: inout StructScope, in arguments: FieldTable
    ) throws(WireError) -> FieldHeader?

    /// Passes over the arguments, whatever they are.
    @_lifetime(self: copy self)
    mutating func skipArguments() throws(WireError)

    /// Has what is read from now on, of what lies before `end`, share a copy of it instead of the message.
    @_lifetime(self: copy self)
    mutating func own(upTo end: Int)

    /// How a map in the answer is to be keyed.
    var answerKeys: MessagePackKeys { get }

    /// Goes back to where the arguments begin, as if nothing of them had been read.
    @_lifetime(self: copy self)
    mutating func restart(at offset: Int)

    /// How many bytes of the message have been read.
    var offset: Int { get }
}

extension MessageReader where Self: ~Copyable, Self: ~Escapable {
    /// Goes to an argument, past those before it; false if it is not there.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func find(
        _ id: Int16, _ type: WireType, _ scope: inout StructScope, in arguments: FieldTable
    ) throws(WireError) -> Bool {
        while let field = try nextArgument(&scope, in: arguments) {
            if field.id == id, field.holds(type) { return true }
            try skip(field)
        }
        return false
    }

    /// Has the arguments, at which the reader is, share nothing with the message when they are read: who reads them may
    /// keep them for long, on any thread, and the message's buffer is free for the next one.
    @_lifetime(self: copy self)
    mutating func ownArguments() throws(WireError) {
        let start = offset
        try skipArguments()
        own(upTo: offset)
        restart(at: start)
    }

    /// Goes past the arguments that are left.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func endArguments(_ scope: inout StructScope, in arguments: FieldTable) throws(WireError) {
        while let field = try nextArgument(&scope, in: arguments) { try skip(field) }
    }
}

extension ThriftBinaryReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @_lifetime(self: copy self)
    public mutating func own(upTo end: Int) { cursor.own(upTo: end) }

    @inlinable
    public var answerKeys: MessagePackKeys { .ids }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginArguments() throws(WireError) -> StructScope { try beginStruct() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextArgument(
        _ scope: inout StructScope, in arguments: FieldTable
    ) throws(WireError) -> FieldHeader? { try nextField(&scope, in: arguments) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) { try skip(FieldHeader(id: 0, type: .structure)) }
}

extension ThriftCompactReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @_lifetime(self: copy self)
    public mutating func own(upTo end: Int) { cursor.own(upTo: end) }

    @inlinable
    public var answerKeys: MessagePackKeys { .ids }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginArguments() throws(WireError) -> StructScope { try beginStruct() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextArgument(
        _ scope: inout StructScope, in arguments: FieldTable
    ) throws(WireError) -> FieldHeader? { try nextField(&scope, in: arguments) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) { try skip(FieldHeader(id: 0, type: .structure)) }
}

extension MessagePackReader: MessageReader {
    @inlinable
    public var offset: Int { cursor.offset }

    @_lifetime(self: copy self)
    public mutating func own(upTo end: Int) { cursor.own(upTo: end) }

    @inlinable
    public var answerKeys: MessagePackKeys { mapKeys }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginArguments() throws(WireError) -> StructScope {
        StructScope(remaining: try readArrayHeader())
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextArgument(
        _ scope: inout StructScope, in arguments: FieldTable
    ) throws(WireError) -> FieldHeader? {
        while scope.remaining > 0 {
            guard let id = arguments.id(at: scope.position) else {
                try skipValue()
                scope.advance()
                continue
            }
            scope.advance()
            if try readNil() { continue }
            return FieldHeader(id: id, type: .any)
        }
        return nil
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipArguments() throws(WireError) {
        // Around a request lies the array of the parameters; around that, where a message is passed over that is no call,
        // the message's own.
        try skipValue(around: offset == 0 ? 2 : 1)
    }
}
