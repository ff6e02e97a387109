//! Where a command or a reply of Redis' protocol (RESP2) ends; what it says is of no interest.

/// The offset behind one value, with all that it contains; nil if it is cut off.
func passRESPValue(_ bytes: Span<UInt8>, from start: Int) throws(MalformedAnswer) -> Int? {
    var offset = start
    var left = 1
    while left > 0 {
        guard offset < bytes.count else { return nil }
        let kind = bytes[offset]
        guard let end = respLineEnd(bytes, from: offset &+ 1) else { return nil }
        left &-= 1
        switch kind {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"): offset = end
        case UInt8(ascii: "$"):
            let size = try respNumber(bytes, offset &+ 1..<end &- 2)
            // A size of -1 is no string, which has no end of its own.
            offset = size < 0 ? end : end &+ size &+ 2
        case UInt8(ascii: "*"):
            left &+= max(try respNumber(bytes, offset &+ 1..<end &- 2), 0)
            offset = end
        default: throw MalformedAnswer(expected: "a value of RESP2")
        }
    }
    return offset <= bytes.count ? offset : nil
}

/// The offset behind the line that goes on at `start`.
private func respLineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var offset = start
    while offset &+ 1 < bytes.count {
        if bytes[offset] == UInt8(ascii: "\r"), bytes[offset &+ 1] == UInt8(ascii: "\n") { return offset &+ 2 }
        offset &+= 1
    }
    return nil
}

/// A length: at most nine digits, or -1.
private func respNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(MalformedAnswer) -> Int {
    if range.count == 2, bytes[range.lowerBound] == UInt8(ascii: "-") { return -1 }
    guard (1...9).contains(range.count) else { throw MalformedAnswer(expected: "a length") }
    var number = 0
    for offset in range {
        let digit = bytes[offset] &- UInt8(ascii: "0")
        guard digit <= 9 else { throw MalformedAnswer(expected: "a length") }
        number = number &* 10 &+ Int(digit)
    }
    return number
}
