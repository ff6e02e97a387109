//! The entries that a run works on. Nothing is stored: a key and its value are computed from the entry's number, so any
//! answer can be checked, and drawing a key touches no memory that would compete with the server for the cache.
//!
//! A key is `key:`, or another name, zeros, and the entry's number in eight hexadecimal digits, which always end it.

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
    /// Bytes of a key and of a value; where entries differ in size, their means.
    var keySize = 16
    var valueSize = 100
    /// What keys begin with, where there is room for it before the number.
    var name = "key:"
    /// Where entries differ in size.
    private(set) var sizes: EntrySizes?

    init(count: Int = 1_000_000, keySize: Int = 16, valueSize: Int = 100, name: String = "key:") {
        self.count = count
        self.keySize = keySize
        self.valueSize = valueSize
        self.name = name
    }

    init(count: Int, _ sizes: EntrySizes) {
        self.init(count: count, keySize: sizes.meanKeySize, valueSize: sizes.meanValueSize)
        self.sizes = sizes
    }

    /// Whether all keys are as long.
    var hasOneKeySize: Bool { sizes?.hasOneKeySize ?? true }
    var keySizeMin: Int { sizes?.classes.lazy.map(\.key).min() ?? keySize }
    var keySizeMax: Int { sizes?.classes.lazy.map(\.key).max() ?? keySize }

    /// The same entries as if all had the size of one class.
    func sized(_ size: EntrySize) -> KeySpace {
        KeySpace(count: count, keySize: size.key, valueSize: size.value, name: name)
    }

    /// The entries as if all had the size of entry `number`.
    private func sizedAs(_ number: UInt32) -> KeySpace? {
        sizes.map { sized($0.classes[EntrySizes.index(of: number)]) }
    }

    /// What stands before the number in every key.
    var keyPrefix: [UInt8] {
        let name = Array(name.utf8)
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
        if let sized = sizedAs(number) { return sized.key(number) }
        return keyPrefix + (0..<8).map { UInt8(truncatingIfNeeded: Self.digits(number) &>> ($0 * 8)) }
    }

    func value(_ number: UInt32) -> [UInt8] {
        if let sized = sizedAs(number) { return sized.value(number) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(valueSize + 7)
        for index in 0..<(valueSize + 7) / 8 {
            let word = Self.valueWord(number, index)
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word &>> (shift * 8))) }
        }
        bytes.removeLast(bytes.count - valueSize)
        return bytes
    }
}
