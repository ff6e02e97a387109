//! The service's answers, by the project's own writers.

internal import NIOCore
internal import NeedletailWire
internal import StorageAPI

/// Which of the service's formats an answer is in.
enum AnswerFormat: CaseIterable {
    case messagePack
    case thriftBinary
    case thriftFramed
    case thriftCompact

    /// A call that succeeded.
    func success(id: UInt32 = 1, _ method: String, _ response: some WireStruct) -> [UInt8] {
        reply(id: id, method, .reply, field: 0, response)
    }

    /// A call that failed as the IDL declares it.
    func failure(id: UInt32 = 1, _ method: String) -> [UInt8] {
        let error = StorageError(
            code: .overloaded, message: "too many calls", effect: .notExecuted, retryAfterMillis: 20)
        return reply(id: id, method, .reply, field: 1, error)
    }

    /// A call that did not reach its method. MessagePack has no other errors than those declared.
    func exception(_ method: String) -> [UInt8] {
        let exception = ApplicationException(.protocolError, "a field is missing")
        return self == .messagePack ? failure(method) : reply(id: 1, method, .exception, field: nil, exception)
    }

    private func reply(
        id: UInt32, _ method: String, _ kind: ThriftMessageKind, field: Int16?, _ body: some WireStruct
    ) -> [UInt8] {
        let bytes = ByteWriter(into: ByteBuffer())
        let name = Array(method.utf8)
        switch self {
        case .messagePack:
            var writer = MessagePackWriter(bytes)
            writer.writeArrayHeader(4)
            writer.writeUInt64(1)
            writer.writeUInt64(UInt64(id))
            if field == 0 { writer.writeNil() }
            body.encode(to: &writer)
            if field != 0 { writer.writeNil() }
            return Array(writer.finish().finish().readableBytesView)
        case .thriftBinary, .thriftFramed:
            var writer = ThriftBinaryWriter(bytes)
            writer.writeHead(kind, name: unsafe name.span.bytes, sequenceID: 1)
            Self.write(body, field, to: &writer)
            let message = Array(writer.finish().finish().readableBytesView)
            guard self == .thriftFramed else { return message }
            return (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (24 - $0 * 8)) } + message
        case .thriftCompact:
            var writer = ThriftCompactWriter(bytes)
            writer.writeHead(kind, name: unsafe name.span.bytes, sequenceID: 1)
            Self.write(body, field, to: &writer)
            return Array(writer.finish().finish().readableBytesView)
        }
    }

    private static func write<Writer: WireWriter & ~Copyable>(
        _ body: some WireStruct, _ field: Int16?, to writer: inout Writer
    ) {
        guard let field else { return body.encode(to: &writer) }
        var scope = writer.beginStruct(fieldCount: 1)
        writer.field(&scope, field, "result", .structure)
        body.encode(to: &writer)
        writer.endStruct()
    }
}

/// An answer to multiGet as the service writes it: in MessagePack, nil where there is no value.
struct MultiGetAnswer: WireStruct {
    let values: [[UInt8]?]

    init(_ values: [[UInt8]?]) { self.values = values }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        preconditionFailure("is only written")
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 3)
        writer.field(&scope, 1, "values", .list)
        writer.beginList(of: .binary, count: values.count)
        for value in values {
            if let value { writer.write(ByteBuffer(bytes: value)) } else { writer.writeAbsentBinary() }
        }
        writer.field(&scope, 2, "statuses", .binary)
        writer.write(ByteBuffer(bytes: values.map { $0 == nil ? UInt8(2) : 1 }))
        writer.field(&scope, 4, "complete", .bool)
        writer.write(true)
        writer.endStruct()
    }
}
