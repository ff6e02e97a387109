//! The entries that a run works on. Nothing is stored: a key and its value are computed from the entry's number, so any
//! answer can be checked, and drawing a key touches no memory that would compete with the server for the cache.
//!
//! A key is `key:`, zeros, and the entry's number in eight hexadecimal digits, which always end it.

/// How many entries there are, and how large.
struct KeySpace: Sendable, Hashable {
    /// Bytes at the end of each key that hold the entry's number.
    static let numberSize = 8
    /// Keys have room for the number; the service takes up to 4,096 bytes, memcached up to 250.
    static let keySizes = numberSize...4_096
    /// Values have room for what marks their place in a request; more than 1 MiB is another workload.
    static let valueSizes = 8...1_048_576
    /// The number has eight hexadecimal digits; more entries than this would not fit the machines this is meant for.
    static let counts = 1...1_000_000_000

    var count = 1_000_000
    var keySize = 16
    var valueSize = 100

    /// What stands before the number in every key.
    var keyPrefix: [UInt8] {
        let name = Array("key:".utf8)
        let size = keySize - Self.numberSize
        return size < name.count
            ? Array(repeating: UInt8(ascii: "0"), count: size)
            : name + Array(repeating: UInt8(ascii: "0"), count: size - name.count)
    }

    /// Entry `number`'s eight digits, as they lie in memory.
    @inline(__always)
    static func digits(_ number: UInt32) -> UInt64 {
        // One hexadecimal digit to a byte, by halves.
        var spread = UInt64(number)
        spread = (spread & 0xffff_0000) &<< 16 | (spread & 0xffff)
        spread = (spread & 0x0000_ff00_0000_ff00) &<< 8 | (spread & 0x0000_00ff_0000_00ff)
        spread = (spread & 0x00f0_00f0_00f0_00f0) &<< 4 | (spread & 0x000f_000f_000f_000f)
        // 1 in each byte from ten on; those bytes become letters.
        let letters = ((spread &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
    }

    /// Eight bytes of entry `number`'s value, beginning at byte `index * 8`.
    @inline(__always)
    static func valueWord(_ number: UInt32, _ index: Int) -> UInt64 {
        var word = (UInt64(number) &+ 1) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(truncatingIfNeeded: index)
        word = (word ^ word &>> 32) &* 0xd6e8_feb8_6659_fd93
        return (word ^ word &>> 32).littleEndian
    }

    func key(_ number: UInt32) -> [UInt8] {
        keyPrefix + (0..<8).map { UInt8(truncatingIfNeeded: Self.digits(number) &>> ($0 * 8)) }
    }

    func value(_ number: UInt32) -> [UInt8] {
        (0..<valueSize).map { UInt8(truncatingIfNeeded: Self.valueWord(number, $0 / 8) &>> ($0 % 8 * 8)) }
    }
}
