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

    static func callID(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> UInt32? { try readMessagePackID(bytes)?.id }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer { try decodeCall(answer, .messagePack, shape) }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if scan.phase == Phase.head {
            guard try readMessagePackHead(bytes, &scan) else { return false }
            scan.phase = Phase.fields
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

    /// One field of the result; of `values` only the list's head.
    private func readField(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        guard start < bytes.count else { return false }
        guard bytes[start] & 0xe0 == 0xa0 else { throw MalformedAnswer(expected: "a field's name") }
        let value = start &+ 1 &+ Int(bytes[start] & 0x1f)
        guard value < bytes.count else { return false }
        // The names of one answer differ in length or first letter: value(s), statuses, applied, removed, complete,
        // version.
        switch (shape.operation, bytes[start], bytes[start &+ 1]) {
        case (.multiGet, 0xa6, UInt8(ascii: "v")):
            guard let (count, end) = try readMessagePackListHead(bytes, at: value) else { return false }
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
            } else if shape.operation == .remove, bytes[start] == 0xa7, bytes[start &+ 1] == UInt8(ascii: "r") {
                if bytes[value] == 0xc3 { scan.found = 1 }
            }
            scan.offset = end
        }
        scan.fieldsLeft &-= 1
        return true
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
        } else if shape.operation == .get || shape.operation == .remove, scan.found == 0 {
            scan.missing = 1
        }
        return true
    }
}
