//! What those see that look at all calls of a server.

import Logging
import Metrics
import MetricsTestKit
import NIOCore
import NIOEmbedded
import NeedletailWire
import Synchronization
import Testing
import Timing

@testable import NeedletailRPC

/// Writes down what it is told, and refuses what it is told to.
private final class Witness: ServerInterceptor {
    private struct Notes {
        var called: [String] = []
        var completed: [CompletedCall] = []
    }

    private let notes = Mutex(Notes())
    private let denies: String?

    init(denies: String? = nil) { self.denies = denies }

    var called: [String] { notes.withLock(\.called) }
    var completed: [CompletedCall] { notes.withLock(\.completed) }
    /// Names and outcomes.
    var outcomes: [String] { completed.map { "\($0.name) \($0.outcome)" } }

    func called(_ head: borrowing CallHead, _ times: CallTimes, _ format: RPCFormat) throws(CallRefusal) {
        let name = head.method.printable
        notes.withLock { $0.called.append(name) }
        if name == denies { throw .denied("not today") }
    }

    func completed(_ call: CompletedCall) { notes.withLock { $0.completed.append(call) } }
}

@Suite struct InterceptorTests {
    private func note(_ wire: RPCWire, id: UInt32 = 1, _ text: String) -> ByteBuffer {
        encodeCall(wire, id: id, Echo.self, One(Note(text)))
    }

    @Test(arguments: allWires) func everyCallIsShownOnceHoweverItsBytesCome(_ wire: RPCWire) throws {
        let witness = Witness()
        let connection = try TestConnection(interceptors: [witness])
        let bytes = calls(wire, ["e1", "e2", "e3"])
        for byte in bytes.readableBytesView { _ = try connection.send(ByteBuffer(bytes: [byte])) }
        _ = try connection.send(bytes)
        #expect(witness.called == Array(repeating: "echo", count: 6))
        #expect(witness.completed.count == 6 && connection.service.executed == 6)
        #expect(witness.completed.allSatisfy { $0.method == StubMethod.echo.rawValue && $0.outcome == .answered })
        #expect(witness.completed.allSatisfy { $0.format == wire.format })
    }

    @Test(arguments: allWires) func aCallThatIsDeniedReachesNoMethod(_ wire: RPCWire) throws {
        let (first, second) = (Witness(denies: "echo"), Witness())
        let connection = try TestConnection(interceptors: [first, second])
        var answer = try connection.send(note(wire, "x"))
        if wire.framing != .unframed { answer.moveReaderIndex(forwardBy: 4) }
        if ThriftHeader.Kind(wire.framing) != nil {
            answer = try HeaderAnswer(answer, wire.framing, sizeMax: 1_000).message
        }
        let failure = #expect(throws: CallFailure<NoteError>.self) {
            try decodeAnswer(answer, wire.format, Echo.self)
        }
        if wire.format == .messagePack {
            // The same map as that of an exception with a code: PERMISSION_DENIED and NOT_EXECUTED.
            let map = String(buffer: answer)
            #expect(map.contains("code\u{8}") && map.contains("effect\u{1}") && map.contains("not today"))
        } else {
            guard case .call(.refused(let exception)) = failure else { return #expect(failure == nil, "no refusal") }
            #expect(exception == ApplicationException(.unsupportedClientType, "not today"))
        }
        #expect(connection.service.executed == 0 && connection.service.refusals == [.denied("not today")])
        #expect(first.outcomes == second.outcomes && first.completed.map(\.outcome) == [.refused(.denied("not today"))])
        #expect(second.called == [], "the first one's word is enough")
        #expect(try connection.send(encodeCall(wire, id: 2, Sum.self, Sum.Arguments(1, 2))).readableBytes > 0)
        #expect(first.called == ["echo", "sum"])
    }

    @Test(arguments: allWires) func whatReachesNoMethodIsTold(_ wire: RPCWire) throws {
        let witness = Witness()
        let connection = try TestConnection(interceptors: [witness])
        _ = try connection.send(encodeCall(wire, id: 1, Nothing.self, One(Note("x"))))
        #expect(witness.completed.map(\.outcome) == [.refused(.unknownMethod("nothing"))])
        #expect(witness.completed.first?.name == "nothing" && witness.completed.first?.method == nil)
    }

    @Test(arguments: allWires) func lateAnswersAreToldWhenTheyAreGiven(_ wire: RPCWire) throws {
        let witness = Witness()
        let connection = try TestConnection(interceptors: [witness])
        _ = try connection.send(calls(wire, ["h1", "t2", "h3"]))
        #expect(witness.called == ["hold", "tell", "hold"] && witness.completed.isEmpty)
        connection.time.advance(byMilliseconds: 5)
        _ = try connection.answering("h3")
        #expect(witness.outcomes == ["hold answered"] && witness.completed.first?.nanoseconds == 5_000_000)
        connection.service.told["t2"]?.send(NoResult())
        try connection.channel.close().wait()
        #expect(witness.outcomes == ["hold answered", "tell answered", "hold cancelled"])
        connection.service.answer("h1")
        #expect(witness.completed.count == 3)
    }

    @Test func aCancelledCallIsTold() throws {
        let witness = Witness()
        let connection = try TestConnection(interceptors: [witness])
        let wire = RPCWire(.messagePack)
        _ = try connection.send(calls(wire, ["h7"]))
        _ = try connection.send(ByteBuffer(bytes: [0x93, 0x02, 0xa7] + Array("$cancel".utf8) + [0x91, 0x07]))
        #expect(witness.outcomes == ["hold cancelled"])
        try connection.channel.close().wait()
        #expect(witness.completed.count == 1)
    }

    @Test func whereACallComesFromIsTold() throws {
        let witness = Witness()
        let connection = try TestConnection(interceptors: [witness])
        let wire = RPCWire(.thriftBinary, .ttheader)
        let metadata = CallMetadata(fromService: "feed", logID: "0af1")
        _ = try connection.send(encodeCall(wire, id: 1, Echo.self, One(Note("x")), metadata: metadata))
        #expect(witness.completed.first?.origin?.metadata == metadata)
    }

    // MARK: Those that we ship

    /// Lines as they are logged.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger {
            Logger(label: "test") { _ in Handler(lines: self) }
        }

        private struct Handler: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                lines.lines.withLock { $0.append(([event.message.description] + metadata).joined(separator: " ")) }
            }
        }
    }

    @Test func refusedAndSlowCallsAreLoggedOnceASecond() throws {
        let lines = Lines()
        let time = ManualTime()
        let logging = LoggingServerInterceptor(slowMillis: 20, logger: lines.logger, clock: .manual(time))
        let connection = try TestConnection(interceptors: [logging])
        let wire = RPCWire(.thriftCompact, .ttheader)
        for id in 1...3 as ClosedRange<UInt32> {
            _ = try connection.send(encodeCall(wire, id: id, Nothing.self, One(Note("x"))))
        }
        connection.service.millisecondsPerCall = 19
        _ = try connection.send(note(wire, "quick"))
        connection.service.millisecondsPerCall = 20
        let metadata = CallMetadata(fromService: "feed", logID: "0af1")
        _ = try connection.send(encodeCall(wire, id: 9, Echo.self, One(Note("slow")), metadata: metadata))
        time.advance(byMilliseconds: 1_000)
        _ = try connection.send(encodeCall(wire, id: 10, Nothing.self, One(Note("x"))))
        #expect(
            lines.lines.withLock { $0 } == [
                "refused a call: there is no method 'nothing' method=nothing protocol=thrift-compact",
                "a call took 20 ms from=feed logID=0af1 method=echo outcome=answered protocol=thrift-compact",
                "refused a call: there is no method 'nothing' method=nothing protocol=thrift-compact suppressed=2",
            ])
    }

    @Test func callsAreCountedByMethodInSwiftMetrics() throws {
        let metrics = TestMetrics()
        let counting = MetricsServerInterceptor(for: StubService.self, factory: metrics)
        let connection = try TestConnection(interceptors: [counting])
        let wire = RPCWire(.messagePack)
        connection.service.millisecondsPerCall = 3
        for word in ["e1", "e2", "h3"] { _ = try connection.send(calls(wire, [word])) }
        _ = try connection.send(encodeCall(wire, id: 4, Nothing.self, One(Note("x"))))
        try connection.channel.close().wait()
        func requests(_ method: String, _ outcome: String) throws -> Int64 {
            try metrics.expectCounter(
                "rpc_server_requests_total", [("method", method), ("outcome", outcome)]
            ).totalValue
        }
        #expect(try requests("echo", "answered") == 2 && requests("echo", "cancelled") == 0)
        #expect(try requests("hold", "answered") == 0 && requests("hold", "cancelled") == 1)
        #expect(try metrics.expectCounter("rpc_server_requests_refused_total").totalValue == 1)
        let timer = try metrics.expectTimer("rpc_server_request_duration_seconds", [("method", "echo")])
        #expect(timer.values == [3_000_000, 3_000_000])
    }
}
