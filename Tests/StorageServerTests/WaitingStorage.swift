//! A service over a log whose writes wait until the test commits it. The test's thread is the event loop's and the log's.

import LogSimulation
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import Timing
import WriteAheadLog

@testable import NeedletailRPC
@testable import StorageServer

final class WaitingStorage {
    let disk = SimulatedLogStorage()
    let time = ManualTime()
    let loop = EmbeddedEventLoop()
    let log: WriteAheadLog
    let counters = CounterBlock(count: ServiceCounters.count)
    let service: StorageService<MemoryEngine>

    init(
        loading: Loading = .done, segmentBytes: Int = 1 << 16,
        evictionPolicy: MemoryEngineConfiguration.EvictionPolicy = .none
    ) throws {
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(
                shardCount: 4, memoryLimitBytes: 1 << 20, evictionPolicy: evictionPolicy, seed: 1, isLogged: true))
        var configuration = LogConfiguration()
        configuration.segmentBytes = segmentBytes
        log = try WriteAheadLog(
            disk, configuration: configuration, after: RecoveredLog(), firstLSN: 1, clock: .manual(time))
        engine.attach(log)
        service = StorageService(
            engine: engine, limits: ServiceLimits(), on: loop, clock: .manual(time), counters: counters,
            loading: loading)
    }

    /// A call that was served, and its answer if it has one.
    struct Answer<Method: RPCMethod> {
        fileprivate let written: ByteBuffer
        fileprivate let token: LateAnswer?
        /// Whether it leaves with its group.
        var isProvisional = false

        /// Whether the call was answered at once.
        var isImmediate: Bool { token == nil }
        /// Whether there is an answer by now.
        var isGiven: Bool { token?.isGiven ?? true }

        /// The answer. Asked for once.
        func get() throws -> Method.Result {
            do throws(CallFailure<Method.Failure>) {
                return try decodeAnswer(token?.takeBytes() ?? written, .thriftBinary, Method.self)
            } catch {
                throw error.cause
            }
        }

        /// The code and the effect of the error that was answered.
        func failure() -> StorageError? {
            do {
                _ = try get()
                return nil
            } catch {
                return error as? StorageError
            }
        }
    }

    func call<Method: RPCMethod>(_ method: Method.Type, _ arguments: Method.Arguments) throws -> Answer<Method> {
        let message = encodeCall(RPCWire(.thriftBinary), id: 1, method, arguments)
        let now = Clock.manual(time).now()
        var reader = ThriftBinaryReader(message)
        var writer = ThriftBinaryWriter(ByteWriter(into: ByteBuffer()))
        let outcome = try service.call(
            CallHead(try reader.readHead()), CallTimes(arrival: now, start: now), &reader, &writer)
        let written = writer.finish().finish()
        switch outcome {
        case .answered: return Answer(written: written, token: nil)
        case .provisional: return Answer(written: written, token: nil, isProvisional: true)
        case .later(_, let token):
            if token.isPrepared { token.prepare(written) }
            return Answer(written: written, token: token)
        }
    }

    func put(
        _ key: String, _ value: String = "v", durability: StorageAPI.Durability? = nil, condition: Condition? = nil,
        timeoutMillis: Int32? = nil
    ) throws -> Answer<StorageMethods.Put> {
        try call(
            StorageMethods.Put.self,
            .init(
                request: PutRequest(
                    key: ByteBuffer(string: key), value: ByteBuffer(string: value), condition: condition,
                    durability: durability, context: RequestContext(timeoutMillis: timeoutMillis))))
    }

    /// What came together has been served; then the log's thread has a turn, and those whom it woke.
    func commit() {
        loop.run()
        log.commit()
        loop.run()
    }

    /// Time passes, for clocks and timers.
    func advance(byMilliseconds milliseconds: Int64) {
        time.advance(byMilliseconds: milliseconds)
        loop.advanceTime(by: .milliseconds(milliseconds))
    }
}
