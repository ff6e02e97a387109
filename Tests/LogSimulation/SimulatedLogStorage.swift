//! The file system's twin in memory: keeps the promises of `LogStorage`, and no more than those. It forgets and tears what
//! was not synced, fails when it is told to, and fills up.
//!
//! A storage is one run of a machine over a `SimulatedDisk`, which it takes at its beginning and gives back at any time. A
//! crash is: `stop`, let the disk crash, make a storage of it. A process that was killed: the same without the disk's
//! crash.

internal import NeedletailThreads
package import WriteAheadLog

/// A directory in memory.
package final class SimulatedLogStorage: LogStorage {
    /// What calls throw after `stop`.
    package static let stoppedCode: Int32 = 10_000

    package let path = "/simulated"
    private let state: SimulatedState

    package init(_ disk: SimulatedDisk = SimulatedDisk(), faults: SimulatedFaults = SimulatedFaults()) {
        state = SimulatedState(disk, faults)
    }

    // MARK: For tests

    /// What the directory holds now. Setting it is for damage that happens behind the log's back.
    package var disk: SimulatedDisk {
        get { state.withLock { state in state.disk } }
        set { state.withLock { state in state.disk = newValue } }
    }

    package var faults: SimulatedFaults {
        get { state.withLock { state in state.faults } }
        set { state.withLock { state in state.faults = newValue } }
    }

    /// Has a call go another way: see `SimulatedFaults.plan`.
    package func plan(_ outcome: SimulatedFaults.Outcome, _ operation: LogStorageError.Operation, call: Int = 1) {
        state.withLock { state in state.faults.plan(outcome, operation, call: call) }
    }

    /// Bytes that fit on the disk.
    package var capacity: Int {
        get { disk.capacity }
        set { state.withLock { state in state.disk.capacity = newValue } }
    }

    /// Holds syncs of files while it is set.
    package var latch: SyncLatch? {
        get { state.withLock { state in state.latch } }
        set { state.withLock { state in state.latch = newValue } }
    }

    /// The machine, or the process, has ended: whoever still uses the storage or its files gets an error.
    /// - Returns: what it held.
    @discardableResult
    package func stop() -> SimulatedDisk {
        state.withLock { state in
            state.isStopped = true
            return state.disk
        }
    }

    /// Whether it has stopped, by itself or by `stop`.
    package var isStopped: Bool { state.withLock { state in state.isStopped } }

    /// The storage after the machine lost its power.
    package func crashed(_ generator: inout SimulationGenerator) -> SimulatedLogStorage {
        var disk = stop()
        disk.crash(&generator)
        return SimulatedLogStorage(disk, faults: SimulatedFaults(seed: generator.next()))
    }

    // MARK: LogStorage

    package func list() throws(LogStorageError) -> [String] {
        try state.call(.list, path) { state in state.disk.names }
    }

    package func open(_ name: String, _ mode: LogFileMode) throws(LogStorageError) -> any LogFile {
        let number = try state.call(mode == .create ? .create : .open, name) { state throws(LogStorageError) in
            let present = state.disk.file(name)
            guard mode == .create else {
                guard let present else { throw .simulated(.open, name, 2) }
                return present
            }
            guard present == nil else { throw .simulated(.create, name, 17) }
            return state.disk.create(name)
        }
        return SimulatedLogFile(name, number, state, isWritable: mode != .read)
    }

    package func rename(_ name: String, to newName: String) throws(LogStorageError) {
        try state.call(.rename, name) { state throws(LogStorageError) in
            guard state.disk.file(name) != nil else { throw .simulated(.rename, name, 2) }
            state.disk.rename(name, to: newName)
        }
    }

    package func remove(_ name: String) throws(LogStorageError) {
        try state.call(.remove, name) { state throws(LogStorageError) in
            guard state.disk.file(name) != nil else { throw .simulated(.remove, name, 2) }
            state.disk.remove(name)
        }
    }

    package func syncDirectory() throws(LogStorageError) {
        try state.call(.syncDirectory, path) { state in
            if !state.isLying { state.disk.syncNames() }
        }
    }

    package func lock(_ name: String) throws(LogStorageError) -> LogStorageLock? {
        let isFree = try state.call(.lock, name) { state in
            if state.disk.file(name) == nil { _ = state.disk.create(name) }
            return state.locked.insert(name).inserted
        }
        guard isFree else { return nil }
        return LogStorageLock { [state] in _ = state.withLock { state in state.locked.remove(name) } }
    }
}

/// What a storage and its files share.
final class SimulatedState: @unchecked Sendable {
    struct Values {
        var disk: SimulatedDisk
        var faults: SimulatedFaults
        var locked: Set<String> = []
        var latch: SyncLatch?
        var isStopped = false
        /// In a call that is to lie.
        var isLying = false
    }

    private let lock = Lock()
    private var values: Values

    init(_ disk: SimulatedDisk, _ faults: SimulatedFaults) { values = Values(disk: disk, faults: faults) }

    @discardableResult
    func withLock<Result, Failure: Error>(_ body: (inout Values) throws(Failure) -> Result) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&values)
    }

    /// One call to the file system.
    /// - Parameters:
    ///   - fail: what is left of a call that fails.
    ///   - stop: what is left of a call that was under way when everything stopped.
    ///   - body: the call as it should be.
    func call<Result>(
        _ operation: LogStorageError.Operation, _ file: String, fail: (inout Values) -> Void = { _ in },
        stop: (inout Values) -> Void = { _ in },
        _ body: (inout Values) throws(LogStorageError) -> Result
    ) throws(LogStorageError) -> Result {
        try withLock { values throws(LogStorageError) in
            if values.isStopped { throw .simulated(operation, file, SimulatedLogStorage.stoppedCode) }
            let outcome = values.faults.next(operation)
            if case .failure(let code) = outcome {
                fail(&values)
                throw .simulated(operation, file, code)
            }
            if outcome == .stop {
                stop(&values)
                values.isStopped = true
                throw .simulated(operation, file, SimulatedLogStorage.stoppedCode)
            }
            values.isLying = outcome == .lie
            return try body(&values)
        }
    }
}

extension LogStorageError {
    static func simulated(_ operation: Operation, _ file: String, _ code: Int32) -> Self {
        Self(operation, file: file, code: code, reason: "simulated error \(code)")
    }
}
