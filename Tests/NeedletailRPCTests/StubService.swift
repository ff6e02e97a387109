//! A service that counts, and a connection to it without a socket.

import Logging
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Timing

@testable import NeedletailRPC

/// `echo` answers its request; anything else is unknown.
final class StubService: RPCService {
    static let methodNames = ["echo"]

    var executed: Int { served.count }
    /// The texts of the calls that were executed, in their order, and their times.
    private(set) var served: [String] = []
    private(set) var times: [CallTimes] = []
    private(set) var refusals: [CallRefusal] = []
    /// The texts of the calls that were shown before they were made, in groups.
    private(set) var anticipated: [[String]] = [[]]
    /// A call takes this long, on this clock.
    var millisecondsPerCall: Int64 = 0
    private let time: ManualTime

    init(_ time: ManualTime) { self.time = time }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> Int { try answer(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> Int { try answer(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> Int { try answer(head, times, &reader, &writer) }

    func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool {
        try look(head, &reader)
    }

    func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool {
        try look(head, &reader)
    }

    func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool {
        try look(head, &reader)
    }

    private func look<Reader: MessageReader & ~Copyable & ~Escapable>(
        _ head: borrowing CallHead, _ reader: inout Reader
    ) throws(WireError) -> Bool {
        guard head.method.equals("echo") else { return false }
        let note = try reader.readRequest(Note.self)
        anticipated[anticipated.count - 1].append(String(buffer: note.text))
        return true
    }

    func finishAnticipating() { anticipated.append([]) }

    func refused(_ refusal: CallRefusal, _ format: RPCFormat) { refusals.append(refusal) }

    private func answer<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> Int {
        guard head.method.equals("echo") else { throw .unknownMethod(head.method.printable) }
        let note: Note
        do throws(WireError) {
            note = try reader.readRequest(Note.self)
        } catch {
            throw .undecodable(error)
        }
        served.append(String(buffer: note.text))
        self.times.append(times)
        time.advance(byMilliseconds: millisecondsPerCall)
        writer.beginResult(head, .structure, keys: reader.answerKeys)
        note.encode(to: &writer)
        writer.endResult()
        return 0
    }
}

/// A request and its answer.
struct Note: WireStruct, Hashable {
    private static let fields = FieldTable(("text", 1), ("items", 2))

    var text: ByteBuffer
    var items: BinaryList

    init(_ text: String, items: [String] = []) {
        self.text = ByteBuffer(string: text)
        self.items = BinaryList(strings: items)
    }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var text: ByteBuffer?
        var items = BinaryList()
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): text = try reader.readBinary()
            case 2 where field.holds(.list): items = try reader.readBinaryList()
            default: try reader.skip(field)
            }
        }
        guard let text else { throw .missingField("text") }
        self.text = text
        self.items = items
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2)
        writer.field(&scope, 1, "text", .binary)
        writer.write(text)
        writer.field(&scope, 2, "items", .list)
        writer.write(items)
        writer.endStruct()
    }
}

/// A struct that has none of a note's fields.
struct Unrelated: WireStruct {
    init() {}
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {}

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1)
        writer.field(&scope, 9, "else", .int64)
        writer.write(1 as Int64)
        writer.endStruct()
    }
}

/// The exception that no test of these provokes.
struct NoteError: WireStruct, Error {
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        try reader.skip(FieldHeader(id: 0, type: .structure))
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {}
}

/// A server's side of a connection, on an event loop that a test turns by hand.
final class TestConnection {
    let service: StubService
    let channel: EmbeddedChannel
    let loop: RPCLoop
    let time: ManualTime

    init(frameSizeMax: Int = 1 << 20, unsentBytesHigh: Int = 1 << 20, heldBytesMax: Int = 256 << 20) throws {
        time = ManualTime()
        service = StubService(time)
        let clock = Clock.manual(time)
        let eventLoop = EmbeddedEventLoop()
        loop = RPCLoop(
            service: service,
            limits: RPCLimits(
                frameSizeMax: frameSizeMax, budget: WireBudget(depth: 64, count: 1_000), heldBytesMax: heldBytesMax,
                unsentBytesHigh: unsentBytesHigh),
            clock: clock, metrics: RPCMetrics(methodCount: StubService.methodNames.count),
            complaints: RateLimitedLog(Logger(label: "test"), clock: clock), eventLoop: eventLoop)
        channel = EmbeddedChannel(handler: RPCConnection(loop: loop), loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
    }

    /// Another connection of the same event loop.
    init(sharing other: TestConnection) throws {
        (service, loop, time) = (other.service, other.loop, other.time)
        channel = EmbeddedChannel(handler: RPCConnection(loop: loop), loop: other.channel.embeddedEventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
    }

    /// Sends bytes and returns what comes back.
    func send(_ bytes: ByteBuffer) throws -> ByteBuffer {
        if channel.isActive { try channel.writeInbound(bytes) }
        return try received()
    }

    /// Turns the event loop, and returns what comes.
    func received() throws -> ByteBuffer {
        channel.embeddedEventLoop.run()
        var answer = ByteBuffer()
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { answer.writeImmutableBuffer(piece) }
        return answer
    }
}

/// Every way in which a message may travel.
let allWires = [
    RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact),
    RPCWire(.thriftBinary, isFramed: true), RPCWire(.thriftCompact, isFramed: true),
]
