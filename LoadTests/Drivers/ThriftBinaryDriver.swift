//! Needletail over Thrift's strict binary protocol, framed or not. Answers come in the order of the calls, so the
//! sequence id stays what it is in the template.
//!
//! An answer is a head, then a struct with one field: 0 is the result, 1 the error; each is a struct of fields. Where
//! `values` is met, its elements are jumped over by their lengths. An application exception is a bare struct.

internal import NeedletailRPC

/// Whether each message is preceded by its length.
protocol ThriftFraming: Sendable {
    static var isFramed: Bool { get }
}

enum Unframed: ThriftFraming { static let isFramed = false }
enum Framed: ThriftFraming { static let isFramed = true }

struct ThriftBinaryDriver<Framing: ThriftFraming>: LoadDriver {
    static var answersCarryIDs: Bool { false }

    private let shape: CallShape
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        self.shape = shape
        let sample = sampleCall(RPCWire(.thriftBinary, Framing.isFramed ? .framed : .unframed), id: 1, shape, keys)
        template = RequestTemplate(sample: sample, shape, keys, hasID: false)
    }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer {
        try decodeCall(Framing.isFramed ? Array(answer.dropFirst(4)) : answer, .thriftBinary, shape)
    }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if Framing.isFramed {
            // The length is known from the start: nothing is looked at before the answer is whole.
            guard bytes.count >= 4 else { return false }
            let end = 4 &+ Int(bytes.loadUInt32(at: 0))
            guard end <= bytes.count else { return false }
            let frame = bytes.extracting(4..<end)
            guard try scanMessage(frame, &scan), scan.offset == frame.count else {
                throw MalformedAnswer(expected: "a message as long as its frame")
            }
            scan.offset = end
            return true
        }
        return try scanMessage(bytes, &scan)
    }

    private func scanMessage(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if scan.phase == ThriftPhase.head {
            guard try readHead(bytes, &scan) else { return false }
        }
        while scan.phase != ThriftPhase.end {
            if scan.phase == ThriftPhase.values {
                guard passValues(bytes, &scan) else { return false }
                scan.phase = ThriftPhase.fields
            }
            guard try readField(bytes, &scan) else { return false }
        }
        return scan.finishThrift(shape)
    }

    /// The message's head, and the field that the result or the error is.
    private func readHead(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        guard bytes.count >= 8 else { return false }
        guard bytes.loadUInt16(at: 0) == 0x8001 else { throw MalformedAnswer(expected: "80 01") }
        let body = 12 &+ Int(bytes.loadUInt32(at: 4))
        switch bytes[3] {
        case 2:
            guard body &+ 3 <= bytes.count else { return false }
            guard bytes[body] == 12 else { throw MalformedAnswer(expected: "a struct as result") }
            scan.isError = bytes.loadUInt16(at: body &+ 1) != 0
            scan.fieldsLeft = 1
            scan.offset = body &+ 3
        case 3:
            guard body <= bytes.count else { return false }
            scan.isError = true
            scan.offset = body
        default: throw MalformedAnswer(expected: "a reply or an exception")
        }
        scan.phase = ThriftPhase.fields
        return true
    }

    /// One field, or the end of a struct; `fieldsLeft` counts the structs around.
    private func readField(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        guard start < bytes.count else { return false }
        let type = bytes[start]
        if type == 0 { return try scan.readEnd(bytes) }
        let value = start &+ 3
        guard value < bytes.count else { return false }
        let isFirst = bytes[start &+ 1] == 0 && bytes[start &+ 2] == 1
        let end: Int
        switch type {
        case 2:
            end = value &+ 1
            if isFirst, !scan.isError { scan.note(bytes[value] != 0, shape) }
        case 8: end = value &+ 4
        case 10: end = value &+ 8
        case 11:
            guard value &+ 4 <= bytes.count else { return false }
            end = value &+ 4 &+ Int(bytes.loadUInt32(at: value))
            guard end <= bytes.count else { return false }
            if !scan.isError {
                if shape.operation == .get, isFirst { scan.found = 1 }
                if shape.operation == .multiGet || shape.operation == .multiPut {
                    scan.count(statuses: bytes, value &+ 4..<end)
                }
            }
        case 15:
            guard value &+ 5 <= bytes.count else { return false }
            guard isFirst, bytes[value] == 11 else { throw MalformedAnswer(expected: "a list of values") }
            scan.elementsLeft = Int(bytes.loadUInt32(at: value &+ 1))
            scan.phase = ThriftPhase.values
            end = value &+ 5
        default: throw MalformedAnswer(expected: "a field of the kinds that the service answers")
        }
        guard end <= bytes.count else { return false }
        scan.offset = end
        return true
    }

    private func passValues(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) -> Bool {
        var offset = scan.offset
        var left = scan.elementsLeft
        defer {
            scan.offset = offset
            scan.elementsLeft = left
        }
        while left > 0 {
            guard offset &+ 4 <= bytes.count else { return false }
            let end = offset &+ 4 &+ Int(bytes.loadUInt32(at: offset))
            guard end <= bytes.count else { return false }
            offset = end
            left &-= 1
        }
        return true
    }
}

/// The parts of a Thrift answer.
enum ThriftPhase {
    static let head: UInt8 = 0
    static let fields: UInt8 = 1
    static let values: UInt8 = 2
    static let end: UInt8 = 3
}

extension AnswerScan {
    /// The end of a Thrift struct: the end of the result's is followed by that of the struct around it.
    mutating func readEnd(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> Bool {
        guard offset &+ 1 &+ fieldsLeft <= bytes.count else { return false }
        guard fieldsLeft == 0 || bytes[offset &+ 1] == 0 else { throw MalformedAnswer(expected: "an end") }
        offset &+= 1 &+ fieldsLeft
        phase = ThriftPhase.end
        return true
    }

    /// Counts the field that says whether a put was applied, or a key removed.
    @inline(__always)
    mutating func note(_ isDone: Bool, _ shape: CallShape) {
        switch shape.operation {
        case .put: if isDone { found = 1 } else { failed = 1 }
        case .remove: if isDone { found = 1 }
        default: break
        }
    }

    /// What the answer counts as where its fields alone do not say it.
    mutating func finishThrift(_ shape: CallShape) -> Bool {
        if isError {
            failed = shape.keysPerCall
        } else if shape.operation == .get || shape.operation == .remove, found == 0 {
            missing = 1
        }
        return true
    }
}
