//! getDataByRange over MessagePack-RPC. A call names one owner and counts as one key: found if the answer is complete and
//! has as many events as the owner's history.
//!
//! The parts of an answer: the head up to the result's map; the map's fields; where `events` is met, its elements, each
//! passed over as a whole, so that an answer that comes in pieces is not read from its start with each of them.

internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI

struct HistoryDriver: LoadDriver {
    static let answersCarryIDs = true

    private let shape: CallShape
    private let history: EventHistory
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        guard let history = shape.history else { preconditionFailure("a call that reads a history") }
        self.shape = shape
        self.history = history
        let sample = sampleCall(RPCWire(.messagePack), id: RequestTemplate.idMarker, shape, keys)
        template = RequestTemplate(sample: sample, shape, keys, hasID: true)
    }

    static func callID(_ bytes: Span<UInt8>) throws(MalformedAnswer) -> UInt32? { try readMessagePackID(bytes)?.id }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer { try decodeCall(answer, .messagePack, shape) }

    /// Compares every event, its moment and its data.
    func verify(_ answer: [UInt8], _ chooser: KeyChooser, _ shape: CallShape, _ keys: KeySpace) throws {
        var chooser = chooser
        let owner = chooser.next()
        let response = try decodeAnswer(.init(bytes: answer), .messagePack, HistoryMethods.GetDataByRange.self)
        let name = text(keys.key(owner))
        guard response.complete else { throw WrongAnswer("periods of \(name) are missing") }
        let expected = history.events(ofOwner: owner)
        guard response.events.count == expected.count else {
            throw WrongAnswer("\(name) has \(expected.count) events, \(response.events.count) came")
        }
        for (index, (came, event)) in zip(response.events, expected).enumerated() where came != event {
            throw WrongAnswer("event \(index) of \(name) is another one")
        }
    }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        if scan.phase == Phase.head {
            guard try readMessagePackHead(bytes, &scan) else { return false }
            scan.phase = Phase.fields
        }
        while true {
            if scan.phase == Phase.events {
                guard try passEvents(bytes, &scan) else { return false }
                scan.phase = Phase.fields
            }
            guard scan.fieldsLeft > 0 else { break }
            guard try readField(bytes, &scan) else { return false }
        }
        if scan.isError { scan.failed = 1 }
        if scan.failed == 0, scan.missing == 0 { scan.found = 1 }
        return true
    }

    private enum Phase {
        static let head: UInt8 = 0
        static let fields: UInt8 = 1
        static let events: UInt8 = 2
    }

    /// One field of the result; of `events` only the list's head.
    private func readField(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        guard start < bytes.count else { return false }
        guard bytes[start] & 0xe0 == 0xa0 else { throw MalformedAnswer(expected: "a field's name") }
        let value = start &+ 1 &+ Int(bytes[start] & 0x1f)
        guard value < bytes.count else { return false }
        // The names differ in their first letter: events, complete, missingPeriods.
        if bytes[start &+ 1] == UInt8(ascii: "e") {
            guard let (count, first) = try readMessagePackListHead(bytes, at: value) else { return false }
            if count != history.eventsPerOwner { scan.missing = 1 }
            scan.elementsLeft = count
            scan.offset = first
            scan.phase = Phase.events
        } else {
            guard let end = try passMessagePackValue(bytes, from: value) else { return false }
            if bytes[start &+ 1] == UInt8(ascii: "c"), bytes[value] != 0xc3 { scan.missing = 1 }
            scan.offset = end
        }
        scan.fieldsLeft &-= 1
        return true
    }

    private func passEvents(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        while scan.elementsLeft > 0 {
            guard let end = try passMessagePackValue(bytes, from: scan.offset) else { return false }
            scan.offset = end
            scan.elementsLeft &-= 1
        }
        return true
    }
}
