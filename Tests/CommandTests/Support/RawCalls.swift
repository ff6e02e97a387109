//! Calls as bytes, written by hand, and answers taken apart: just enough of MessagePack-RPC and framed Thrift (strict
//! binary) to load a server with puts and to see every byte that comes back.

enum RawProtocol: String, CaseIterable, Sendable {
    case messagePack
    case framedThrift

    /// A put of `value` under `key`.
    func put(id: Int, key: String, value: [UInt8]) -> [UInt8] {
        let (key, idBytes) = (Array(key.utf8), Self.bigEndian(id, 4))
        switch self {
        case .messagePack:
            return [0x94, 0x00, 0xCE] + idBytes + Self.packed("put") + [0x91, 0x82]
                + Self.packed("key") + [0xC5] + Self.bigEndian(key.count, 2) + key
                + Self.packed("value") + [0xC5] + Self.bigEndian(value.count, 2) + value
        case .framedThrift:
            let name = Array("put".utf8)
            let message =
                [0x80, 0x01, 0x00, 0x01] + Self.bigEndian(name.count, 4) + name + idBytes  // a call
                + [0x0C, 0x00, 0x01]  // the request
                + [0x0B, 0x00, 0x01] + Self.bigEndian(key.count, 4) + key
                + [0x0B, 0x00, 0x02] + Self.bigEndian(value.count, 4) + value
                + [0x00, 0x00]
            return Self.bigEndian(message.count, 4) + message
        }
    }

    /// A put that is `size` bytes long on the wire.
    func put(id: Int, size: Int) -> [UInt8] {
        let bare = put(id: id, key: "k\(id % 100)", value: []).count
        precondition(size >= bare, "a put takes \(bare) bytes")
        return put(id: id, key: "k\(id % 100)", value: Array(repeating: 0x78, count: size - bare))
    }

    private static func packed(_ name: String) -> [UInt8] { [0xA0 | UInt8(name.utf8.count)] + Array(name.utf8) }

    private static func bigEndian(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// Takes a stream of answers apart as it comes.
struct AnswerStream {
    let wire: RawProtocol
    /// The ids of the answers so far.
    private(set) var ids: [Int] = []
    /// Answers that are errors.
    private(set) var errorCount = 0
    /// The beginning of an answer whose end has not come.
    private(set) var rest: [UInt8] = []

    init(_ wire: RawProtocol) { self.wire = wire }

    /// - Throws: `TestFailure` where the bytes are no answers.
    mutating func add(_ bytes: [UInt8]) throws {
        rest += bytes
        var cursor = ByteCursor(rest)
        var whole = 0
        while let (id, isError) = try next(&cursor) {
            ids.append(id)
            errorCount += isError ? 1 : 0
            whole = cursor.position
        }
        rest.removeFirst(whole)
    }

    private func next(_ cursor: inout ByteCursor) throws -> (id: Int, isError: Bool)? {
        do {
            return try wire == .messagePack ? nextMessagePack(&cursor) : nextThrift(&cursor)
        } catch is ByteCursor.End {
            return nil
        }
    }

    private func nextMessagePack(_ cursor: inout ByteCursor) throws -> (id: Int, isError: Bool) {
        guard try cursor.byte() == 0x94, try cursor.byte() == 0x01 else { throw TestFailure("no response array") }
        guard let id = try cursor.messagePackValue() else { throw TestFailure("the id is no number") }
        let isError = try cursor.peek() != 0xC0
        _ = try cursor.messagePackValue()
        _ = try cursor.messagePackValue()
        return (id, isError)
    }

    private func nextThrift(_ cursor: inout ByteCursor) throws -> (id: Int, isError: Bool) {
        let length = try cursor.integer(4)
        var frame = ByteCursor(try cursor.bytes(length))
        do {
            let kind = try frame.integer(4)
            guard kind & ~0xFF == 0x8001_0000 else { throw TestFailure("no strict message") }
            _ = try frame.bytes(try frame.integer(4))
            let id = try frame.integer(4)
            // A reply whose result has field 0 is an answer; everything else is an exception.
            let isError = try kind & 0xFF != 2 || frame.integer(3) != 0x0C_0000
            return (id, isError)
        } catch is ByteCursor.End {
            throw TestFailure("a frame is shorter than its message")
        }
    }
}

private struct ByteCursor {
    struct End: Error {}

    private let storage: [UInt8]
    private(set) var position = 0

    init(_ storage: [UInt8]) { self.storage = storage }

    func peek() throws -> UInt8 {
        guard position < storage.count else { throw End() }
        return storage[position]
    }

    mutating func byte() throws -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard storage.count - position >= count else { throw End() }
        defer { position += count }
        return Array(storage[position..<position + count])
    }

    /// Unsigned, big-endian.
    mutating func integer(_ width: Int) throws -> Int { try bytes(width).reduce(0) { $0 << 8 | Int($1) } }

    /// Steps over a value, which it returns if it is a number that is not negative.
    @discardableResult
    mutating func messagePackValue() throws -> Int? {
        let head = try byte()
        switch head {
        case 0x00...0x7F: return Int(head)
        case 0x80...0x8F: try values(2 * Int(head & 0x0F))
        case 0x90...0x9F: try values(Int(head & 0x0F))
        case 0xA0...0xBF: _ = try bytes(Int(head & 0x1F))
        case 0xC0, 0xC2, 0xC3, 0xE0...0xFF: break
        case 0xC4...0xC6: _ = try bytes(integer(1 << Int(head - 0xC4)))
        case 0xCA: _ = try bytes(4)
        case 0xCB: _ = try bytes(8)
        case 0xCC...0xCF: return try integer(1 << Int(head - 0xCC))
        case 0xD0...0xD3: _ = try bytes(1 << Int(head - 0xD0))
        case 0xD9...0xDB: _ = try bytes(integer(1 << Int(head - 0xD9)))
        case 0xDC, 0xDD: try values(integer(head == 0xDC ? 2 : 4))
        case 0xDE, 0xDF: try values(2 * integer(head == 0xDE ? 2 : 4))
        default: throw TestFailure("an answer holds the byte \(head)")
        }
        return nil
    }

    private mutating func values(_ count: Int) throws {
        for _ in 0..<count { try messagePackValue() }
    }
}
