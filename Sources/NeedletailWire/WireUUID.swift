/// A UUID (RFC 9562): sixteen bytes, most significant first.
public struct WireUUID: Sendable, Hashable, BitwiseCopyable {
    /// Bytes that it takes on the wire.
    @inlinable
    public static var byteCount: Int { 16 }

    /// The first eight bytes.
    public var high: UInt64
    /// The last eight bytes.
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the usual text, `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`, in either case; nil for any other.
    public init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, character) in text.utf8.enumerated() {
            if Self.dashes.contains(position) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard digits < 32, character < 0x80,
                let digit = Character(UnicodeScalar(character)).hexDigitValue.map(UInt64.init)
            else { return nil }
            if digits < 16 { words.0 = words.0 &<< 4 | digit } else { words.1 = words.1 &<< 4 | digit }
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Where the usual text has dashes.
    private static let dashes = [8, 13, 18, 23]
}

extension WireUUID: CustomStringConvertible {
    /// The usual text, in lower case.
    public var description: String {
        func hex(_ value: UInt64) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        var text = hex(high) + hex(low)
        for position in Self.dashes { text.insert("-", at: text.index(text.startIndex, offsetBy: position)) }
        return text
    }
}

extension WireUUID: WireValue {
    @inlinable
    public static var wireType: WireType { .uuid }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readUUID()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}
