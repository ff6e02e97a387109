//! Every point at which a call over an engine that answers later is looked at for its time: when it is admitted, while
//! parts of it wait and run, just before it is answered, and after. The engine holds what it is asked, and the clock is
//! the test's.

import HeldEngines
import NIOCore
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct DeferredDeadlineTests {
    private static let formatsAndPolicies = RPCFormat.allCases.flatMap { format in
        [ReadPolicy.cancel, .wait].map { (format, $0) }
    }

    private static let late = Status.deadlineExceeded

    // MARK: At admission

    @Test(arguments: RPCFormat.allCases) func aCallThatHasWaitedItsTimeReachesNoEngine(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        for policy: ReadPolicy in [.cancel, .wait] {
            try connection.multiGet(["a"], policy, waiting: 50)
            expectLate(connection.failure(StorageMethods.MultiGet.self), .notExecuted)
        }
        try connection.get("a", waiting: 50)
        expectLate(connection.failure(StorageMethods.Get.self), .notExecuted)
        try connection.put("a", "v", waiting: 50)
        expectLate(connection.failure(StorageMethods.Put.self), .notExecuted)
        #expect(connection.engine.begun.isEmpty)
        #expect(connection.late(.admission) == 4 && connection.late(.execute) == 0)
        try connection.put("a", "v", waiting: 49)
        #expect(try connection.answer(StorageMethods.Put.self).applied)
        #expect(connection.isAtRest)
    }

    // MARK: Reads

    @Test(arguments: RPCFormat.allCases) func underCancelTheAnswerLeavesWithWhatThereIs(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a", "b", "c", "d"])
        let before = connection.engine.begun.count
        try connection.multiGet(["a", "b", "c", "d", "none"], .cancel)
        connection.engine.release(1)
        connection.pass(milliseconds: 49)
        // Two run, one that was begun in the place of the one that ended; two wait.
        #expect(connection.engine.begun.count - before == 3)
        #expect(try connection.received().readableBytes == 0)
        connection.pass(milliseconds: 2)
        let answer = try connection.answer(StorageMethods.MultiGet.self)
        #expect(answer.statusBytes == [Self.late, Status.found, Self.late, Self.late, Self.late])
        #expect(answer.texts == ["", "vb", "", "", ""] && !answer.complete)
        #expect(connection.engine.cancelled == [.part, .part])
        #expect(connection.late(.execute) == 1)
        #expect(connection.counters[ServiceCounters.partsCancelled] == 4)
        try expectNothingMore(of: connection)
        #expect(connection.engine.begun.count - before == 3, "what waited is not begun any more")
    }

    @Test(arguments: RPCFormat.allCases) func underWaitTheDeadlineMakesTheCallAnError(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a", "b", "c"])
        try connection.multiGet(["a", "b", "c"], .wait)
        connection.engine.release()
        connection.pass(milliseconds: 49)
        #expect(try connection.received().readableBytes == 0)
        connection.pass(milliseconds: 2)
        expectLate(connection.failure(StorageMethods.MultiGet.self), .notExecuted)
        #expect(connection.engine.cancelled == [.part, .part])
        #expect(connection.late(.execute) == 1)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: formatsAndPolicies) func noPartIsBegunWhenTheTimeIsOver(
        _ format: RPCFormat, _ policy: ReadPolicy
    ) throws {
        let connection = try HeldConnection(format, concurrency: 1)
        try connection.store(["a", "b"])
        let before = connection.engine.begun.count
        try connection.multiGet(["a", "b"], policy)
        connection.pass(milliseconds: 51)
        #expect(try connection.received().readableBytes > 0)
        // The part that ran brings its key now: nobody takes it, and the next one is not asked for.
        connection.engine.release()
        #expect(connection.engine.begun.count - before == 1)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: formatsAndPolicies) func whatIsReadJustInTimeIsAnsweredAtOnce(
        _ format: RPCFormat, _ policy: ReadPolicy
    ) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a", "b", "c"])
        try connection.multiGet(["a", "b", "c", "none"], policy)
        connection.pass(milliseconds: 49)
        connection.engine.releaseAll()
        let answer = try connection.answer(StorageMethods.MultiGet.self)
        #expect(answer.statusBytes == [Status.found, Status.found, Status.found, Status.missing] && answer.complete)
        #expect(answer.texts == ["va", "vb", "vc", ""])
        #expect(connection.engine.cancelled.isEmpty && connection.late(.execute) == 0)
        try expectNothingMore(of: connection)
    }

    /// The wake-up comes late, and what came meanwhile is there.
    @Test(arguments: formatsAndPolicies) func whatWasReadBeforeTheDeadlineIsSeenIsAnswered(
        _ format: RPCFormat, _ policy: ReadPolicy
    ) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a"])
        try connection.multiGet(["a"], policy)
        connection.time.advance(byMilliseconds: 60)
        connection.engine.releaseAll()
        #expect(try connection.answer(StorageMethods.MultiGet.self).texts == ["va"])
        try expectNothingMore(of: connection)
    }

    @Test(arguments: RPCFormat.allCases) func aGetIsNeverAnsweredInPart(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a"])
        try connection.get("a")
        connection.pass(milliseconds: 49)
        #expect(try connection.received().readableBytes == 0)
        connection.pass(milliseconds: 2)
        expectLate(connection.failure(StorageMethods.Get.self), .notExecuted)
        #expect(connection.engine.cancelled == [.get])
        try expectNothingMore(of: connection)
        try connection.get("a")
        connection.pass(milliseconds: 49)
        connection.engine.releaseAll()
        #expect(try connection.answer(StorageMethods.Get.self).value == ByteBuffer(string: "va"))
        #expect(connection.isAtRest)
    }

    @Test(arguments: RPCFormat.allCases) func aPageThatIsNotReadInTimeIsLate(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        connection.engine.holds = true
        try connection.send(
            StorageMethods.Scan.self, .init(request: ScanRequest(context: RequestContext(timeoutMillis: 50))))
        connection.pass(milliseconds: 51)
        expectLate(connection.failure(StorageMethods.Scan.self), .notExecuted)
        #expect(connection.engine.cancelled == [.scan])
        try expectNothingMore(of: connection)
    }

    // MARK: Writes

    @Test(arguments: RPCFormat.allCases) func ofAWriteThatIsNotConfirmedInTimeNobodyKnows(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        try connection.store(["a", "n"])
        let (a, n) = (ByteBuffer(string: "a"), ByteBuffer(string: "m"))
        let context = RequestContext(timeoutMillis: 50)
        try expectUnknown(
            StorageMethods.Put.self, .init(request: PutRequest(key: a, value: n, context: context)), connection)
        #expect(connection.stored("a") == "m", "it was made all the same")
        try expectUnknown(
            StorageMethods.Increment.self, .init(request: IncrementRequest(key: n, delta: 7, context: context)),
            connection)
        #expect(connection.stored("m") == "7")
        try expectUnknown(
            StorageMethods.Touch.self, .init(request: TouchRequest(key: a, ttlMillis: 5, context: context)), connection)
        try expectUnknown(
            StorageMethods.MultiPut.self,
            .init(request: MultiPutRequest(entries: [Entry(key: a, value: a)], context: context)), connection)
        #expect(connection.stored("a") == "a")
        try expectUnknown(
            StorageMethods.Remove.self, .init(request: RemoveRequest(key: a, context: context)), connection)
        #expect(connection.stored("a") == nil)
        try expectUnknown(
            StorageMethods.MultiRemove.self,
            .init(request: MultiRemoveRequest(keys: BinaryList([n]), context: context)),
            connection)
        #expect(connection.stored("m") == nil)
        #expect(connection.engine.cancelled.count == 6 && connection.late(.execute) == 6)
    }

    private func expectUnknown<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, _ connection: HeldConnection
    ) throws where Method.Failure == StorageError {
        try connection.send(method, arguments)
        connection.pass(milliseconds: 49)
        #expect(try connection.received().readableBytes == 0)
        connection.pass(milliseconds: 2)
        expectLate(connection.failure(method), .unknown)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: RPCFormat.allCases) func aWriteThatIsConfirmedJustInTimeIsAnswered(_ format: RPCFormat) throws {
        let connection = try HeldConnection(format)
        connection.engine.holds = true
        try connection.put("a", "v")
        connection.pass(milliseconds: 49)
        connection.engine.releaseAll()
        #expect(try connection.answer(StorageMethods.Put.self).applied)
        try expectNothingMore(of: connection)
    }

    // MARK: Expectations

    private func expectLate(
        _ failure: StorageError?, _ effect: Effect, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(failure?.code == .deadlineExceeded, sourceLocation: sourceLocation)
        #expect(failure?.effect == effect, sourceLocation: sourceLocation)
    }

    /// What the engine brings later is for nobody.
    private func expectNothingMore(
        of connection: HeldConnection, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(connection.isAtRest, sourceLocation: sourceLocation)
        connection.engine.releaseAll()
        connection.pass(milliseconds: 60_000)
        #expect(try connection.received().readableBytes == 0, sourceLocation: sourceLocation)
        #expect(connection.isAtRest, sourceLocation: sourceLocation)
    }
}
