import LogSimulation
import NIOCore
import NeedletailWire
import StorageEngine
import Timing
import WriteAheadLog

@testable import MemoryEngine

/// An engine over a log on a disk in memory. Nothing is written before the test commits.
final class LoggedStore {
    let storage = SimulatedLogStorage()
    let store: Store
    let log: WriteAheadLog

    init(
        _ configuration: MemoryEngineConfiguration = MemoryEngineConfiguration(shardCount: 4, seed: 1),
        bufferBytesMax: Int = 1 << 20, segmentBytes: Int = 1 << 16
    ) throws {
        var configuration = configuration
        configuration.isLogged = true
        store = Store(configuration)
        var logConfiguration = LogConfiguration()
        logConfiguration.segmentBytes = segmentBytes
        logConfiguration.bufferBytesMax = bufferBytesMax
        var recovered = RecoveredLog()
        recovered.directoryID = try LogDirectory.open(storage).id
        log = try WriteAheadLog(
            storage, configuration: logConfiguration, after: recovered, firstLSN: 1_000, clock: .manual(store.time))
        store.engine.attach(log)
    }

    var engine: MemoryEngine { store.engine }
    var session: MemorySession { store.session }

    func multiPut(_ entries: [(String, String)], atomic: Bool = false) throws(EngineError) -> [KeyStatus] {
        let entries = entries.map { EngineEntry(key: ByteBuffer(string: $0), value: ByteBuffer(string: $1)) }
        return try engine.multiPut(entries, atomic: atomic, now: store.now, session: session)
    }

    func multiRemove(_ keys: [String]) throws(EngineError) -> Int {
        try engine.multiRemove(BinaryList(strings: keys), now: store.now, session: session).removed
    }
}
