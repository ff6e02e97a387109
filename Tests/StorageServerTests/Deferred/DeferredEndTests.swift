//! Calls over an engine that answers later which end before their answer comes and before their time is over: cancelled,
//! left by their client, or met by the server's end.

import HeldEngines
import NIOCore
import NIOEmbedded
import StorageAPI
import Testing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct DeferredEndTests {
    /// A call of each kind, held by the engine.
    enum Held: CaseIterable {
        case get, cancellingRead, waitingRead, write

        func begin(on connection: HeldConnection) throws {
            switch self {
            case .get: try connection.get("a")
            case .cancellingRead: try connection.multiGet(["a", "b", "c"], .cancel)
            case .waitingRead: try connection.multiGet(["a", "b", "c"], .wait)
            case .write: try connection.put("a", "v")
            }
        }

        /// What the engine has begun of it.
        var operations: [HeldEngine.Operation] {
            switch self {
            case .get: [.get]
            case .cancellingRead, .waitingRead: [.part, .part]
            case .write: [.write]
            }
        }

        func failure(on connection: HeldConnection) -> StorageError? {
            switch self {
            case .get: connection.failure(StorageMethods.Get.self)
            case .cancellingRead, .waitingRead: connection.failure(StorageMethods.MultiGet.self)
            case .write: connection.failure(StorageMethods.Put.self)
            }
        }
    }

    private static let formatsAndCalls = RPCFormat.allCases.flatMap { format in Held.allCases.map { (format, $0) } }

    private func connection(_ format: RPCFormat) throws -> HeldConnection {
        let connection = try HeldConnection(format)
        connection.engine.holds = true
        return connection
    }

    private func expectNothingMore(of connection: HeldConnection) throws {
        #expect(connection.isAtRest)
        connection.engine.releaseAll()
        connection.pass(milliseconds: 60_000)
        #expect(try connection.received().readableBytes == 0)
        #expect(connection.isAtRest)
        #expect(connection.late(.execute) == 0)
    }

    @Test(arguments: Held.allCases) func aCancelledCallIsAnsweredAtOnceAndItsWorkIsGivenUp(_ call: Held) throws {
        let connection = try connection(.messagePack)
        try call.begin(on: connection)
        try connection.cancelLast()
        let failure = call.failure(on: connection)
        #expect(failure?.code == .cancelled && failure?.effect == .unknown)
        #expect(connection.engine.cancelled == call.operations)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: Held.allCases) func aCancellationAfterTheDeadlineChangesNothing(_ call: Held) throws {
        let connection = try connection(.messagePack)
        try call.begin(on: connection)
        connection.pass(milliseconds: 51)
        #expect(try connection.received().readableBytes > 0)
        try connection.cancelLast()
        connection.engine.releaseAll()
        #expect(try connection.received().readableBytes == 0)
        #expect(connection.engine.cancelled == call.operations && connection.isAtRest)
    }

    @Test(arguments: formatsAndCalls) func aClientThatIsGoneLeavesNoWork(_ format: RPCFormat, _ call: Held) throws {
        let connection = try connection(format)
        try call.begin(on: connection)
        try connection.channel.close().wait()
        #expect(connection.engine.cancelled == call.operations)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: formatsAndCalls) func aServerThatStopsAnswersWhatItHasBegun(
        _ format: RPCFormat, _ call: Held
    ) throws {
        let connection = try connection(format)
        try call.begin(on: connection)
        connection.loop.drain()
        connection.pass(milliseconds: 10)
        #expect(try connection.received().readableBytes == 0)
        connection.engine.releaseAll()
        connection.channel.embeddedEventLoop.run()
        #expect(try connection.received().readableBytes > 0)
        #expect(connection.engine.cancelled.isEmpty)
        try expectNothingMore(of: connection)
    }

    @Test(arguments: formatsAndCalls) func deadlinesHoldWhileTheServerStops(_ format: RPCFormat, _ call: Held) throws {
        let connection = try connection(format)
        try call.begin(on: connection)
        connection.loop.drain()
        connection.pass(milliseconds: 51)
        #expect(try connection.received().readableBytes > 0)
        #expect(connection.engine.cancelled == call.operations && connection.isAtRest)
    }

    @Test(arguments: formatsAndCalls) func aServerThatEndsLeavesNoWork(_ format: RPCFormat, _ call: Held) throws {
        let connection = try connection(format)
        try call.begin(on: connection)
        connection.loop.closeAll()
        connection.channel.embeddedEventLoop.run()
        #expect(connection.engine.cancelled == call.operations)
        try expectNothingMore(of: connection)
    }
}
