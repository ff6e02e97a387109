//! What `/debug` looks at. Cheap questions are asked of the event loops, which have a second each to answer; dear ones run
//! on a thread of their own, one at a time.

internal import MemoryEngine
internal import NeedletailProfiler
internal import NeedletailRPC
internal import NeedletailThreads
internal import ServiceLifecycle
internal import StorageEngine
internal import Synchronization

/// The parts of a live server that `/debug` shows; safe to ask from any thread.
package struct DebugSource: Sendable {
    let rpc: RPCServer
    /// With where each value came from; nil if the server was not started from a resolved configuration.
    let options: ResolvedConfiguration?
    let statistics: @Sendable () -> EngineStatistics
    let shards: @Sendable () -> [ShardFigures]
    private let heapIsBeingRead = Flag()

    init(
        rpc: RPCServer, options: ResolvedConfiguration?, statistics: @escaping @Sendable () -> EngineStatistics,
        shards: @escaping @Sendable () -> [ShardFigures]
    ) {
        self.rpc = rpc
        self.options = options
        self.statistics = statistics
        self.shards = shards
    }

    /// The keys' values; of secrets only that they are set.
    func optionReports() -> [OptionReport] {
        guard let options else { return [] }
        return options.table.keys.map { key in
            let entry = options[key.name]
            let isHidden = key.isSecret && entry.value != .absent
            return OptionReport(
                name: key.name, value: isHidden ? "(hidden)" : entry.value.yaml, origin: "\(entry.origin)")
        }
    }

    /// Memory, by who holds it.
    /// - Throws: `ProfilerError.busy` if it is being read.
    func heap() async throws -> HeapReport {
        guard heapIsBeingRead.raise() else { throw ProfilerError.busy }
        defer { heapIsBeingRead.lower() }
        let pools = await rpc.inspectPools()
        let allocator = await Self.onThread("heap") { _ in AllocatorReport.read() }
        let statistics = statistics()
        return HeapReport(
            allocator: allocator,
            store: HeapReport.Store(
                entryBytes: statistics.entryBytes, tableBytes: statistics.tableBytes,
                shards: shards().map { HeapReport.Shard(shard: $0.shard, bytes: $0.entryBytes + $0.tableBytes) }),
            pools: pools.map { HeapReport.Pool(loop: $0.loop, frozen: $0.frozen, bytes: $0.answer?.bytes) })
    }

    /// Where CPU time goes.
    func profile(seconds: Int, hertz: Int) async throws -> StackProfile {
        try await Self.onThread("profiler") { isStopping in
            Result { () throws(ProfilerError) in
                try StackSampler.profile(milliseconds: seconds * 1_000, hertz: hertz) { isStopping.isRaised }
            }
        }.get()
    }

    /// What every thread is doing.
    func threads() async throws -> [ThreadStack] {
        try await Self.onThread("profiler") { _ in
            Result { () throws(ProfilerError) in try StackSampler.threads() }
        }.get()
    }

    /// Has a thread of its own do what would hold up an event loop.
    /// - Parameter body: is told when the server stops, or nobody waits any more.
    private static func onThread<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable (_ isStopping: Flag) -> Value
    ) async -> Value {
        let isStopping = Flag()
        return await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                var thread: DedicatedThread?
                let value = await withCheckedContinuation { continuation in
                    thread = DedicatedThread(name, priority: .low) { continuation.resume(returning: body(isStopping)) }
                }
                // It has nothing left to do.
                thread?.join()
                return value
            } onGracefulShutdown: {
                _ = isStopping.raise()
            }
        } onCancel: {
            _ = isStopping.raise()
        }
    }
}

/// Something that is so or not, for all threads.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    /// False if it was up.
    func raise() -> Bool { !value.exchange(true, ordering: .acquiring) }

    func lower() { value.store(false, ordering: .releasing) }
}
