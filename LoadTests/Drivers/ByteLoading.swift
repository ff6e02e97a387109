//! Reading numbers out of an answer. Every access is checked; callers make sure of the bytes first.

extension Span<UInt8> {
    @inline(__always)
    func loadUInt16(at offset: Int) -> UInt16 { UInt16(self[offset]) &<< 8 | UInt16(self[offset &+ 1]) }

    @inline(__always)
    func loadUInt32(at offset: Int) -> UInt32 {
        UInt32(loadUInt16(at: offset)) &<< 16 | UInt32(loadUInt16(at: offset &+ 2))
    }

    /// A varint of at most five bytes.
    /// - Returns: its value and the offset behind it; nil if it is cut off.
    @inline(__always)
    func loadVarint32(at start: Int) throws(MalformedAnswer) -> (value: UInt32, end: Int)? {
        var value: UInt32 = 0
        var offset = start
        while offset < count {
            let byte = self[offset]
            value |= UInt32(byte & 0x7f) &<< UInt32((offset &- start) &* 7)
            offset &+= 1
            if byte < 0x80 { return (value, offset) }
            if offset &- start == 5 { throw MalformedAnswer(expected: "a varint of at most five bytes") }
        }
        return nil
    }

    /// The bytes as an array.
    func array(_ range: Range<Int>) -> [UInt8] {
        // The pointer is used for the length of the copy only.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }
}
