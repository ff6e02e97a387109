//! What `/debug` looks at. Cheap questions are asked of the event loops, which have a second each to answer; dear ones run
//! on a thread of their own and of low priority, from the first sample to the last letter of the answer. One at a time, so
//! that there is never more than one such thread for stacks, and one for the heap; who comes second is refused before a
//! thread is started for him.

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
    private let startThread: ThreadStart
    private let heapIsBeingRead = Flag()
    private let stacksAreBeingTaken = Flag()

    /// Starts a thread of low priority.
    typealias ThreadStart =
        @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) throws(DedicatedThread.Unavailable)
        -> DedicatedThread

    init(
        rpc: RPCServer, options: ResolvedConfiguration?, statistics: @escaping @Sendable () -> EngineStatistics,
        shards: @escaping @Sendable () -> [ShardFigures],
        startThread: @escaping ThreadStart = { name, body throws(DedicatedThread.Unavailable) in
            try .started(name, priority: .low, body)
        }
    ) {
        self.rpc = rpc
        self.options = options
        self.statistics = statistics
        self.shards = shards
        self.startThread = startThread
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
    /// - Throws: `ProfilerError.busy` if it is being read; `DedicatedThread.Unavailable`.
    func heap() async throws -> HeapReport {
        guard heapIsBeingRead.raise() else { throw ProfilerError.busy }
        defer { heapIsBeingRead.lower() }
        let pools = await rpc.inspectPools()
        let allocator = try await onThread("heap") { _ in AllocatorReport.read() }
        let statistics = statistics()
        return HeapReport(
            allocator: allocator,
            store: HeapReport.Store(
                entryBytes: statistics.entryBytes, tableBytes: statistics.tableBytes,
                shards: shards().map { HeapReport.Shard(shard: $0.shard, bytes: $0.entryBytes + $0.tableBytes) }),
            pools: pools.map { HeapReport.Pool(loop: $0.loop, frozen: $0.frozen, bytes: $0.answer?.bytes) })
    }

    /// Where CPU time goes, as `text` writes it.
    /// - Parameter isStopping: raised to end it early.
    /// - Throws: `ProfilerError`; `DedicatedThread.Unavailable`.
    func profile(
        seconds: Int, hertz: Int, isStopping: Flag = Flag(), text: @escaping @Sendable (StackProfile) -> String
    ) async throws -> String {
        try await stacks(isStopping) { () throws(ProfilerError) in
            text(try StackSampler.profile(milliseconds: seconds * 1_000, hertz: hertz) { isStopping.isRaised })
        }
    }

    /// What every thread is doing, as `text` writes it.
    /// - Throws: `ProfilerError`; `DedicatedThread.Unavailable`.
    func threads(text: @escaping @Sendable ([ThreadStack]) -> String) async throws -> String {
        try await stacks(Flag()) { () throws(ProfilerError) in text(try StackSampler.threads()) }
    }

    private func stacks(
        _ isStopping: Flag, _ body: @escaping @Sendable () throws(ProfilerError) -> String
    ) async throws -> String {
        guard stacksAreBeingTaken.raise() else { throw ProfilerError.busy }
        defer { stacksAreBeingTaken.lower() }
        return try await onThread("profiler", isStopping) { _ in Result(catching: body) }.get()
    }

    /// Has a thread of its own do what would hold up an event loop.
    /// - Parameters:
    ///   - isStopping: is raised when the server stops, or when the request's task is cancelled.
    ///   - body: looks at it.
    /// - Throws: `DedicatedThread.Unavailable`.
    private func onThread<Value: Sendable>(
        _ name: String, _ isStopping: Flag = Flag(), _ body: @escaping @Sendable (_ isStopping: Flag) -> Value
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                var thread: DedicatedThread?
                let value = try await withCheckedThrowingContinuation { continuation in
                    do {
                        thread = try startThread(name) { continuation.resume(returning: body(isStopping)) }
                    } catch {
                        continuation.resume(throwing: error)
                    }
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
