//! An encoder of MessagePack trees of its own, written from the specification: each length and integer in a randomly
//! chosen width that holds it, as other implementations may send them.

import NIOCore
import NeedletailWire

struct ForeignMessagePack {
    var generator: SeededGenerator

    /// Writes every value as short as can be where false.
    var isWasteful = true

    mutating func encode(_ value: MessagePackValue) -> [UInt8] {
        switch value {
        case .nil: return [0xc0]
        case .bool(let value): return [value ? 0xc3 : 0xc2]
        case .int(let value): return integer(value)
        case .uint(let value): return [0xcf] + .bigEndian(value)
        case .float(let value): return [0xca] + .bigEndian(value.bitPattern)
        case .double(let value): return [0xcb] + .bigEndian(value.bitPattern)
        case .string(let text):
            return head(text.readableBytes, fix: 0xa0, fixMax: 31, [0xd9, 0xda, 0xdb]) + Array(buffer: text)
        case .binary(let bytes):
            return head(bytes.readableBytes, fix: 0, fixMax: -1, [0xc4, 0xc5, 0xc6]) + Array(buffer: bytes)
        case .array(let values):
            var bytes = head(values.count, fix: 0x90, fixMax: 15, [nil, 0xdc, 0xdd])
            for value in values { bytes += encode(value) }
            return bytes
        case .map(let pairs):
            var bytes = head(pairs.count, fix: 0x80, fixMax: 15, [nil, 0xde, 0xdf])
            for pair in pairs { bytes += encode(pair.key) + encode(pair.value) }
            return bytes
        case .ext(let type, let content): return ext(type, Array(buffer: content))
        case .timestamp(let time):
            return ext(-1, .bigEndian(time.nanoseconds) + .bigEndian(time.seconds))
        }
    }

    private mutating func pick(_ choices: [[UInt8]]) -> [UInt8] {
        isWasteful ? choices[generator.below(choices.count)] : choices[0]
    }

    /// All heads that hold `count`, the shortest first; one of them.
    private mutating func head(_ count: Int, fix: UInt8, fixMax: Int, _ types: [UInt8?]) -> [UInt8] {
        var choices: [[UInt8]] = []
        if count <= fixMax { choices.append([fix | UInt8(count)]) }
        if count <= 0xff, let type = types[0] { choices.append([type, UInt8(count)]) }
        if count <= 0xffff, let type = types[1] { choices.append([type] + .bigEndian(UInt16(count))) }
        if let type = types[2] { choices.append([type] + .bigEndian(UInt32(count))) }
        return pick(choices)
    }

    private mutating func integer(_ value: Int64) -> [UInt8] {
        var choices: [[UInt8]] = []
        if -32...127 ~= value { choices.append([UInt8(truncatingIfNeeded: value)]) }
        if let value = UInt8(exactly: value) { choices.append([0xcc, value]) }
        if let value = Int8(exactly: value) { choices.append([0xd0] + .bigEndian(value)) }
        if let value = UInt16(exactly: value) { choices.append([0xcd] + .bigEndian(value)) }
        if let value = Int16(exactly: value) { choices.append([0xd1] + .bigEndian(value)) }
        if let value = UInt32(exactly: value) { choices.append([0xce] + .bigEndian(value)) }
        if let value = Int32(exactly: value) { choices.append([0xd2] + .bigEndian(value)) }
        if let value = UInt64(exactly: value) { choices.append([0xcf] + .bigEndian(value)) }
        choices.append([0xd3] + .bigEndian(value))
        return pick(choices)
    }

    private mutating func ext(_ type: Int8, _ content: [UInt8]) -> [UInt8] {
        let fixed: [Int: UInt8] = [1: 0xd4, 2: 0xd5, 4: 0xd6, 8: 0xd7, 16: 0xd8]
        var choices: [[UInt8]] = []
        if let head = fixed[content.count] { choices.append([head]) }
        if content.count <= 0xff { choices.append([0xc7, UInt8(content.count)]) }
        if content.count <= 0xffff { choices.append([0xc8] + .bigEndian(UInt16(content.count))) }
        choices.append([0xc9] + .bigEndian(UInt32(content.count)))
        return pick(choices) + .bigEndian(type) + content
    }
}

extension MessagePackValue {
    /// A value of any kind; containers while there is depth left.
    static func random(_ generator: inout SeededGenerator, depth: Int) -> MessagePackValue {
        switch generator.below(depth > 0 ? 14 : 10) {
        case 0: return .nil
        case 1: return .bool(generator.below(2) == 0)
        case 2, 3: return .int(generator.integer())
        case 4: return .uint(.max - UInt64(generator.below(1_000)))
        case 5: return .float(Float(generator.integer()))
        case 6: return .double(Double(generator.integer()))
        case 7: return .string(ByteBuffer(string: generator.text(generator.below(50))))
        case 8: return .binary(ByteBuffer(bytes: generator.bytes(generator.below(300))))
        case 9:
            guard generator.below(2) == 0 else {
                let type = Int8(generator.below(128))
                return .ext(type: type, ByteBuffer(bytes: generator.bytes(generator.below(20))))
            }
            let nanoseconds = UInt32(generator.below(1_000_000_000))
            return .timestamp(MessagePackTimestamp(seconds: generator.integer(), nanoseconds: nanoseconds))
        case 10, 11:
            return .array((0..<generator.below(20)).map { _ in random(&generator, depth: depth - 1) })
        default:
            return .map(
                (0..<generator.below(20)).map { _ in
                    MessagePackPair(
                        key: random(&generator, depth: depth - 2), value: random(&generator, depth: depth - 1))
                })
        }
    }
}
