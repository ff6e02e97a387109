//! A call's bytes, and an answer's meaning, in each format.

package import NIOCore
package import NeedletailWire

/// The bytes of a call.
package func encodeCall<Request: WireStruct>(
    _ wire: RPCWire, id: UInt32, _ method: StaticString, _ request: Request?
) -> ByteBuffer {
    let name = Array(method.description.utf8)
    var bytes = ByteWriter(into: ByteBuffer())
    let start = bytes.mark
    if wire.isFramed { bytes.store(0 as UInt32) }
    switch wire.format {
    case .messagePack:
        var writer = MessagePackWriter(bytes)
        writer.writeArrayHeader(4)
        writer.writeUInt64(UInt64(MessagePackEnvelope.Kind.request.rawValue))
        writer.writeUInt64(UInt64(id))
        writer.writeStringHeader(name.count)
        writer.bytes.store(method)
        writer.writeArrayHeader(request == nil ? 0 : 1)
        request?.encode(to: &writer)
        bytes = writer.finish()
    case .thriftBinary:
        var writer = ThriftBinaryWriter(bytes)
        writer.writeHead(.call, name: unsafe name.span.bytes, sequenceID: Int32(bitPattern: id))
        encodeArguments(request, &writer)
        bytes = writer.finish()
    case .thriftCompact:
        var writer = ThriftCompactWriter(bytes)
        writer.writeHead(.call, name: unsafe name.span.bytes, sequenceID: Int32(bitPattern: id))
        encodeArguments(request, &writer)
        bytes = writer.finish()
    }
    if wire.isFramed { bytes.patch(at: start, bigEndian: UInt32(truncatingIfNeeded: bytes.byteCount - 4)) }
    return bytes.finish()
}

private func encodeArguments<Request: WireStruct, Writer: WireWriter & ~Copyable>(
    _ request: Request?, _ writer: inout Writer
) {
    var scope = writer.beginStruct(fieldCount: request == nil ? 0 : 1)
    if let request {
        writer.field(&scope, 1, "request", .structure)
        request.encode(to: &writer)
    }
    writer.endStruct()
}

/// The result in `answer`.
/// - Throws: `Failure` where the answer is one, else `RPCClientError`.
package func decodeAnswer<Response: WireStruct, Failure: WireStruct & Error>(
    _ answer: ByteBuffer, _ format: RPCFormat, _ response: Response.Type, _ failure: Failure.Type
) throws -> Response {
    let outcome: Result<Response, any Error>
    do throws(WireError) {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(answer, budget: clientBudget)
            _ = try reader.readEnvelope()
            outcome =
                if try reader.readNil() { .success(try Response(from: &reader)) } else {
                    .failure(try Failure(from: &reader))
                }
        case .thriftBinary:
            var reader = ThriftBinaryReader(answer, budget: clientBudget)
            outcome = try decodeResult(try reader.readHead().kind, &reader, response, failure)
        case .thriftCompact:
            var reader = ThriftCompactReader(answer, budget: clientBudget)
            outcome = try decodeResult(try reader.readHead().kind, &reader, response, failure)
        }
    } catch {
        throw RPCClientError.undecodable(error)
    }
    return try outcome.get()
}

/// An answer may hold as many elements as fit its bytes; their memory is bounded by the answer's size.
private let clientBudget = WireBudget(depth: 64, count: Int(Int32.max))

private let resultFields = FieldTable(("success", 0), ("error", 1))

private func decodeResult<
    Reader: WireReader & ~Copyable & ~Escapable, Response: WireStruct, Failure: WireStruct & Error
>(
    _ kind: ThriftMessageKind, _ reader: inout Reader, _ response: Response.Type, _ failure: Failure.Type
) throws(WireError) -> Result<Response, any Error> {
    if kind == .exception { return .failure(RPCClientError.refused(try ApplicationException(from: &reader))) }
    var scope = try reader.beginStruct()
    while let field = try reader.nextField(&scope, in: resultFields) {
        switch field.id {
        case 0: return .success(try Response(from: &reader))
        case 1: return .failure(try Failure(from: &reader))
        default: try reader.skip(field)
        }
    }
    return .failure(RPCClientError.refused(ApplicationException(.missingResult, "the answer has no result")))
}
