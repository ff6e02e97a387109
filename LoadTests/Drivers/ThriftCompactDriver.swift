//! Needletail over Thrift's compact protocol, unframed. Built like the binary driver; fields say how far they are from
//! the field before, and lengths are varints.

internal import NeedletailRPC

struct ThriftCompactDriver: LoadDriver {
    static let answersCarryIDs = false

    private let shape: CallShape
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        self.shape = shape
        let sample = sampleCall(RPCWire(.thriftCompact), id: 1, shape, keys)
        template = RequestTemplate(sample: sample, shape, keys, hasID: false)
    }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer { try decodeCall(answer, .thriftCompact, shape) }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if scan.phase == ThriftPhase.head {
            guard try readHead(bytes, &scan) else { return false }
        }
        while scan.phase != ThriftPhase.end {
            if scan.phase == ThriftPhase.values {
                guard try passValues(bytes, &scan) else { return false }
                scan.phase = ThriftPhase.fields
            }
            guard try readField(bytes, &scan) else { return false }
        }
        return scan.finishThrift(shape)
    }

    private func readHead(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        guard bytes.count >= 2 else { return false }
        guard bytes[0] == 0x82, bytes[1] & 0x1f == 1 else { throw MalformedAnswer(expected: "82, version 1") }
        guard let (_, nameHead) = try bytes.loadVarint32(at: 2),
            let (nameSize, name) = try bytes.loadVarint32(at: nameHead)
        else { return false }
        let body = name &+ Int(nameSize)
        guard body < bytes.count else { return false }
        switch bytes[1] &>> 5 {
        case 2:
            // Field 0 has no distance to count from and is written in full: type, then the id's zigzag.
            if bytes[body] == 0x0c {
                guard body &+ 1 < bytes.count else { return false }
                guard bytes[body &+ 1] == 0 else { throw MalformedAnswer(expected: "field 0") }
                scan.offset = body &+ 2
            } else if bytes[body] == 0x1c {
                scan.isError = true
                scan.offset = body &+ 1
            } else {
                throw MalformedAnswer(expected: "a struct as result")
            }
            scan.fieldsLeft = 1
        case 3:
            scan.isError = true
            scan.offset = body
        default: throw MalformedAnswer(expected: "a reply or an exception")
        }
        scan.phase = ThriftPhase.fields
        return true
    }

    /// One field, or the end of a struct. The service writes its fields in order and no two are far apart, so that a
    /// field's distance is always in its head, and a first field is one with distance 1 right after the head.
    private func readField(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        guard start < bytes.count else { return false }
        let head = bytes[start]
        if head == 0 { return try scan.readEnd(bytes) }
        guard head &>> 4 != 0 else { throw MalformedAnswer(expected: "fields close to each other") }
        let value = start &+ 1
        let end: Int
        switch head & 0x0f {
        case 1, 2:
            end = value
            if !scan.isError { scan.note(head & 0x0f == 1, shape) }
        case 5, 6:
            guard let varintEnd = passVarint(bytes, from: value) else { return false }
            end = varintEnd
        case 8:
            guard let (size, content) = try bytes.loadVarint32(at: value) else { return false }
            end = content &+ Int(size)
            guard end <= bytes.count else { return false }
            if !scan.isError {
                if shape.operation == .get { scan.found = 1 }
                if shape.operation == .multiGet || shape.operation == .multiPut {
                    scan.count(statuses: bytes, content..<end)
                }
            }
        case 9:
            guard value < bytes.count else { return false }
            guard bytes[value] & 0x0f == 8 || bytes[value] == 0 else { throw MalformedAnswer(expected: "values") }
            if bytes[value] &>> 4 < 15 {
                scan.elementsLeft = Int(bytes[value] &>> 4)
                end = value &+ 1
            } else {
                guard let (count, elements) = try bytes.loadVarint32(at: value &+ 1) else { return false }
                scan.elementsLeft = Int(count)
                end = elements
            }
            scan.phase = ThriftPhase.values
        default: throw MalformedAnswer(expected: "a field of the kinds that the service answers")
        }
        scan.offset = end
        return true
    }

    private func passVarint(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var offset = start
        while offset < bytes.count {
            offset &+= 1
            if bytes[offset &- 1] < 0x80 { return offset }
        }
        return nil
    }

    private func passValues(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        while scan.elementsLeft > 0 {
            guard let (size, content) = try bytes.loadVarint32(at: scan.offset) else { return false }
            let end = content &+ Int(size)
            guard end <= bytes.count else { return false }
            scan.offset = end
            scan.elementsLeft &-= 1
        }
        return true
    }
}
