//! A call's bytes, and an answer's meaning, in each format. Inlinable, so that the compiler makes a version for each method
//! where the generated client is: bytes are not written and read through witness tables.

public import NIOCore
public import NeedletailWire

/// The bytes of a call.
/// - Parameters:
///   - name: the method's, or `Service:method` for a server that multiplexes.
///   - metadata: what a header says, where the wire has one.
@inlinable
package func encodeCall<Method: RPCMethod>(
    _ wire: RPCWire, id: UInt32, _ method: Method.Type, _ arguments: Method.Arguments,
    named name: StaticString = Method.name, metadata: CallMetadata = CallMetadata()
) -> ByteBuffer {
    var bytes = ByteWriter(into: ByteBuffer())
    let start = bytes.mark
    if wire.framing == .framed { bytes.store(0 as UInt32) }
    switch wire.format {
    case .messagePack:
        var writer = MessagePackWriter(bytes)
        writeCall(id, method, name, arguments, &writer)
        bytes = writer.finish()
    case .thriftBinary:
        var writer = ThriftBinaryWriter(bytes)
        writeCall(id, method, name, arguments, &writer)
        bytes = writer.finish()
    case .thriftCompact:
        var writer = ThriftCompactWriter(bytes)
        writeCall(id, method, name, arguments, &writer)
        bytes = writer.finish()
    }
    if wire.framing == .framed { bytes.patch(at: start, bigEndian: UInt32(truncatingIfNeeded: bytes.byteCount - 4)) }
    switch wire.framing {
    case .unframed, .framed: return bytes.finish()
    case .theader, .ttheader: return encodeHeader(wire, id: id, metadata, bytes.finish())
    }
}

@inlinable
func writeCall<Method: RPCMethod, Writer: MessageWriter & ~Copyable>(
    _ id: UInt32, _ method: Method.Type, _ name: StaticString, _ arguments: Method.Arguments, _ writer: inout Writer
) {
    writer.beginCall(id, name, isOneway: Method.isOneway)
    arguments.encode(arguments: &writer)
}

/// The notification that nobody waits for the answer to call `id` any more (MessagePack-RPC).
func encodeCancel(_ id: UInt32) -> ByteBuffer {
    var writer = MessagePackWriter(ByteWriter(into: ByteBuffer(), minimumCapacity: 64))
    writer.beginCall(0, "$cancel", isOneway: true)
    writer.writeArrayHeader(1)
    writer.writeUInt64(UInt64(id))
    return writer.finish().finish()
}

/// The result in `answer`, a whole message without a frame.
@inlinable
package func decodeAnswer<Method: RPCMethod>(
    _ answer: ByteBuffer, _ format: RPCFormat, _ method: Method.Type
) throws(CallFailure<Method.Failure>) -> Method.Result {
    let outcome: Result<Method.Result, CallFailure<Method.Failure>>
    do throws(WireError) {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(answer, budget: clientBudget)
            _ = try reader.readEnvelope()
            outcome = try decodeMessagePack(method, &reader)
        case .thriftBinary:
            var reader = ThriftBinaryReader(answer, budget: clientBudget)
            outcome = try decodeThrift(method, try reader.readHead().kind, &reader)
        case .thriftCompact:
            var reader = ThriftCompactReader(answer, budget: clientBudget)
            outcome = try decodeThrift(method, try reader.readHead().kind, &reader)
        }
    } catch {
        throw .call(.undecodable(error))
    }
    return try outcome.get()
}

/// An answer may hold as many elements as fit its bytes; their memory is bounded by the answer's size.
@usableFromInline let clientBudget = WireBudget(depth: 64, count: Int(Int32.max))

@usableFromInline let resultFields = FieldTable(("success", 0))

@inlinable
func decodeThrift<Method: RPCMethod, Reader: WireReader & ~Copyable & ~Escapable>(
    _ method: Method.Type, _ kind: ThriftMessageKind, _ reader: inout Reader
) throws(WireError) -> Result<Method.Result, CallFailure<Method.Failure>> {
    if kind == .exception { return .failure(.call(.refused(try ApplicationException(from: &reader)))) }
    var scope = try reader.beginStruct()
    while let field = try reader.nextField(&scope, in: resultFields) {
        if field.id == 0, field.holds(Method.Result.wireType), Method.Result.self != NoResult.self {
            return .success(try Method.Result(from: &reader))
        }
        if field.id != 0, field.holds(.structure), let failure = try Method.readFailure(field.id, from: &reader) {
            return .failure(.exception(failure))
        }
        try reader.skip(field)
    }
    if let nothing = NoResult() as? Method.Result { return .success(nothing) }
    return .failure(.call(.refused(ApplicationException(.missingResult, "the answer has no result"))))
}

/// An exception is its map; or, where the method declares several, a map of one pair, from its name to its map. A call
/// that did not reach its method is answered with a map, too, whose `message` tells why; by other servers with anything
/// (`readRefusal`).
@inlinable
func decodeMessagePack<Method: RPCMethod>(
    _ method: Method.Type, _ reader: inout MessagePackReader
) throws(WireError) -> Result<Method.Result, CallFailure<Method.Failure>> {
    if try reader.readNil() {
        if let nothing = NoResult() as? Method.Result { return .success(nothing) }
        return .success(try Method.Result(from: &reader))
    }
    let start = reader.offset
    do throws(WireError) {
        if let failure = try readException(method, &reader) { return .failure(.exception(failure)) }
    } catch {
        if error == .truncated { throw error }
    }
    reader.restart(at: start)
    return .failure(.call(.refused(try readRefusal(&reader))))
}

@inlinable
func readException<Method: RPCMethod>(
    _ method: Method.Type, _ reader: inout MessagePackReader
) throws(WireError) -> Method.Failure? {
    if let only = method.exceptions.only { return try Method.readFailure(only, from: &reader) }
    var scope = try reader.beginStruct()
    guard let field = try reader.nextField(&scope, in: method.exceptions) else { return nil }
    return try Method.readFailure(field.id, from: &reader)
}

private let refusalFields = FieldTable(("code", 1), ("message", 2))

/// An error that is no exception of the method: MessagePack-RPC leaves its form to the server. It is a map with a
/// `message`, the message itself, or an array whose last text is the message. Any other one is passed over: that the call
/// failed is known without it.
@usableFromInline
func readRefusal(_ reader: inout MessagePackReader) throws(WireError) -> ApplicationException {
    var message: String?
    do throws(WireError) {
        switch try reader.cursor.peekByte() {
        case 0x80...0x8f, 0xde...0xdf:
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: refusalFields) {
                let text = try readText(&reader)
                if field.id == 2 { message = text }
            }
        case 0x90...0x9f, 0xdc...0xdd:
            let count = try reader.readArrayHeader()
            for _ in 0..<count {
                if let text = try readText(&reader) { message = text }
            }
        default: message = try readText(&reader)
        }
    } catch {
        if error == .truncated { throw error }
    }
    return ApplicationException(.unknown, message ?? "an error of an unknown form")
}

/// The next value if it is str or bin, with what is no UTF-8 replaced; another one is passed over.
private func readText(_ reader: inout MessagePackReader) throws(WireError) -> String? {
    switch try reader.cursor.peekByte() {
    case 0xa0...0xbf, 0xc4...0xc6, 0xd9...0xdb: return String(buffer: try reader.readBinary())
    default:
        try reader.skipValue()
        return nil
    }
}
