//! Thrift values as a tree with encoders of their own, written from the specification: a peer that shares no code with
//! the writers under test, and sends types that they never write.

import NeedletailWire

/// Any Thrift value.
indirect enum ForeignThrift {
    case bool(Bool)
    case int8(Int8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    case binary([UInt8])
    case uuid([UInt8])
    case structure([(id: Int16, value: ForeignThrift)])
    case list(WireType, [ForeignThrift])
    case set(WireType, [ForeignThrift])
    case map(WireType, WireType, [(ForeignThrift, ForeignThrift)])

    var type: WireType {
        switch self {
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .double: .double
        case .binary: .binary
        case .uuid: .uuid
        case .structure: .structure
        case .list: .list
        case .set: .set
        case .map: .map
        }
    }

    static let types: [WireType] = [
        .bool, .int8, .int16, .int32, .int64, .double, .binary, .uuid, .structure, .list, .set, .map,
    ]
}

// MARK: - Binary

extension ForeignThrift {
    var binaryBytes: [UInt8] {
        switch self {
        case .bool(let value): [value ? 1 : 0]
        case .int8(let value): .bigEndian(value)
        case .int16(let value): .bigEndian(value)
        case .int32(let value): .bigEndian(value)
        case .int64(let value): .bigEndian(value)
        case .double(let value): .bigEndian(value.bitPattern)
        case .binary(let bytes): .bigEndian(Int32(bytes.count)) + bytes
        case .uuid(let bytes): bytes
        case .structure(let fields):
            fields.flatMap { [$0.value.type.rawValue] + .bigEndian($0.id) + $0.value.binaryBytes } + [0]
        case .list(let type, let values), .set(let type, let values):
            [type.rawValue] + .bigEndian(Int32(values.count)) + values.flatMap(\.binaryBytes)
        case .map(let key, let value, let pairs):
            [key.rawValue, value.rawValue] + .bigEndian(Int32(pairs.count))
                + pairs.flatMap { $0.0.binaryBytes + $0.1.binaryBytes }
        }
    }
}

// MARK: - Compact

extension ForeignThrift {
    static func varint(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
    }

    static func zigzag(_ value: Int64) -> [UInt8] {
        varint(value < 0 ? ~(UInt64(bitPattern: value) << 1) : UInt64(value) << 1)
    }

    private static func nibble(_ type: WireType) -> UInt8 {
        switch type {
        case .bool: 2
        case .int8: 3
        case .int16: 4
        case .int32: 5
        case .int64: 6
        case .double: 7
        case .binary: 8
        case .list: 9
        case .set: 10
        case .map: 11
        case .structure: 12
        case .uuid: 13
        case .any: preconditionFailure("no type of the wire")
        }
    }

    var compactBytes: [UInt8] {
        switch self {
        case .bool(let value): [value ? 1 : 2]
        case .int8(let value): [UInt8(bitPattern: value)]
        case .int16(let value): Self.zigzag(Int64(value))
        case .int32(let value): Self.zigzag(Int64(value))
        case .int64(let value): Self.zigzag(value)
        case .double(let value): .bigEndian(value.bitPattern.byteSwapped)
        case .binary(let bytes): Self.varint(UInt64(bytes.count)) + bytes
        case .uuid(let bytes): bytes
        case .structure(let fields): Self.compactFields(fields)
        case .list(let type, let values), .set(let type, let values):
            (values.count < 15
                ? [UInt8(values.count) << 4 | Self.nibble(type)]
                : [0xf0 | Self.nibble(type)] + Self.varint(UInt64(values.count))) + values.flatMap(\.compactBytes)
        case .map(let key, let value, let pairs):
            Self.varint(UInt64(pairs.count)) + (pairs.isEmpty ? [] : [Self.nibble(key) << 4 | Self.nibble(value)])
                + pairs.flatMap { $0.0.compactBytes + $0.1.compactBytes }
        }
    }

    private static func compactFields(_ fields: [(id: Int16, value: ForeignThrift)]) -> [UInt8] {
        var bytes: [UInt8] = []
        var last = 0
        for (id, value) in fields {
            var type = nibble(value.type)
            if case .bool(true) = value { type = 1 }
            let delta = Int(id) - last
            bytes += 1...15 ~= delta ? [UInt8(delta) << 4 | type] : [type] + zigzag(Int64(id))
            if value.type != .bool { bytes += value.compactBytes }
            last = Int(id)
        }
        return bytes + [0]
    }
}

// MARK: - Random values

extension ForeignThrift {
    static func random(_ type: WireType, _ generator: inout SeededGenerator, depth: Int) -> ForeignThrift {
        switch type {
        case .bool: return .bool(generator.below(2) == 0)
        case .int8: return .int8(Int8(truncatingIfNeeded: generator.integer()))
        case .int16: return .int16(Int16(truncatingIfNeeded: generator.integer()))
        case .int32: return .int32(Int32(truncatingIfNeeded: generator.integer()))
        case .int64: return .int64(generator.integer())
        case .double: return .double(Double(generator.integer()))
        case .uuid: return .uuid(generator.bytes(16))
        case .structure: return .structure(fields(&generator, depth: depth))
        case .list: return .list(of: elementType(&generator, depth), &generator, depth: depth)
        case .set:
            let element = elementType(&generator, depth)
            return .set(element, elements(element, &generator, depth: depth))
        case .map:
            let (key, value) = (elementType(&generator, depth), elementType(&generator, depth))
            return .map(
                key, value,
                Array(
                    zip(elements(key, &generator, depth: depth), elements(value, &generator, depth: depth))))
        case .binary, .any: return .binary(generator.bytes(generator.below(40)))
        }
    }

    /// Fields with ids in any order, near and far, negative ones too.
    static func fields(
        _ generator: inout SeededGenerator, depth: Int
    ) -> [(id: Int16, value: ForeignThrift)] {
        (0..<generator.below(6)).map { _ in
            let type = elementType(&generator, depth)
            return (Int16(truncatingIfNeeded: generator.integer()), random(type, &generator, depth: depth - 1))
        }
    }

    private static func list(
        of element: WireType, _ generator: inout SeededGenerator, depth: Int
    ) -> ForeignThrift {
        .list(element, elements(element, &generator, depth: depth))
    }

    private static func elements(
        _ type: WireType, _ generator: inout SeededGenerator, depth: Int
    ) -> [ForeignThrift] {
        (0..<generator.below(depth > 2 ? 5 : 20)).map { _ in random(type, &generator, depth: depth - 1) }
    }

    /// Containers while there is depth left.
    private static func elementType(_ generator: inout SeededGenerator, _ depth: Int) -> WireType {
        types[generator.below(depth > 0 ? types.count : 8)]
    }
}
