//! What hostile clients send: valid calls spoiled, and the fuzzer's corpus, which has calls of every method in every
//! protocol.

internal import Foundation

enum HostileMessages {
    /// The folders of the corpus whose files a connection may begin with.
    static let wires = ["msgpack", "thrift", "thrift-framed", "thrift-compact", "thrift-compact-framed"]

    private static let corpus = Surroundings.root.appending(path: "Tests/FuzzTests/Corpus")

    static func file(_ name: String, _ wire: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: corpus.appending(path: wire).appending(path: name)))
    }

    /// The valid calls to spoil: two, or one of every method.
    static func calls(_ wire: String) throws -> [[UInt8]] {
        let names = [
            "put", "multi-get", "ping", "get", "remove", "multi-put", "multi-remove", "increment", "touch", "scan",
        ]
        return try names.prefix(Surroundings.isFullScale ? names.count : 2).map { try file($0, wire) }
    }

    /// A call of `get` whose request goes 10,000 levels deep.
    static func deep(_ wire: String) -> [UInt8] {
        func levels(_ level: [UInt8]) -> [UInt8] { Array(repeating: level, count: 10_000).flatMap(\.self) }
        let get = Array("get".utf8)
        let strict: [UInt8] = [0x80, 0x01, 0x00, 0x01, 0, 0, 0, 3] + get + [0, 0, 0, 7] + levels([0x0c, 0x00, 0x01])
        let compact: [UInt8] = [0x82, 0x21, 0x07, 0x03] + get + levels([0x1c])
        return switch wire {
        case "msgpack": [0x94, 0x00, 0x07, 0xa3] + get + [0x91, 0x81, 0xa1, 0x78] + levels([0x91])
        case "thrift": strict
        case "thrift-framed": framed(strict)
        case "thrift-compact": compact
        default: framed(compact)
        }
    }

    /// The head of a call whose request announces more than any limit allows, and nothing of it.
    static func endless(_ wire: String) throws -> [UInt8] {
        guard wire.hasSuffix("framed") else { return try file("length-2-31", wire) }
        return [0x7f, 0xff, 0xff, 0xff] + (try file("get", wire)).dropFirst(4)
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (24 - 8 * $0)) } + message
    }
}
