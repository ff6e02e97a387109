//! A service that counts, and a connection to it without a socket.

import Logging
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Timing

@testable import NeedletailRPC

/// Serves the methods of `StubMethod`; anything else is unknown.
final class StubService: RPCService {
    static let methodNames = StubMethod.allCases.map { "\($0)" }

    var executed: Int { served.count }
    /// The texts of the calls that were executed, in their order, and their times.
    private(set) var served: [String] = []
    private(set) var times: [CallTimes] = []
    /// Whom the certificates of their connections name.
    private(set) var callers: [[String]?] = []
    private(set) var refusals: [CallRefusal] = []
    /// The texts of the calls that were shown before they were made, in groups.
    private(set) var anticipated: [[String]] = [[]]
    /// A call takes this long, on this clock.
    var millisecondsPerCall: Int64 = 0
    private let time: ManualTime
    /// It gets calls under pressure, and serves them.
    var shedsCalls = false

    /// Calls of `hold` and `tell` that wait for the test, by their texts.
    private(set) var held: [String: LateReply<Hold>] = [:]
    private(set) var told: [String: LateReply<Tell>] = [:]
    /// Which calls of `hold`, by their texts, write their answers when they are served. These wait to be released.
    var preparesAnswer: (String) -> Bool = { _ in false }
    private(set) var prepared: [String: LateAnswer] = [:]
    /// The texts of those whose answers nobody waits for any more.
    private(set) var cancelled: [String] = []
    /// What the connections told of calls that are answered later: method, and how it ended.
    private(set) var counted: [String] = []
    /// Echoes are provisional; whether a group of them comes true; and how many calls had been served at the end of each.
    var echoesProvisionally = false
    var groupsSucceed = true
    private(set) var groups: [Int] = []
    /// Runs in a call of `hold` before it returns.
    var onHold: (String) -> Void = { _ in }

    init(_ time: ManualTime) { self.time = time }

    func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {
        counted.append("\(Self.methodNames[method]) \(failure.map { "\($0)" } ?? "ok")")
    }

    func cancelled(_ method: Int, _ format: RPCFormat) { counted.append("\(Self.methodNames[method]) cancelled") }

    /// Gives the answer to the call of `hold` with this text: the same text.
    func answer(_ text: String) {
        if let answer = prepared[text] { answer.release() } else { held[text]?.send(Note(text)) }
    }

    private func serve<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        guard let method = StubMethod.allCases.first(where: { head.method.equals($0.name) }) else {
            throw .unknownMethod(head.method.printable)
        }
        let reply: Reply
        do throws(WireError) {
            reply =
                switch method {
                case .echo: echo(try Self.read(Echo.self, head, times, &reader, Writer.format), &writer)
                case .hold: hold(try Self.read(Hold.self, head, times, &reader, Writer.format), &writer)
                case .tell: tell(try Self.read(Tell.self, head, times, &reader, Writer.format))
                case .sum: sum(try Self.read(Sum.self, head, times, &reader, Writer.format), &writer)
                case .done: try Self.read(Done.self, head, times, &reader, Writer.format).call.answer(&writer)
                case .fail: fail(try Self.read(Fail.self, head, times, &reader, Writer.format), &writer)
                }
        } catch {
            throw .undecodable(error)
        }
        self.times.append(times)
        callers.append(head.origin?.peerNames)
        time.advance(byMilliseconds: millisecondsPerCall)
        return CallOutcome(method, reply)
    }

    /// A call and its arguments.
    private struct Served<Method: RPCMethod> {
        var call: Call<Method>
        var arguments: Method.Arguments
    }

    private static func read<Method: RPCMethod, Reader: MessageReader & ~Copyable & ~Escapable>(
        _ method: Method.Type, _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader,
        _ format: RPCFormat
    ) throws(WireError) -> Served<Method> {
        let arguments = try Method.Arguments(arguments: &reader)
        let answer = AnswerHead(id: head.id, method: Method.name, keys: reader.answerKeys)
        return Served(
            call: Call(head: answer, times: times, format: format, origin: head.origin), arguments: arguments)
    }

    private func echo<Writer: MessageWriter & ~Copyable>(
        _ served: Served<Echo>, _ writer: inout Writer
    ) -> Reply {
        self.served.append(String(buffer: served.arguments.request.text))
        let reply = served.call.answer(served.arguments.request, &writer)
        return echoesProvisionally ? .provisional : reply
    }

    private func hold<Writer: MessageWriter & ~Copyable>(
        _ served: Served<Hold>, _ writer: inout Writer
    ) -> Reply {
        let text = String(buffer: served.arguments.request.text)
        self.served.append(text)
        if preparesAnswer(text) {
            let answer = LateAnswer(isPrepared: true)
            answer.onCancel = { [unowned self] in cancelled.append(text) }
            prepared[text] = answer
            _ = served.call.answer(served.arguments.request, &writer)
            onHold(text)
            return .later(answer)
        }
        let late = served.call.later()
        late.answer.onCancel = { [unowned self] in cancelled.append(text) }
        held[text] = late
        onHold(text)
        return late.reply
    }

    private func tell(_ served: Served<Tell>) -> Reply {
        let text = String(buffer: served.arguments.request.text)
        self.served.append(text)
        let late = served.call.later()
        late.answer.onCancel = { [unowned self] in cancelled.append(text) }
        told[text] = late
        return late.reply
    }

    private func sum<Writer: MessageWriter & ~Copyable>(_ served: Served<Sum>, _ writer: inout Writer) -> Reply {
        served.call.answer(served.arguments.left + (served.arguments.right ?? 0), &writer)
    }

    private func fail<Writer: MessageWriter & ~Copyable>(_ served: Served<Fail>, _ writer: inout Writer) -> Reply {
        switch String(buffer: served.arguments.request.text) {
        case "note": Fail.write(.note(NoteError(7, "seven")), served.call.head, to: &writer)
        case "other": Fail.write(.other(OtherError("none")), served.call.head, to: &writer)
        default: return served.call.answer(&writer)
        }
        return .written
    }

    // MARK: What a connection calls

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

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
        let note = try Echo.Arguments(arguments: &reader).request
        anticipated[anticipated.count - 1].append(String(buffer: note.text))
        return true
    }

    func finishAnticipating() { anticipated.append([]) }

    func finishGroup() -> Bool {
        groups.append(executed)
        return groupsSucceed
    }

    func isUrgent(_ head: borrowing CallHead) -> Bool { head.method.equals("done") }

    func refused(_ refusal: CallRefusal, _ format: RPCFormat) { refusals.append(refusal) }
}

extension StubMethod {
    var name: StaticString {
        switch self {
        case .echo: Echo.name
        case .hold: Hold.name
        case .tell: Tell.name
        case .sum: Sum.name
        case .done: Done.name
        case .fail: Fail.name
        }
    }
}
