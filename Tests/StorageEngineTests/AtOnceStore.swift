//! A memory engine asked through the face of those that answer later, on an event loop of the test's thread.

import LogSimulation
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailWire
import StorageEngine
import Timing
import WriteAheadLog

final class AtOnceStore {
    let time = ManualTime()
    let loop = EmbeddedEventLoop()
    let engine: AtOnceEngine<MemoryEngine>
    let session: MemorySession
    /// What keeps the writes, when the test says so; nil: nothing does.
    let log: WriteAheadLog?
    let disk = SimulatedLogStorage()

    init(isLogged: Bool = false) throws {
        let memory = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 4, seed: 1, isLogged: isLogged))
        var log: WriteAheadLog?
        if isLogged {
            var configuration = LogConfiguration()
            configuration.segmentBytes = 1 << 16
            log = try WriteAheadLog(
                disk, configuration: configuration, after: RecoveredLog(), firstLSN: 1, clock: .manual(time))
        }
        if let log { memory.attach(log) }
        self.log = log
        engine = AtOnceEngine(memory, clock: .manual(time))
        session = engine.makeSession(on: loop, timers: LoopTimers(clock: .manual(time)) { _, _ in })
    }

    var now: WallTime { Clock.manual(time).wallNow() }

    /// The result of an operation that has ended when `begin` returns.
    func result<Outcome>(_ begin: (EngineCall<Outcome>) -> Void) -> Result<Outcome, EngineError>? {
        var result: Result<Outcome, EngineError>?
        begin(EngineCall { result = $0 })
        return result
    }

    func get(_ key: String) throws -> StoredValue? {
        try result { engine.get(ByteBuffer(string: key), $0, session: session) }?.get()
    }

    @discardableResult
    func put(_ key: String, _ value: String, _ options: PutOptions = PutOptions()) throws -> PutOutcome? {
        try result {
            engine.put(
                ByteBuffer(string: key), value: ByteBuffer(string: value), options: options, durability: .memory, $0,
                session: session)
        }?.get().outcome
    }

    func swap(_ key: String, seen: StoredValue?, _ value: String, expiry: WallTime = .distantFuture) throws -> Bool? {
        try result {
            engine.compareAndSwap(
                ByteBuffer(string: key), seen: seen, value: ByteBuffer(string: value), expiry: expiry,
                durability: .memory, $0, session: session)
        }?.get().outcome
    }
}
