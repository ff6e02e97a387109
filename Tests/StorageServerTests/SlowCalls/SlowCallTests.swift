//! Calls that took long, as `/slow` shows them: over an engine that waits for the test, on a clock that the test moves.

import HeldEngines
import Logging
import NIOCore
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Synchronization
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct SlowCallTests {
    private func watch(
        threshold: Int64 = 100, sampleKeys: Int = 0, clock: Clock, lines: LogLines = LogLines(), logPerSecond: Int = 1
    ) -> SlowCallLog {
        SlowCallLog(
            ServerConfiguration.SlowCalls(
                thresholdMillis: threshold, logPerSecond: logPerSecond, sampleKeys: sampleKeys), eventLoops: 1,
            clock: clock, logger: lines.logger)
    }

    private func connection(_ format: RPCFormat, threshold: Int64 = 100) throws -> (HeldConnection, SlowCallLog) {
        let time = ManualTime()
        let log = watch(threshold: threshold, sampleKeys: 1, clock: .manual(time))
        return (try HeldConnection(format, time: time, watchedBy: log), log)
    }

    @Test(arguments: RPCFormat.allCases) func aSlowReadIsShownWithWhereItsTimeWent(_ format: RPCFormat) throws {
        let (connection, log) = try connection(format)
        try connection.store(["a", "b", "c"])
        let context = RequestContext(
            fromService: "shop", fromCluster: "east", toService: "store", logID: "log 7", timeoutMillis: 500)
        let request = MultiGetRequest(keys: BinaryList(strings: ["a", "b", "c"]), context: context)
        try connection.send(StorageMethods.MultiGet.self, .init(request: request), waiting: 30)
        connection.pass(milliseconds: 100)
        connection.engine.releaseAll()
        _ = try connection.answer(StorageMethods.MultiGet.self)
        let report = log.report()
        let call = try #require(report.calls.first)
        #expect(report.total == 1 && report.calls.count == 1)
        #expect(call.method == "multiGet" && call.protocol == format.name && call.status == "ok")
        #expect(call.totalMicros == 130_000 && call.queueMicros == 30_000)
        #expect(call.executeMicros == 0 && call.waitMicros == 100_000)
        #expect(call.keys == 3 && call.requestBytes > 20 && call.answerBytes > 20)
        #expect(call.fromService == "shop" && call.fromCluster == "east" && call.toService == "store")
        #expect(call.logID == "log 7" && call.toCluster == nil)
        // Each was put and read.
        #expect(report.hotKeys.map(\.key).sorted() == ["a", "b", "c"] && report.hotKeys.allSatisfy { $0.count == 2 })
        #expect(report.largestValues.map(\.bytes) == [2, 2, 2])
    }

    @Test(arguments: RPCFormat.allCases) func callsThatEndInTimeAreNotShown(_ format: RPCFormat) throws {
        let (connection, log) = try connection(format)
        try connection.store(["a"])
        try connection.get("a", timeoutMillis: 500)
        connection.pass(milliseconds: 99)
        connection.engine.release()
        _ = try connection.answer(StorageMethods.Get.self)
        #expect(log.report().calls.isEmpty)
    }

    @Test func ofCallsThatAreOpenTogetherEachHasItsOwnNotes() throws {
        let (connection, log) = try connection(.messagePack)
        try connection.store(["a", "b"])
        try connection.get("a", timeoutMillis: 150)
        connection.pass(milliseconds: 1)
        try connection.multiGet(["a", "b"], .wait, timeoutMillis: 120)
        connection.pass(milliseconds: 200)
        _ = try connection.received()
        let calls = log.report().calls
        #expect(
            Set(calls.map { "\($0.method) \($0.keys) \($0.status)" }) == [
                "get 1 deadline_exceeded", "multiGet 2 deadline_exceeded",
            ])
    }

    @Test func aCallThatIsRefusedBeforeItIsServedHasNotesOfItsOwn() throws {
        let (connection, log) = try connection(.messagePack)
        try connection.store(["a", "b"])
        let context = RequestContext(fromService: "shop", logID: "log 7", timeoutMillis: 50_000)
        let waits = MultiGetRequest(keys: BinaryList(strings: ["a", "b"]), context: context)
        try connection.send(StorageMethods.MultiGet.self, .init(request: waits))
        try connection.get("", timeoutMillis: 50_000, waiting: 150)
        _ = try connection.received()
        let refused = try #require(log.report().calls.first)
        #expect(refused.method == "get" && refused.status == "invalid_argument" && refused.totalMicros == 150_000)
        #expect(refused.keys == 0 && refused.fromService == nil && refused.logID == nil)
        connection.engine.releaseAll()
        _ = try connection.received()
        let read = try #require(log.report().calls.first { $0.method == "multiGet" })
        #expect(read.status == "ok" && read.keys == 2 && read.fromService == "shop" && read.logID == "log 7")
    }

    @Test func ofAClientsWordsSomeAreKeptInOneLine() throws {
        let lines = LogLines()
        let notes = watch(clock: .manual(ManualTime()), lines: lines)
        var note = CallNote()
        note.caller = CallMetadata(
            fromService: "shop\nerror: all is lost", logID: String(repeating: "x", count: 1 << 20))
        let arrival = MonotonicTime(nanoseconds: 0)
        notes.makeNotes(0).tell(
            of: SlowCall(
                method: "get", format: .messagePack, times: CallTimes(arrival: arrival, start: arrival),
                served: arrival, end: arrival, requestBytes: 1, answerBytes: 0, peer: "test", origin: nil, note: note))
        let call = try #require(notes.report().calls.first)
        #expect(call.fromService == "shop\\nerror: all is lost")
        #expect(call.logID?.utf8.count ?? .max < 200)
        #expect(lines.all.count == 1 && lines.all[0].utf8.count < 1_000 && !lines.all[0].contains("\n"))
    }

    @Test func aCallThatIsCancelledLateIsSlow() throws {
        let (connection, log) = try connection(.messagePack)
        try connection.store(["a"])
        try connection.get("a", timeoutMillis: 500)
        connection.pass(milliseconds: 200)
        try connection.cancelLast()
        #expect(log.report().calls.map(\.status) == ["cancelled"])
    }

    @Test func withoutAThresholdNoCallIsSlow() throws {
        let (connection, log) = try connection(.messagePack, threshold: 0)
        try connection.store(["a"])
        try connection.get("a", timeoutMillis: 50_000)
        connection.pass(milliseconds: 40_000)
        connection.engine.release()
        _ = try connection.answer(StorageMethods.Get.self)
        #expect(log.report().total == 0)
    }

    @Test func theLatestAreKeptAndSoManyLinesASecondAreLogged() throws {
        let time = ManualTime()
        let lines = LogLines()
        let notes = watch(clock: .manual(time), lines: lines, logPerSecond: 2)
        let log = notes.makeNotes(0)
        func tell(_ number: Int) {
            let arrival = Clock.manual(time).now()
            time.advance(byMilliseconds: 1)
            let end = Clock.manual(time).now()
            log.tell(
                of: SlowCall(
                    method: "get", format: .messagePack, times: CallTimes(arrival: arrival, start: arrival),
                    served: end, end: end, requestBytes: number, answerBytes: 0, peer: "test", origin: nil,
                    note: CallNote()))
        }
        for number in 0..<200 { tell(number) }
        let report = notes.report()
        #expect(report.total == 200)
        #expect(report.calls.map(\.requestBytes) == (72..<200).reversed())
        #expect(lines.all.count == 2)
        time.advance(byMilliseconds: 1_000)
        tell(200)
        #expect(lines.all.count == 3 && lines.all[2].contains("suppressed=198"))
    }
}

/// What was logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            lines.lines.withLock { $0.append("\(event.message) \(metadata)") }
        }
    }
}
