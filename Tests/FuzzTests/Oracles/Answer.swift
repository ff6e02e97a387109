//! What a server wrote, read back by our own readers and held against the protocol: `[1, id, error, result]` with one of
//! the two nil, or a Thrift reply with exactly one field (0 the result, 1 a `StorageError`), or an application exception.

import NIOCore
import NeedletailWire
import StorageAPI

@testable import NeedletailRPC

struct Answer: Equatable {
    enum Kind: Equatable {
        case result
        case error
        case exception
    }

    var id: UInt32
    var kind: Kind
    /// The message, without its frame.
    var bytes: ByteBuffer

    /// Whether two runs answered alike, but for what the last answer, a refusal, gives as its reason.
    static func areSameButForTheLastReason(_ left: [Answer], _ right: [Answer]) -> Bool {
        guard left.dropLast() == right.dropLast(), let left = left.last, let right = right.last else { return false }
        return left.id == right.id && left.kind == right.kind && left.kind != .result
    }

    /// All answers of a stream.
    /// - Throws: `OracleFailure` where the bytes are none, or the stream ends within one.
    static func readAll(_ stream: ByteBuffer, _ wire: RPCWire) throws -> [Answer] {
        var stream = stream
        var answers: [Answer] = []
        while stream.readableBytes > 0 {
            var message = stream
            var format = wire.format
            if wire.framing != .unframed {
                guard let frame = stream.readLengthPrefixedSlice(as: UInt32.self) else {
                    throw OracleFailure("a frame that is cut off")
                }
                message = frame
            }
            do throws(WireError) {
                if wire.framing == .theader || wire.framing == .ttheader {
                    // Which protocol is behind it, each header says for itself.
                    let headed = try HeaderAnswer(message, wire.framing, sizeMax: FuzzConnection.answerSizeMax * 2)
                    (format, message) = (headed.format, headed.message)
                }
                let (head, end) = try read(message, format)
                if wire.framing != .unframed {
                    guard end == message.readableBytes else { throw WireError.badMessage("bytes behind the message") }
                } else {
                    stream.moveReaderIndex(forwardBy: end)
                }
                guard end <= FuzzConnection.answerSizeMax + answerSlack else {
                    throw .sizeOverLimit(size: end, limit: FuzzConnection.answerSizeMax)
                }
                let bytes = message.getSlice(at: message.readerIndex, length: end)
                answers.append(Answer(id: head.id, kind: head.kind, bytes: bytes ?? ByteBuffer()))
            } catch {
                throw OracleFailure("no answer: \(error): \(message.hexDump(format: .plain(maxBytes: 256)))")
            }
        }
        return answers
    }

    /// What an answer has besides the values that count against its limit: envelope, field heads, statuses, versions.
    private static let answerSlack = 2 << 10
    private static let budget = WireBudget(depth: 64, count: FuzzConnection.answerSizeMax)

    /// The head of the answer that `message` begins with, and where it ends.
    private static func read(
        _ message: ByteBuffer, _ format: RPCFormat
    ) throws(WireError) -> (head: (id: UInt32, kind: Kind), end: Int) {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message, budget: budget)
            let envelope = try reader.readEnvelope()
            guard envelope.kind == .response else { throw .badMessage("no response") }
            let isError = try !reader.readNil()
            if isError {
                _ = try StorageError(from: &reader)
                guard try reader.readNil() else { throw .badMessage("an error and a result") }
            } else {
                if try reader.readNil() { throw .badMessage("neither an error nor a result") }
                _ = try reader.readValue()
            }
            return ((envelope.id, isError ? .error : .result), reader.cursor.offset)
        case .thriftBinary:
            var reader = ThriftBinaryReader(message, budget: budget)
            let head = try reader.readHead()
            let id = UInt32(bitPattern: head.sequenceID)
            return ((id, try readBody(head.kind, &reader)), reader.cursor.offset)
        case .thriftCompact:
            var reader = ThriftCompactReader(message, budget: budget)
            let head = try reader.readHead()
            let id = UInt32(bitPattern: head.sequenceID)
            return ((id, try readBody(head.kind, &reader)), reader.cursor.offset)
        }
    }

    private static let fields = FieldTable(("success", 0), ("error", 1))

    private static func readBody<Reader: ThriftWalker & ~Copyable & ~Escapable>(
        _ kind: ThriftMessageKind, _ reader: inout Reader
    ) throws(WireError) -> Kind {
        if kind == .exception {
            let exception = try ApplicationException(from: &reader)
            guard exception.kind != nil, !exception.message.isEmpty else { throw .badMessage("an empty exception") }
            return .exception
        }
        guard kind == .reply else { throw .badMessage("neither a reply nor an exception") }
        var scope = try reader.beginStruct()
        var result: Kind?
        while let field = try reader.nextField(&scope, in: fields) {
            guard result == nil else { throw .badMessage("a reply with two fields") }
            switch field.id {
            case 0:
                try reader.walk(field.type, depthLimit: budget.depth)
                result = .result
            case 1:
                _ = try StorageError(from: &reader)
                result = .error
            default: throw .badMessage("a reply with field \(field.id)")
            }
        }
        guard let result else { throw .badMessage("an empty reply") }
        return result
    }
}
