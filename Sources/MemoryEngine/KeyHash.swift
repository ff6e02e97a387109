//! The hash of keys: rapidhash (Nicolas De Carli, https://github.com/Nicoshev/rapidhash, version 1, BSD 2-clause),
//! which is wyhash (Wang Yi, public domain) with a shorter tail. Two 64x64-bit multiplications for keys of up to 16
//! bytes.
//!
//! The seed is secret and per process, so that a client cannot choose keys that meet in one bucket. Nothing that leaves
//! the process depends on it but scan cursors, which end with the process.
//!
//! How the 64 bits are spent: the top bits choose the shard, bits 32 to 47 are the tag that is kept beside the pointer
//! in a slot, and the low 32 bits choose the bucket. The three do not overlap (for up to 2^16 shards), so that a tag
//! tells apart keys that share a bucket.
//!
//! Unsafe inside: it reads `count` bytes from a pointer that the caller lends; every load below stays within them.

/// A key that is borrowed for the time of one call, with its hash.
@safe
struct Key {
    let start: UnsafeRawPointer
    let count: Int
    let hash: UInt64

    /// - Precondition: `bytes` outlives the key.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, hash: KeyHash) {
        unsafe start = unsafe bytes.baseAddress ?? Self.nowhere
        count = bytes.count
        self.hash = unsafe hash.hash(start, count)
    }

    /// - Precondition: the bytes outlive the key, and `hash` is their hash.
    @inline(__always)
    init(start: UnsafeRawPointer, count: Int, hash: UInt64) {
        unsafe self.start = unsafe start
        self.count = count
        self.hash = hash
    }

    /// What an empty key points at; never read.
    private static var nowhere: UnsafeRawPointer { unsafe UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped }

    var tag: UInt64 { KeyHash.tag(hash) }
}

/// A seeded hash function over bytes.
struct KeyHash: Sendable {
    private static let secret0: UInt64 = 0x2d35_8dcc_aa6c_78a5
    private static let secret1: UInt64 = 0x8bb8_4b93_962e_acc9
    private static let secret2: UInt64 = 0x4b33_a62e_d433_d4a3

    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed ^ Self.mix(seed ^ Self.secret0, Self.secret1)
    }

    /// The 16 bits that a slot keeps beside its pointer.
    @inline(__always)
    static func tag(_ hash: UInt64) -> UInt64 { (hash >> 32) & 0xffff }

    @inline(__always)
    func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let start = bytes.baseAddress else { return finish(0, 0, seed, 0) }
        return unsafe hash(start, bytes.count)
    }

    @inline(__always)
    func hash(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: count)
        let seed = seed ^ length
        if count <= 16 {
            if count >= 4 {
                let last = count &- 4
                let delta = (count & 24) >> (count >> 3)
                let a = unsafe Self.word32(start, 0) << 32 | Self.word32(start, last)
                let b = unsafe Self.word32(start, delta) << 32 | Self.word32(start, last &- delta)
                return finish(a, b, seed, length)
            }
            if count > 0 {
                let first = unsafe UInt64(start.load(as: UInt8.self))
                let middle = unsafe UInt64(start.load(fromByteOffset: count >> 1, as: UInt8.self))
                let last = unsafe UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
                return finish(first << 56 | middle << 32 | last, 0, seed, length)
            }
            return finish(0, 0, seed, 0)
        }
        return unsafe long(start, count, seed)
    }

    private func long(_ start: UnsafeRawPointer, _ count: Int, _ seed: UInt64) -> UInt64 {
        var seed = seed
        var offset = 0
        var left = count
        if left > 48 {
            var lane1 = seed
            var lane2 = seed
            repeat {
                seed = unsafe Self.mix(Self.word(start, offset) ^ Self.secret0, Self.word(start, offset &+ 8) ^ seed)
                lane1 = unsafe Self.mix(
                    Self.word(start, offset &+ 16) ^ Self.secret1, Self.word(start, offset &+ 24) ^ lane1)
                lane2 = unsafe Self.mix(
                    Self.word(start, offset &+ 32) ^ Self.secret2, Self.word(start, offset &+ 40) ^ lane2)
                offset &+= 48
                left &-= 48
            } while left >= 48
            seed ^= lane1 ^ lane2
        }
        if left > 16 {
            seed = unsafe Self.mix(
                Self.word(start, offset) ^ Self.secret2, Self.word(start, offset &+ 8) ^ seed ^ Self.secret1)
            if left > 32 {
                seed = unsafe Self.mix(
                    Self.word(start, offset &+ 16) ^ Self.secret2, Self.word(start, offset &+ 24) ^ seed)
            }
        }
        // The last 16 bytes, which may overlap what was read: the key is longer than 16.
        let a = unsafe Self.word(start, count &- 16)
        let b = unsafe Self.word(start, count &- 8)
        return finish(a, b, seed, UInt64(truncatingIfNeeded: count))
    }

    @inline(__always)
    private func finish(_ a: UInt64, _ b: UInt64, _ seed: UInt64, _ length: UInt64) -> UInt64 {
        let (high, low) = (a ^ Self.secret1).multipliedFullWidth(by: b ^ seed)
        return Self.mix(low ^ Self.secret0 ^ length, high ^ Self.secret1)
    }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return high ^ low
    }

    @inline(__always)
    private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func word32(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}

extension UInt64 {
    /// The bits in reverse order: bit 0 becomes bit 63.
    var bitReversed: UInt64 {
        var x = self
        x = (x & 0x5555_5555_5555_5555) << 1 | (x >> 1) & 0x5555_5555_5555_5555
        x = (x & 0x3333_3333_3333_3333) << 2 | (x >> 2) & 0x3333_3333_3333_3333
        x = (x & 0x0f0f_0f0f_0f0f_0f0f) << 4 | (x >> 4) & 0x0f0f_0f0f_0f0f_0f0f
        return x.byteSwapped
    }
}
