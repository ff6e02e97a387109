//! The formats as values, so that one test runs over all of them.

import NIOCore
import NeedletailWire

/// A way to write a struct.
enum WireFormat: CaseIterable, Sendable {
    case binary
    case compact
    case messagePackByNames
    case messagePackByIDs
}

/// A value and where its bytes ended.
struct Decoded<Value> {
    var value: Value
    var end: Int
}

extension Decoded: Equatable where Value: Equatable {}

extension WireFormat {
    func encode(_ value: some WireStruct) -> [UInt8] {
        switch self {
        case .binary:
            var writer = ThriftBinaryWriter(newWriter())
            value.encode(to: &writer)
            return Array(buffer: writer.finish().finish())
        case .compact:
            var writer = ThriftCompactWriter(newWriter())
            value.encode(to: &writer)
            return Array(buffer: writer.finish().finish())
        case .messagePackByNames, .messagePackByIDs:
            var writer = MessagePackWriter(newWriter(), keys: self == .messagePackByIDs ? .ids : .names)
            value.encode(to: &writer)
            return Array(buffer: writer.finish().finish())
        }
    }

    func decode<Value: WireStruct>(
        _ type: Value.Type, from bytes: [UInt8], budget: WireBudget = .standard
    ) throws(WireError) -> Decoded<Value> {
        let message = message(bytes)
        switch self {
        case .binary:
            var reader = ThriftBinaryReader(message, budget: budget)
            let value = try Value(from: &reader)
            return Decoded(value: value, end: reader.cursor.offset)
        case .compact:
            var reader = ThriftCompactReader(message, budget: budget)
            let value = try Value(from: &reader)
            return Decoded(value: value, end: reader.cursor.offset)
        case .messagePackByNames, .messagePackByIDs:
            var reader = MessagePackReader(message, budget: budget)
            let value = try Value(from: &reader)
            return Decoded(value: value, end: reader.cursor.offset)
        }
    }

    /// Where a struct ends, found by passing over it.
    func skip(_ bytes: [UInt8], budget: WireBudget = .standard) throws(WireError) -> Int {
        let message = message(bytes)
        let field = FieldHeader(id: 0, type: .structure)
        switch self {
        case .binary:
            var reader = ThriftBinaryReader(message, budget: budget)
            try reader.skip(field)
            return reader.cursor.offset
        case .compact:
            var reader = ThriftCompactReader(message, budget: budget)
            try reader.skip(field)
            return reader.cursor.offset
        case .messagePackByNames, .messagePackByIDs:
            var reader = MessagePackReader(message, budget: budget)
            try reader.skip(field)
            return reader.cursor.offset
        }
    }
}
