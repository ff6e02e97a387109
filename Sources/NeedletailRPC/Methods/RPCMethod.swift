//! What is known of a method at compile time: the compiler generates one such type for each function of a service, and
//! clients, dispatch and late answers are written once over all of them.

public import NeedletailWire

/// A method of a service.
public protocol RPCMethod: SendableMetatype {
    /// What it takes.
    associatedtype Arguments: RPCArguments
    /// What it answers; `NoResult` for `void` and for `oneway`.
    associatedtype Result: WireValue
    /// What it throws: `Never`; the exception that it declares; or an enum of those that it declares.
    associatedtype Failure: Error & Sendable

    /// As the IDL spells it.
    static var name: StaticString { get }
    /// Whether nobody waits for an answer.
    static var isOneway: Bool { get }
    /// Whether it changes nothing, so that a call may be made a second time (`readonly` in the IDL).
    static var isReadOnly: Bool { get }
    /// The declared exceptions by name; what MessagePack calls them where there are several.
    static var exceptions: FieldTable { get }

    /// Writes the whole answer of a call that failed so.
    static func write<Writer: MessageWriter & ~Copyable>(
        _ failure: Failure, _ head: AnswerHead, to writer: inout Writer)

    /// Reads the exception that is declared as field `id`; nil if there is none.
    @_lifetime(reader: copy reader)
    static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
        _ id: Int16, from reader: inout Reader
    ) throws(WireError) -> Failure?
}

extension RPCMethod {
    @inlinable
    public static var isOneway: Bool { false }

    @inlinable
    public static var isReadOnly: Bool { false }
}

extension RPCMethod where Failure == Never {
    public static var exceptions: FieldTable { FieldTable() }

    @inlinable
    public static func write<Writer: MessageWriter & ~Copyable>(
        _ failure: Never, _ head: AnswerHead, to writer: inout Writer
    ) {}

    @_lifetime(reader: copy reader)
    public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
        _ id: Int16, from reader: inout Reader
    ) throws(WireError) -> Never? { nil }
}

/// The arguments of a method: in Thrift the struct `<method>_args`, in MessagePack-RPC an array in the order of the IDL.
public protocol RPCArguments: Sendable {
    @_lifetime(reader: copy reader)
    init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError)

    func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer)

    /// Has them say what a header would, if they have a field for that: a protocol without headers is used.
    mutating func carry(_ metadata: CallMetadata)

    /// Checks the rules of the IDL (`vt.` annotations).
    func validate() throws(ValidationError)
}

/// The arguments of a method that takes none; what comes all the same is passed over.
public struct NoArguments: RPCArguments {
    @inlinable
    public init() {}

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {
        try reader.skipArguments()
    }

    @inlinable
    public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
        _ = writer.beginArguments(count: 0)
        writer.endArguments()
    }
}

/// The result of a method that answers nothing but that it is done.
public struct NoResult: WireValue, Hashable {
    @inlinable
    public init() {}

    @inlinable
    public static var wireType: WireType { .structure }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {}

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {}
}
