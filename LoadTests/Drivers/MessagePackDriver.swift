//! Needletail over MessagePack-RPC. Requests are keyed by names, and so are their answers.
//!
//! An answer is `[1, id, error, result]`. Its parts: the head up to the result's map; the map's fields; where `values`
//! is met, its elements, each jumped over by its length.

internal import NeedletailRPC

struct MessagePackDriver: LoadDriver {
    static let answersCarryIDs = true

    private let shape: CallShape
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        self.shape = shape
        let sample = sampleCall(RPCWire(.messagePack), id: RequestTemplate.idMarker, shape, keys)
        template = RequestTemplate(sample: sample, shape, keys, hasID: true)
    }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer { try decodeCall(answer, .messagePack, shape) }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if scan.phase == Phase.head {
            guard try readHead(bytes, &scan) else { return false }
        }
        while true {
            if scan.phase == Phase.values {
                guard try passValues(bytes, &scan) else { return false }
                scan.phase = Phase.fields
            }
            guard scan.fieldsLeft > 0 else { return finish(&scan) }
            guard try readField(bytes, &scan) else { return false }
        }
    }

    private enum Phase {
        static let head: UInt8 = 0
        static let fields: UInt8 = 1
        static let values: UInt8 = 2
    }

    /// `94 01`, the id, the error, and the result's head.
    private func readHead(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        guard bytes.count >= 2 else { return false }
        guard bytes[0] == 0x94, bytes[1] == 0x01 else { throw MalformedAnswer(expected: "[1, id, error, result]") }
        guard let idEnd = try passMessagePackValue(bytes, from: 2) else { return false }
        switch bytes[2] {
        case 0x00...0x7f: scan.id = UInt32(bytes[2])
        case 0xcc: scan.id = UInt32(bytes[3])
        case 0xcd: scan.id = UInt32(bytes.loadUInt16(at: 3))
        case 0xce: scan.id = bytes.loadUInt32(at: 3)
        default: throw MalformedAnswer(expected: "an id of 32 bits")
        }
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
        scan.phase = Phase.fields
        return true
    }

    /// One field of the result; of `values` only the list's head.
    private func readField(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        guard start < bytes.count else { return false }
        guard bytes[start] & 0xe0 == 0xa0 else { throw MalformedAnswer(expected: "a field's name") }
        let value = start &+ 1 &+ Int(bytes[start] & 0x1f)
        guard value < bytes.count else { return false }
        // The names of one answer differ in length or first letter: value(s), statuses, applied, complete, version.
        switch (shape.operation, bytes[start], bytes[start &+ 1]) {
        case (.multiGet, 0xa6, UInt8(ascii: "v")):
            guard let (count, end) = try listHead(bytes, at: value) else { return false }
            scan.elementsLeft = count
            scan.offset = end
            scan.phase = Phase.values
        case (.multiGet, 0xa8, UInt8(ascii: "s")), (.multiPut, 0xa8, UInt8(ascii: "s")):
            guard let end = try passMessagePackValue(bytes, from: value) else { return false }
            let head =
                switch bytes[value] {
                case 0xc4: 2
                case 0xc5: 3
                case 0xc6: 5
                default: throw MalformedAnswer(expected: "statuses as bin")
                }
            scan.count(statuses: bytes, value &+ head..<end)
            scan.offset = end
        default:
            guard let end = try passMessagePackValue(bytes, from: value) else { return false }
            if shape.operation == .get, bytes[start] == 0xa5, bytes[start &+ 1] == UInt8(ascii: "v") {
                if bytes[value] != 0xc0 { scan.found = 1 }
            } else if shape.operation == .put, bytes[start] == 0xa7, bytes[start &+ 1] == UInt8(ascii: "a") {
                if bytes[value] == 0xc3 { scan.found = 1 } else { scan.failed = 1 }
            }
            scan.offset = end
        }
        scan.fieldsLeft &-= 1
        return true
    }

    private func listHead(
        _ bytes: Span<UInt8>, at offset: Int
    ) throws(MalformedAnswer) -> (count: Int, end: Int)? {
        switch bytes[offset] {
        case 0x90...0x9f: return (Int(bytes[offset] & 0x0f), offset &+ 1)
        case 0xdc: return offset &+ 3 > bytes.count ? nil : (Int(bytes.loadUInt16(at: offset &+ 1)), offset &+ 3)
        case 0xdd: return offset &+ 5 > bytes.count ? nil : (Int(bytes.loadUInt32(at: offset &+ 1)), offset &+ 5)
        default: throw MalformedAnswer(expected: "a list")
        }
    }

    /// The elements of `values`: bin, or nil where there is no value.
    private func passValues(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        var offset = scan.offset
        var left = scan.elementsLeft
        defer {
            scan.offset = offset
            scan.elementsLeft = left
        }
        while left > 0 {
            guard offset &+ 2 <= bytes.count else {
                guard offset < bytes.count, bytes[offset] == 0xc0 else { return false }
                offset &+= 1
                left &-= 1
                continue
            }
            let end: Int
            switch bytes[offset] {
            case 0xc4: end = offset &+ 2 &+ Int(bytes[offset &+ 1])
            case 0xc0: end = offset &+ 1
            case 0xc5:
                guard offset &+ 3 <= bytes.count else { return false }
                end = offset &+ 3 &+ Int(bytes.loadUInt16(at: offset &+ 1))
            case 0xc6:
                guard offset &+ 5 <= bytes.count else { return false }
                end = offset &+ 5 &+ Int(bytes.loadUInt32(at: offset &+ 1))
            default: throw MalformedAnswer(expected: "a value as bin, or nil")
            }
            guard end <= bytes.count else { return false }
            offset = end
            left &-= 1
        }
        return true
    }

    private func finish(_ scan: inout AnswerScan) -> Bool {
        if scan.isError {
            scan.failed = shape.keysPerCall
        } else if shape.operation == .get, scan.found == 0 {
            scan.missing = 1
        }
        return true
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
