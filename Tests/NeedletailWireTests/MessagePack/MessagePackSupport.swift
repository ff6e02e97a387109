//! Trees to bytes and back, and short names for trees.

import NIOCore
import NeedletailWire

/// The tree at the start of `bytes`, and where it ends.
func readMessagePack(
    _ bytes: [UInt8], budget: WireBudget = .standard
) throws(WireError) -> Decoded<MessagePackValue> {
    let message = message(bytes)
    var reader = MessagePackReader(message, budget: budget)
    let value = try reader.readValue()
    return Decoded(value: value, end: reader.cursor.offset)
}

func writeMessagePack(_ value: MessagePackValue) -> [UInt8] {
    var writer = MessagePackWriter(newWriter())
    writer.write(value)
    return Array(buffer: writer.finish().finish())
}

/// Where the value at the start of `bytes` ends, found by passing over it.
func skipMessagePack(_ bytes: [UInt8], budget: WireBudget = .standard) throws(WireError) -> Int {
    let message = message(bytes)
    var reader = MessagePackReader(message, budget: budget)
    try reader.skipValue()
    return reader.cursor.offset
}

extension MessagePackValue {
    static func text(_ text: String) -> Self { .string(ByteBuffer(string: text)) }
    static func bytes(_ bytes: [UInt8]) -> Self { .binary(ByteBuffer(bytes: bytes)) }
    static func pairs(_ pairs: KeyValuePairs<MessagePackValue, MessagePackValue>) -> Self {
        .map(pairs.map { MessagePackPair(key: $0.key, value: $0.value) })
    }

    /// Whether a float is in it, whose width a writer keeps.
    var isFloat: Bool {
        switch self {
        case .float, .double: true
        default: false
        }
    }
}
