//! The log behind a server's engine: its directory, what is loaded from it, its threads, its end.
//!
//! Life: `init` opens the directory and takes its lock, before any port is bound; `load` replays what is there, once, on a
//! thread of its own, while the server already answers that it loads; `close`, after the last answer has left.
//!
//! Threads: any. What `load` makes is behind a lock; whoever looks before that finds nothing running.

internal import Logging
internal import MemoryEngine
internal import NeedletailThreads
internal import Synchronization
internal import Timing
internal import WriteAheadLog

package final class ServerLog: Sendable {
    /// A log that is written.
    struct Running: Sendable {
        let log: WriteAheadLog
        let threads: LogThreads
        /// Of the snapshot that was loaded; 0 if there was none.
        let loadedSnapshotBytes: Int
    }

    private let configuration: ServerConfiguration.Log
    private let engine: MemoryEngine
    private let directory: LogDirectory
    private let workers: Int
    private let clock: Clock
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var running: Running?
        var isClosed = false
    }

    /// Opens the directory, which is made if it is not there, and locks it.
    /// - Parameters:
    ///   - storage: what the directory lies on; nil: the file system.
    ///   - workers: threads that load.
    /// - Throws: `StartError`: it cannot be used, is no data directory, is of another version, or is in use.
    init(
        _ configuration: ServerConfiguration.Log, on storage: (any LogStorage)? = nil, for engine: MemoryEngine,
        workers: Int, clock: Clock, logger: Logger
    ) throws(StartError) {
        self.configuration = configuration
        self.engine = engine
        self.workers = workers
        self.clock = clock
        self.logger = logger
        do {
            directory = try LogDirectory.open(
                storage ?? FileLogStorage(directory: configuration.directory, create: true))
        } catch {
            throw StartError("log.directory: \(error)")
        }
    }

    // MARK: Loading

    /// Replays what the directory holds into the engine, and begins to log.
    /// - Throws: `StartError`, if the log is damaged or the disk fails.
    func load(_ loading: Loading) throws(StartError) {
        let start = clock.now()
        let messages = LoadingMessages(clock: clock, logger: logger)
        let replay = MemoryReplay(into: engine, now: clock.wallNow())
        let recovered: RecoveredLog
        let report: RecoveryReport
        do throws(LogRecoveryError) {
            (recovered, report) = try LogRecovery(directory, clock: clock).run(
                into: replay, workers: workers, salvage: configuration.salvage
            ) { [clock] progress in
                loading.progress(
                    to: progress.fraction, after: Double(clock.now().nanoseconds(since: start)) / 1e9)
                messages.progress(progress)
            }
        } catch {
            messages.clear()
            throw StartError("\(error)")
        }
        messages.finish(report, replay)
        do throws(LogStorageError) {
            try begin(after: recovered)
        } catch {
            throw StartError("the log cannot be written: \(error)")
        }
    }

    private func begin(after recovered: RecoveredLog) throws(LogStorageError) {
        let log = try WriteAheadLog(
            directory.storage, configuration: LogConfiguration(configuration), after: recovered,
            firstLSN: MemoryEngineConfiguration.version(at: clock.wallNow()), clock: clock)
        let engine = engine
        state.withLock { state in
            // The server was stopped while it loaded.
            guard !state.isClosed else { return }
            engine.attach(log)
            state.running = Running(
                log: log,
                threads: LogThreads(
                    log, directory, after: recovered, source: { MemorySnapshot(of: engine) }, report: tell),
                loadedSnapshotBytes: recovered.snapshotBytes)
        }
    }

    /// Writes down what the log's threads did.
    private func tell(_ event: UpkeepEvent) {
        switch event {
        case .refuses(let refusal):
            logger.error("takes no writes", metadata: ["reason": "\(refusal)"])
        case .accepts:
            logger.info("takes writes again")
        case .tookSnapshot(let lsn, let entries, let bytes, let seconds):
            logger.info(
                "wrote a snapshot",
                metadata: [
                    "lsn": .stringConvertible(lsn), "entries": .stringConvertible(entries),
                    "bytes": .stringConvertible(bytes), "seconds": "\(seconds)",
                ])
        case .failedSnapshot(let error):
            logger.error("gave up a snapshot; the log goes on", metadata: ["reason": "\(error)"])
        case .foundDamage(let damage):
            logger.error(
                "found damage on disk; take a snapshot, and see to the disk",
                metadata: ["damage": "\(damage)", "lost": "\(damage.loss)"])
        case .failed(let error):
            logger.warning("the log's upkeep will try again", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Running

    /// Where it is.
    var directoryPath: String { configuration.directory }

    /// The log once it is written, until it is closed.
    var running: Running? { state.withLock { $0.running } }

    /// Has a snapshot be written soon.
    /// - Returns: false before the data is loaded.
    func requestSnapshot() -> Bool {
        guard let running else { return false }
        running.threads.requestSnapshot()
        return true
    }

    // MARK: The end

    /// Writes and syncs what is left, and ends the log's threads.
    func close() {
        let running = state.withLock { state in
            state.isClosed = true
            return state.running.take()
        }
        guard let running else { return }
        if let refusal = running.threads.stop() {
            logger.error("not everything is on disk", metadata: ["reason": "\(refusal)"])
        }
    }
}

extension LogConfiguration {
    fileprivate init(_ configuration: ServerConfiguration.Log) {
        self.init()
        segmentBytes = configuration.segmentSizeBytes
        bufferBytesMax = configuration.bufferSizeBytes
        syncIntervalMillis = configuration.syncIntervalMillis
        snapshotIntervalMillis = configuration.snapshotIntervalMillis == 0 ? .max : configuration.snapshotIntervalMillis
        snapshotBytes = configuration.snapshotSizeBytes
        scrubIntervalMillis = configuration.scrubIntervalMillis
    }
}
