//! What all answers of MessagePack-RPC share: `[1, id, error, result]`, lists, and passing over values.

/// The start of an answer: `94 01`, the id, the error, and the head of the result's map.
/// - Returns: whether it has come; `scan` then stands behind it, with as many fields left as the result has.
func readMessagePackHead(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
    guard let (id, idEnd) = try readMessagePackID(bytes) else { return false }
    scan.id = id
    guard let errorEnd = try passMessagePackValue(bytes, from: idEnd), errorEnd < bytes.count else { return false }
    if bytes[idEnd] != 0xc0 {
        guard bytes[errorEnd] == 0xc0 else { throw MalformedAnswer(expected: "no result beside an error") }
        scan.isError = true
        scan.offset = errorEnd &+ 1
    } else {
        guard bytes[errorEnd] & 0xf0 == 0x80 else { throw MalformedAnswer(expected: "a map of few fields") }
        scan.fieldsLeft = Int(bytes[errorEnd] & 0x0f)
        scan.offset = errorEnd &+ 1
    }
    return true
}

/// The start of an answer up to its id.
/// - Returns: the id and the offset behind it; nil if it is cut off.
@inline(__always)
func readMessagePackID(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> (id: UInt32, end: Int)? {
    guard bytes.count >= 2 else { return nil }
    guard bytes[0] == 0x94, bytes[1] == 0x01 else { throw MalformedAnswer(expected: "[1, id, error, result]") }
    guard let end = try passMessagePackValue(bytes, from: 2) else { return nil }
    let id =
        switch bytes[2] {
        case 0x00...0x7f: UInt32(bytes[2])
        case 0xcc: UInt32(bytes[3])
        case 0xcd: UInt32(bytes.loadUInt16(at: 3))
        case 0xce: bytes.loadUInt32(at: 3)
        default: throw MalformedAnswer(expected: "an id of 32 bits")
        }
    return (id, end)
}

/// The head of a list.
/// - Returns: how many elements, and the offset of the first; nil if it is cut off.
func readMessagePackListHead(
    _ bytes: Span<UInt8>, at offset: Int
) throws(MalformedAnswer) -> (count: Int, end: Int)? {
    switch bytes[offset] {
    case 0x90...0x9f: return (Int(bytes[offset] & 0x0f), offset &+ 1)
    case 0xdc: return offset &+ 3 > bytes.count ? nil : (Int(bytes.loadUInt16(at: offset &+ 1)), offset &+ 3)
    case 0xdd: return offset &+ 5 > bytes.count ? nil : (Int(bytes.loadUInt32(at: offset &+ 1)), offset &+ 5)
    default: throw MalformedAnswer(expected: "a list")
    }
}

/// The offset behind one value of any kind; nil if it is cut off.
func passMessagePackValue(_ bytes: Span<UInt8>, from start: Int) throws(MalformedAnswer) -> Int? {
    var offset = start
    var left = 1
    while left > 0 {
        guard offset < bytes.count else { return nil }
        left &-= 1
        let byte = bytes[offset]
        offset &+= 1
        // Bytes of the length that follows, and bytes between it and the content.
        let lengthSize: Int
        switch byte {
        case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: continue
        case 0x80...0x8f:
            left &+= Int(byte & 0x0f) &* 2
            continue
        case 0x90...0x9f:
            left &+= Int(byte & 0x0f)
            continue
        case 0xa0...0xbf:
            offset &+= Int(byte & 0x1f)
            continue
        case 0xcc, 0xd0:
            offset &+= 1
            continue
        case 0xcd, 0xd1:
            offset &+= 2
            continue
        case 0xca, 0xce, 0xd2:
            offset &+= 4
            continue
        case 0xcb, 0xcf, 0xd3:
            offset &+= 8
            continue
        case 0xc4, 0xd9: lengthSize = 1
        case 0xc5, 0xda, 0xdc, 0xde: lengthSize = 2
        case 0xc6, 0xdb, 0xdd, 0xdf: lengthSize = 4
        default: throw MalformedAnswer(expected: "a value of the kinds that the service answers")
        }
        guard offset &+ lengthSize <= bytes.count else { return nil }
        let length =
            switch lengthSize {
            case 1: Int(bytes[offset])
            case 2: Int(bytes.loadUInt16(at: offset))
            default: Int(bytes.loadUInt32(at: offset))
            }
        offset &+= lengthSize
        switch byte {
        case 0xdc, 0xdd: left &+= length
        case 0xde, 0xdf: left &+= length &* 2
        default: offset &+= length
        }
    }
    return offset <= bytes.count ? offset : nil
}
