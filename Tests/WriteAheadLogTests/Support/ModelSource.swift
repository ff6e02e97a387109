import LogSimulation
import Timing
import WriteAheadLog

/// Entries that a snapshot is taken of, a few in each slice.
struct ModelSource: SnapshotSource {
    private var entries: [([UInt8], ReplayedEntry)]
    private let perSlice: Int
    private let beforeSlice: () -> Void

    /// - Parameter beforeSlice: what happens meanwhile.
    init(
        _ entries: [[UInt8]: ReplayedEntry], perSlice: Int = 3, beforeSlice: @escaping () -> Void = {}
    ) {
        self.entries = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
        self.perSlice = perSlice
        self.beforeSlice = beforeSlice
    }

    func settle() {}

    mutating func nextSlice(_ entry: (RawSpan, RawSpan, Int64, WallTime) -> Void) -> Bool {
        beforeSlice()
        for (key, value) in entries.prefix(perSlice) {
            unsafe entry(key.span.bytes, value.value.span.bytes, value.version, value.expiry)
        }
        entries.removeFirst(min(perSlice, entries.count))
        return !entries.isEmpty
    }
}

extension LogRun {
    /// Takes a snapshot of what is in the entries, without threads.
    @discardableResult
    func snapshot(
        _ entries: [[UInt8]: ReplayedEntry], after lastLSN: Int64? = nil, beforeSlice: @escaping () -> Void = {}
    ) throws -> LogSnapshotResult? {
        var snapshot = LogSnapshot(
            log, directory, source: ModelSource(entries, beforeSlice: beforeSlice), after: lastLSN)
        while true {
            switch try snapshot.step() {
            case .more: continue
            case .waiting: log.commit()
            case .done(let result): return result
            }
        }
    }

    /// What would be recovered if the process were killed now.
    func wouldRecover() throws -> ReplayedEntries { try LogRun(SimulatedLogStorage(storage.disk)).entries }
}
