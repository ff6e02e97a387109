//! XXH64, a hash of bytes that every language has: Yann Collet's xxHash, as its specification has it
//! (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, "XXH64 algorithm description"). It spreads well and is
//! fast; it does not withstand those who look for keys that collide.
//!
//! Unsafe inside: loads of integers from a span. Every bit pattern is one, and the span checks that they lie within it.

enum XXH64 {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    /// Bytes that four lanes take at once.
    private static let stripeBytes = 32

    static func hash(_ bytes: RawSpan, seed: UInt64) -> UInt64 {
        var offset = 0
        var hash: UInt64
        if bytes.byteCount >= stripeBytes {
            var lane1 = seed &+ prime1 &+ prime2
            var lane2 = seed &+ prime2
            var lane3 = seed
            var lane4 = seed &- prime1
            while bytes.byteCount &- offset >= stripeBytes {
                lane1 = round(lane1, word(bytes, at: offset))
                lane2 = round(lane2, word(bytes, at: offset &+ 8))
                lane3 = round(lane3, word(bytes, at: offset &+ 16))
                lane4 = round(lane4, word(bytes, at: offset &+ 24))
                offset &+= stripeBytes
            }
            hash = rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
            hash = merge(merge(merge(merge(hash, lane1), lane2), lane3), lane4)
        } else {
            hash = seed &+ prime5
        }
        return finish(hash &+ UInt64(bytes.byteCount), bytes, from: offset)
    }

    /// Takes in what is less than a stripe, and mixes.
    private static func finish(_ accumulated: UInt64, _ bytes: RawSpan, from start: Int) -> UInt64 {
        var hash = accumulated
        var offset = start
        while bytes.byteCount &- offset >= 8 {
            hash = rotate(hash ^ round(0, word(bytes, at: offset)), 27) &* prime1 &+ prime4
            offset &+= 8
        }
        if bytes.byteCount &- offset >= 4 {
            let half = UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
            hash = rotate(hash ^ UInt64(half) &* prime1, 23) &* prime2 &+ prime3
            offset &+= 4
        }
        while offset < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            hash = rotate(hash ^ UInt64(byte) &* prime5, 11) &* prime1
            offset &+= 1
        }
        hash = (hash ^ hash >> 33) &* prime2
        hash = (hash ^ hash >> 29) &* prime3
        return hash ^ hash >> 32
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* prime1 &+ prime4
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 { value &<< bits | value &>> (64 &- bits) }

    private static func word(_ bytes: RawSpan, at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
