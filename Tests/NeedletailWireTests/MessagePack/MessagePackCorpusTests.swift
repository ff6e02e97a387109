//! The public corpus `msgpack-test-suite` (its licence lies beside it): 85 values in 233 encodings.

import Foundation
import NIOCore
import NeedletailWire
import Testing

/// A JSON value; the corpus' objects have at most one key, so order is of no consequence.
private enum JSONValue: Decodable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Int64? { if case .int(let number) = self { number } else { nil } }
    var list: [JSONValue] { if case .array(let list) = self { list } else { [] } }

    /// The value where the corpus writes it as plain JSON.
    var plain: MessagePackValue {
        switch self {
        case .null: .nil
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .double(let value): .double(value)
        case .string(let text): .text(text)
        case .array(let values): .array(values.map(\.plain))
        case .object(let members): .map(members.map { MessagePackPair(key: .text($0.key), value: $0.value.plain) })
        }
    }
}

/// A value and all its encodings.
private struct CorpusEntry {
    var value: MessagePackValue
    var encodings: [[UInt8]]

    init(_ entry: [String: JSONValue]) throws {
        encodings = try #require(entry["msgpack"]).list.compactMap { $0.text.map(hex) }
        if let text = entry["bignum"]?.text {
            value = try Int64(text).map { .int($0) } ?? .uint(#require(UInt64(text)))
        } else if let text = entry["binary"]?.text {
            value = .bytes(hex(text))
        } else if let time = entry["timestamp"]?.list {
            let (seconds, nanoseconds) = (try #require(time[0].number), try #require(time[1].number))
            value = .timestamp(MessagePackTimestamp(seconds: seconds, nanoseconds: UInt32(nanoseconds)))
        } else if let ext = entry["ext"]?.list {
            let (type, content) = (try #require(ext[0].number), try #require(ext[1].text))
            value = .ext(type: Int8(type), ByteBuffer(bytes: hex(content)))
        } else {
            value = try #require(entry.first { $0.key != "msgpack" }).value.plain
        }
    }
}

@Suite struct MessagePackCorpusTests {
    private func corpus() throws -> [CorpusEntry] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Corpus/msgpack-test-suite.json"))
        let groups = try JSONDecoder().decode([String: [[String: JSONValue]]].self, from: data)
        return try groups.sorted { $0.key < $1.key }.flatMap { try $0.value.map(CorpusEntry.init) }
    }

    /// Equal, or the same number as a float.
    private func matches(_ found: MessagePackValue, _ expected: MessagePackValue) -> Bool {
        let number: Double
        switch found {
        case .float(let value): number = Double(value)
        case .double(let value): number = value
        default: return found == expected
        }
        return switch expected {
        case .int(let value): Double(value) == number
        case .uint(let value): Double(value) == number
        case .double(let value): value == number
        default: false
        }
    }

    @Test func everyEncodingDecodesToTheValue() throws {
        let corpus = try corpus()
        #expect(corpus.count == 85)
        #expect(corpus.map(\.encodings.count).reduce(0, +) == 233)
        for entry in corpus {
            for encoding in entry.encodings {
                let found = try readMessagePack(encoding)
                #expect(matches(found.value, entry.value), "\(encoding.hex)")
                #expect(found.end == encoding.count)
                #expect(try skipMessagePack(encoding) == encoding.count)
            }
        }
    }

    @Test func everyEncodingCutOffIsTruncated() throws {
        for encoding in try corpus().flatMap(\.encodings) {
            for count in 0..<encoding.count {
                let piece = Array(encoding[..<count])
                #expect(wireError { () throws(WireError) in try readMessagePack(piece) } == .truncated)
                #expect(wireError { () throws(WireError) in try skipMessagePack(piece) } == .truncated)
            }
        }
    }

    @Test func theShortestEncodingIsWritten() throws {
        for entry in try corpus() {
            // A whole number as a float may be shorter; it is written as what it is.
            let exact = entry.encodings.filter { $0.first != 0xca && $0.first != 0xcb }
            let shortest = exact.map(\.count).min()
            for encoding in entry.encodings {
                let value = try readMessagePack(encoding).value
                let written = writeMessagePack(value)
                #expect(entry.encodings.contains(written), "\(written.hex)")
                #expect(written.count == (value.isFloat ? encoding.count : shortest), "\(written.hex)")
            }
        }
    }
}
