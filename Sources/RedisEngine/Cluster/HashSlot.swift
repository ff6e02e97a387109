//! Which of a cluster's 16,384 slots a key lies in: CRC16 (XMODEM: polynomial 0x1021, initially 0) of its hash tag, or
//! of the whole key where it has none (Redis Cluster specification, "Key distribution model" and "Hash tags").
//!
//! Unsafe inside: bytes are loaded without a second check, at offsets that were counted up to the key's length.

internal import NIOCore

enum HashSlot {
    static let count = 16_384

    static func of(_ key: ByteBuffer) -> UInt16 { of(key.readableBytesSpan) }

    static func of(_ key: RawSpan) -> UInt16 {
        let tag = tag(of: key)
        var crc: UInt16 = 0
        for index in tag {
            let byte = unsafe key.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            crc = (crc << 8) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)]
        }
        return crc % UInt16(count)
    }

    /// What lies between the first `{` and the first `}` behind it, unless that is nothing; else the whole key.
    private static func tag(of key: RawSpan) -> Range<Int> {
        let whole = 0..<key.byteCount
        guard let start = first(UInt8(ascii: "{"), of: key, from: 0),
            let end = first(UInt8(ascii: "}"), of: key, from: start + 1), end > start + 1
        else { return whole }
        return start + 1..<end
    }

    private static func first(_ byte: UInt8, of key: RawSpan, from start: Int) -> Int? {
        var index = start
        while index < key.byteCount {
            if unsafe key.unsafeLoad(fromByteOffset: index, as: UInt8.self) == byte { return index }
            index &+= 1
        }
        return nil
    }

    private static let table: InlineArray<256, UInt16> = InlineArray { index in
        var crc = UInt16(truncatingIfNeeded: index) << 8
        for _ in 0..<8 { crc = crc & 0x8000 != 0 ? (crc << 1) ^ 0x1021 : crc << 1 }
        return crc
    }
}
