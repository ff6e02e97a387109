public import NeedletailWire

extension MessagePackWriter: MessageWriter {
    @inlinable
    public static var format: RPCFormat { .messagePack }

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
    /// `PERMISSION_DENIED`: what a call is to which an interceptor said no.
    private static var permissionDenied: Int32 { 8 }
    /// `UNAUTHENTICATED`: one that came in plaintext where TLS is required.
    private static var unauthenticated: Int32 { 7 }
    /// `OVERLOADED`: one that was shed.
    private static var overloaded: Int32 { 3 }
    /// `CANCELLED` and `UNKNOWN`: what a cancelled one is.
    private static var cancelled: Int32 { 12 }
    private static var unknown: Int32 { 3 }

    @inlinable
    public mutating func beginCall(_ id: UInt32, _ method: StaticString, isOneway: Bool) {
        writeArrayHeader(isOneway ? 3 : 4)
        writeUInt64(
            UInt64(
                isOneway ? MessagePackEnvelope.Kind.notification.rawValue : MessagePackEnvelope.Kind.request.rawValue))
        if !isOneway { writeUInt64(UInt64(id)) }
        writeStringHeader(method.utf8CodeUnitCount)
        bytes.store(method)
    }

    @inlinable
    public mutating func beginArguments(count: Int) -> StructScope {
        writeArrayHeader(count)
        return StructScope()
    }

    @inlinable
    public mutating func argument(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {}

    @inlinable
    public mutating func absentArgument() { writeNil() }

    @inlinable
    public mutating func endArguments() {}

    @inlinable
    mutating func beginAnswer(_ id: UInt32) {
        writeArrayHeader(4)
        writeUInt64(Self.response)
        writeUInt64(UInt64(id))
    }

    @inlinable
    public mutating func beginResult(_ head: AnswerHead, _ type: WireType) {
        keys = head.keys
        beginAnswer(head.id)
        writeNil()
    }

    @inlinable
    public mutating func endResult() {}

    @inlinable
    public mutating func writeNoResult(_ head: AnswerHead) {
        beginAnswer(head.id)
        writeNil()
        writeNil()
    }

    @inlinable
    public mutating func beginError(_ head: AnswerHead, _ id: Int16, _ name: StaticString, isOnly: Bool) {
        keys = .names
        beginAnswer(head.id)
        if isOnly { return }
        var scope = beginStruct(fieldCount: 1)
        field(&scope, id, name, .structure)
    }

    @inlinable
    public mutating func endError() { writeNil() }

    public mutating func refuse(_ head: borrowing CallHead, _ refusal: CallRefusal) {
        let code =
            switch refusal {
            case .denied: Self.permissionDenied
            case .tlsRequired: Self.unauthenticated
            case .overloaded: Self.overloaded
            case .unknownMethod, .undecodable, .invalid: Self.invalidArgument
            }
        var retryAfterMillis: Int32?
        if case .overloaded(let reason) = refusal { retryAfterMillis = reason.retryAfterMillis }
        writeError(head.id, code: code, refusal.description, effect: Self.notExecuted, retryAfterMillis)
    }

    /// The whole answer to a call that its client cancelled.
    mutating func writeCancelled(_ id: UInt32) {
        writeError(id, code: Self.cancelled, "the call was cancelled", effect: Self.unknown)
    }

    private mutating func writeError(
        _ id: UInt32, code: Int32, _ message: String, effect: Int32, _ retryAfterMillis: Int32? = nil
    ) {
        keys = .names
        beginAnswer(id)
        var scope = beginStruct(fieldCount: retryAfterMillis == nil ? 3 : 4)
        field(&scope, 1, "code", .int32)
        write(code)
        field(&scope, 2, "message", .binary)
        write(message)
        field(&scope, 3, "effect", .int32)
        write(effect)
        if let retryAfterMillis {
            field(&scope, 4, "retryAfterMillis", .int32)
            write(retryAfterMillis)
        }
        endStruct()
        endError()
    }
}
