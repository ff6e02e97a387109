//! How each format carries a call and its answer. Thrift: a message whose struct holds the arguments, and a reply whose
//! struct has the result as field 0 or an exception as its own field. MessagePack-RPC: `[0, id, method, arguments]` and
//! `[1, id, error, result]`.

public import NeedletailWire

/// Writes calls and answers of one format.
public protocol MessageWriter: WireWriter, ~Copyable {
    static var format: RPCFormat { get }

    /// Opens a call of `count` arguments; each is announced by `argument` before its value, in the order of the IDL.
    mutating func beginCall(_ id: UInt32, _ method: StaticString, isOneway: Bool)
    mutating func beginArguments(count: Int) -> StructScope
    mutating func argument(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType)
    /// An argument that is not there.
    mutating func absentArgument()
    mutating func endArguments()

    /// Opens the answer to a call that succeeded; its result is written next, as one value of `type`.
    mutating func beginResult(_ head: AnswerHead, _ type: WireType)
    mutating func endResult()
    /// The answer to a call that succeeded and has no result.
    mutating func writeNoResult(_ head: AnswerHead)
    /// Opens the answer to a call that failed with the exception declared as field `id`; the exception's struct is written
    /// next. Its maps are keyed by name in any case.
    /// - Parameter isOnly: the method declares no other: MessagePack needs no name to tell which it is.
    mutating func beginError(_ head: AnswerHead, _ id: Int16, _ name: StaticString, isOnly: Bool)
    mutating func endError()
    /// The whole answer to a call that did not reach its method.
    mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal)
    /// Where the next byte is written, to come back to.
    var mark: ByteWriter.Mark { get }
    mutating func rewind(to mark: ByteWriter.Mark)
    /// Bytes written so far, also those of the answers before.
    var byteCount: Int { get }
}

extension MessageWriter where Self: ~Copyable {
    /// An argument and its value.
    @inlinable
    public mutating func writeArgument<Value: WireValue>(
        _ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ value: borrowing Value
    ) {
        argument(&scope, id, name, Value.wireType)
        value.encode(to: &self)
    }

    /// An argument and its value, if it is there.
    @inlinable
    public mutating func writeArgument<Value: WireValue>(
        _ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ value: borrowing Value?
    ) {
        if let value = copy value { writeArgument(&scope, id, name, value) } else { absentArgument() }
    }

    /// The whole answer to a call that succeeded.
    @inlinable
    public mutating func write<Result: WireValue>(result: borrowing Result, _ head: AnswerHead) {
        if Result.self == NoResult.self { return writeNoResult(head) }
        beginResult(head, Result.wireType)
        result.encode(to: &self)
        endResult()
    }

    /// The whole answer to a call that failed with a declared exception.
    @inlinable
    public mutating func write<Exception: WireStruct>(
        exception: Exception, _ id: Int16, _ name: StaticString, isOnly: Bool, _ head: AnswerHead
    ) {
        beginError(head, id, name, isOnly: isOnly)
        exception.encode(to: &self)
        endError()
    }
}

extension CallRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownMethod(let name): "there is no method '\(name)'"
        case .undecodable(let error): error.description
        case .invalid(let error): error.description
        case .denied(let reason): reason
        case .tlsRequired: "TLS is required on this port"
        case .overloaded(let reason): reason.message
        }
    }

    /// As Thrift says it.
    var applicationException: ApplicationException {
        switch self {
        case .unknownMethod: ApplicationException(.unknownMethod, description)
        case .undecodable(.unknownProtocol): ApplicationException(.invalidProtocol, description)
        case .undecodable(.unknownTransform): ApplicationException(.invalidTransform, description)
        case .undecodable, .invalid: ApplicationException(.protocolError, description)
        // Of Apache's numbers the only one that is about who calls.
        case .denied, .tlsRequired: ApplicationException(.unsupportedClientType, description)
        case .overloaded: ApplicationException(.internalError, description)
        }
    }
}
