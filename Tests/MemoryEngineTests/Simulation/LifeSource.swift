import LogSimulation
import StorageEngine
import Timing
import WriteAheadLog

@testable import MemoryEngine

/// What snapshots of a simulated store are taken of: as in a server, or key by key, with pauses in which there are changes.
struct LifeSource: SnapshotSource {
    private let store: Store
    private var generator: SimulationGenerator
    private var engine: MemorySnapshot
    /// The keys that are to come; nil: as the engine has it.
    private var keys: [String]?
    /// Slices that hand out nothing, before the next one.
    private var pause = 0

    init(_ store: Store, seed: UInt64) {
        self.store = store
        generator = SimulationGenerator(seed: seed)
        engine = MemorySnapshot(of: store.engine)
        if seed % 4 > 0 { keys = (0..<Life.keyCount).map { "key\($0)" } }
    }

    func settle() { engine.settle() }

    mutating func nextSlice(
        _ entry: (_ key: RawSpan, _ value: RawSpan, _ version: Int64, _ expiry: WallTime) -> Void
    ) -> Bool {
        if pause > 0 {
            pause -= 1
            return true
        }
        // Some end the step.
        pause = Int.random(in: 0..<8, using: &generator) == 0 ? 70 : 0
        guard keys != nil else { return engine.nextSlice(entry) }
        guard let key = keys?.popLast() else { return false }
        let found = store.get(key)
        if found.status == .found {
            let key = Array(key.utf8)
            unsafe entry(key.span.bytes, found.value.span.bytes, found.version, found.expiry)
        }
        return true
    }
}
