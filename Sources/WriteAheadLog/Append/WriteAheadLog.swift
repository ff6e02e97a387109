//! The log that is written: records come in from any thread, leave in groups, and are waited for.
//!
//! A writer takes the lock for some nanoseconds: it gets the next LSN and a place in the open chunk, which it fills after
//! the lock. One thread (`LogThread`; in tests the test itself) calls `commit`: it takes all chunks, writes them to the
//! segment, and syncs if somebody waits for that. While it does, the next group gathers by itself. A group that asks for no
//! sync is written by the thread whose changes they are (`beginGroup`), unless the log's threads are at work: that
//! costs one call to the kernel, where two switches of threads cost more than all the rest of a write. Another thread
//! (`LogUpkeep`) does what nobody waits for: it syncs what has been unsynced for long, prepares segments, takes snapshots.
//!
//! Order: LSNs are given out under the lock, in the order of places; a chunk is written before the next. So what is
//! written is always a prefix of what was appended, and what is synced a prefix of that: `appendedLSN >= loggedLSN >=
//! syncedLSN`, and each only rises.
//!
//! Faults: with no space the records stay in their chunks, new ones are refused, and `commit` tries again; nothing is
//! lost. After a failed write or sync the log has failed for good.

internal import NeedletailTelemetry
internal import NeedletailThreads
internal import Synchronization
public import Timing

/// An append-only log in segments.
public final class WriteAheadLog: @unchecked Sendable {
    public let configuration: LogConfiguration
    let clock: Clock
    let segments: SegmentWriter
    private let recordSeal: RecordSeal
    /// Wakes the committing thread.
    let signal = Signal()
    package let figures = LogFigures()

    // Under `lock`.
    private let lock = Lock()
    private var open: LogChunk
    private var sealed: [LogChunk] = []
    private var emptyChunks: [LogChunk] = []
    private var lastLSN: Int64
    private var bytesWaiting = 0
    private var refusal: LogRefusal?
    private var lines: [CommitLine] = []
    private var rotation = Rotation()

    // Read without the lock.
    private let logged: Atomic<Int64>
    private let synced: Atomic<Int64>
    private let wantedSynced: Atomic<Int64>
    private let isRefusing = Atomic<Bool>(false)

    /// The last LSN on disk before this run, and that before its first.
    private let begin: (recoveredLSN: Int64, previousLSN: Int64)

    // Under `writing`, which is held by whoever writes to the segments.
    private let writing = Lock()
    private var unwritten: [LogChunk] = []
    private var rotationRetry = MonotonicTime(nanoseconds: 0)

    /// Held during a sync: the kernel tells of a failure once, so a second sync beside the one that fails might succeed.
    private let syncing = Lock()

    /// How many wait for one of the two. Groups would take them again and again before who sleeps has woken up.
    private let claims = Atomic<Int>(0)

    /// Chunks that are kept for use again.
    private static let emptyChunksMax = 4
    /// What waits to be written when a change joins a group is no more than this: copying into the kernel takes time.
    private static let groupBytesMax = 256 << 10
    /// So much is in one chunk, whatever others add to it.
    static let groupRoom = LogChunk.bytesDefault

    private struct Rotation {
        var asked = 0
        var done = 0
        var lsn: Int64 = 0
    }

    /// Begins a run: a new segment after what was recovered.
    /// - Parameter firstLSN: the first LSN is this, or the one after the greatest that was ever given out.
    package init(
        _ storage: any LogStorage, configuration: LogConfiguration = LogConfiguration(), after recovered: RecoveredLog,
        firstLSN: Int64, clock: Clock = .system
    ) throws(LogStorageError) {
        self.configuration = configuration
        self.clock = clock
        recordSeal = RecordSeal(directoryID: recovered.directoryID)
        open = LogChunk(holding: 0, sealedWith: recordSeal)
        lastLSN = max(firstLSN - 1, recovered.greatestLSN, recovered.lastLSN)
        segments = try SegmentWriter(storage, configuration, after: recovered, runLSN: lastLSN, clock: clock)
        begin = (recovered.lastLSN, lastLSN)
        logged = Atomic(lastLSN)
        synced = Atomic(lastLSN)
        wantedSynced = Atomic(lastLSN)
    }

    // MARK: Appending, on any thread

    /// Appends a put and returns its LSN. The caller holds the lock that orders changes of this key.
    public func appendPut(_ key: RawSpan, value: RawSpan, expiry: WallTime) throws(LogRefusal) -> Int64 {
        try append(.put, key, value, expiry)
    }

    /// Appends a removal.
    public func appendRemove(_ key: RawSpan) throws(LogRefusal) -> Int64 {
        try append(.remove, key, RawSpan(), .distantFuture)
    }

    /// Appends that an entry has a new expiry.
    public func appendTouch(_ key: RawSpan, expiry: WallTime) throws(LogRefusal) -> Int64 {
        try append(.touch, key, RawSpan(), expiry)
    }

    @inline(__always)
    private func append(
        _ kind: RecordKind, _ key: RawSpan, _ value: RawSpan, _ expiry: WallTime
    ) throws(LogRefusal) -> Int64 {
        let body = RecordEncoder.bodyBytes(key: key.byteCount, value: value.byteCount, expiry: expiry)
        var place = try reserve(RecordEncoder.recordBytes(body: body))
        place.encoder.write(kind, key: key, value: value, expiry: expiry)
        return place.close()
    }

    /// Appends several puts as one record, with one LSN: after a crash all of them are there, or none.
    /// - Parameters:
    ///   - count: how many puts.
    ///   - entryBytes: the sum of `LogBatch.bytes` over them.
    ///   - fill: adds them.
    public func appendBatch(
        count: Int, entryBytes: Int, _ fill: (inout LogBatch) -> Void
    ) throws(LogRefusal) -> Int64 {
        let body = RecordEncoder.batchBodyBytes(entryBytes: entryBytes)
        precondition(body <= LogFormat.bodyBytesMax, "a batch is longer than a frame can be")
        var batch = LogBatch(try reserve(RecordEncoder.recordBytes(body: body)), count: count)
        fill(&batch)
        return batch.close(bodyBytes: body)
    }

    /// A place for a record. Its chunk waits until it is closed.
    @inline(__always)
    private func reserve(_ recordBytes: Int) throws(LogRefusal) -> LogPlace {
        lock.lock()
        defer { lock.unlock() }
        if let refusal { throw refusal }
        if bytesWaiting > 0, bytesWaiting + recordBytes > configuration.bufferBytesMax {
            signal.raise()
            throw .overloaded(bytesWaiting: bytesWaiting)
        }
        if !open.fits(recordBytes) { changeChunk(recordBytes) }
        bytesWaiting &+= recordBytes
        lastLSN &+= 1
        return LogPlace(chunk: open, lsn: lastLSN, encoder: open.open(recordBytes, lsn: lastLSN))
    }

    @inline(never)
    private func changeChunk(_ recordBytes: Int) {
        if !open.isEmpty {
            sealed.append(open)
            // Nobody may be waiting for it, but memory does.
            signal.raise()
        }
        open = emptyChunk(holding: recordBytes)
    }

    private func emptyChunk(holding recordBytes: Int) -> LogChunk {
        if let chunk = emptyChunks.last, chunk.fits(recordBytes) {
            emptyChunks.removeLast()
            return chunk
        }
        return LogChunk(holding: recordBytes, sealedWith: recordSeal)
    }

    // MARK: Looking, on any thread

    /// The last LSN that was given out.
    public var appendedLSN: Int64 {
        lock.lock()
        defer { lock.unlock() }
        return lastLSN
    }

    /// All records up to this LSN are with the kernel.
    public var loggedLSN: Int64 { logged.load(ordering: .sequentiallyConsistent) }

    /// All records up to this LSN are on disk.
    public var syncedLSN: Int64 { synced.load(ordering: .sequentiallyConsistent) }

    /// Bytes of records that wait to be written.
    public var queuedBytes: Int {
        lock.lock()
        defer { lock.unlock() }
        return bytesWaiting
    }

    /// Why the log takes no records now; nil if it does.
    public var currentRefusal: LogRefusal? {
        lock.lock()
        defer { lock.unlock() }
        return refusal
    }

    /// Why those who wait will not hear that their level was reached.
    var refusalOfWaiters: LogRefusal? {
        isRefusing.load(ordering: .sequentiallyConsistent) ? currentRefusal : nil
    }

    // MARK: Waiting

    /// A line for one thread's waiters, which ends with `leave`.
    public func makeLine(
        wake: @escaping @Sendable () -> Void, later: @escaping (@escaping () -> Void) -> Void
    ) -> CommitLine {
        let line = CommitLine(log: self, wake: wake, later: later)
        lock.lock()
        defer { lock.unlock() }
        lines.append(line)
        return line
    }

    /// Ends a line.
    public func leave(_ line: CommitLine) {
        lock.lock()
        defer { lock.unlock() }
        lines.removeAll { $0 === line }
    }

    /// Has the log written, and synced, up to these LSNs soon.
    func want(logged: Int64?, synced: Int64?) {
        if let synced { wantedSynced.max(synced, ordering: .sequentiallyConsistent) }
        if max(logged ?? .min, synced ?? .min) > .min { signal.raise() }
    }

    /// - Parameter caller: the line that need not be told.
    private func wakeLines(except caller: CommitLine? = nil) {
        lock.lock()
        let lines = lines
        lock.unlock()
        for line in lines where line !== caller && line.isDue() { line.wakeOnce() }
    }

    // MARK: Writing at once, on the thread of a line

    /// Takes the right to write, if writing will wait for nothing: nobody writes or syncs now, or is about to, and there is
    /// room in the current segment. `finishGroup` gives it back.
    /// - Parameter room: bytes of it.
    /// - Returns: false if that is not so; then it is for the committing thread, which the caller wakes.
    func beginGroup(room: Int) -> Bool {
        guard !isClaimed, writing.tryLock() else { return false }
        if unwritten.isEmpty, segments.fits(room), syncing.tryLock() {
            if takesGroup() { return true }
            syncing.unlock()
        }
        writing.unlock()
        return false
    }

    /// Whether what was appended last is of a group that may be written at once: small, and not refused.
    func takesGroup() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return bytesWaiting <= Self.groupBytesMax && refusal == nil
    }

    /// Writes what was appended, and gives back the right to write. What others have added and is much stays for the
    /// committing thread.
    /// - Parameters:
    ///   - caller: the line of this thread, which need not be told.
    ///   - lsn: what is written at least, in the chunk that there was room for.
    func finishGroup(for caller: CommitLine, through lsn: Int64) {
        defer {
            syncing.unlock()
            writing.unlock()
        }
        let count = takeChunks()
        if count > 0 { figures.countGroup(records: count) }
        do throws(LogStorageError) {
            while let chunk = unwritten.first, segments.fits(chunk.bytes.byteCount),
                loggedLSN < lsn || chunk.bytes.byteCount <= Self.groupBytesMax
            {
                try write(chunk)
            }
        } catch {
            // What lacks space is tried again by the committing thread.
            if !error.isOutOfSpace { fail(error) }
        }
        if !unwritten.isEmpty { signal.raise() }
        wakeLines(except: caller)
    }

    /// Whether one of the log's threads waits to write or to sync.
    package var isClaimed: Bool { claims.load(ordering: .relaxed) > 0 }

    // MARK: Committing, on one thread

    /// Takes `writing` or `syncing`, before any further group.
    private func claim(_ lock: Lock) {
        claims.wrappingAdd(1, ordering: .relaxed)
        lock.lock()
        claims.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Writes what was appended, syncs it if somebody waits for that, and wakes who waited.
    package func commit() {
        claim(writing)
        defer { writing.unlock() }
        if case .failed = currentRefusal { return }
        let count = takeChunks()
        if count > 0 { figures.countGroup(records: count) }
        do throws(LogStorageError) {
            try writeChunks()
            try rotateIfAsked()
            try syncIfWanted()
            accept()
        } catch {
            refuse(error)
        }
        wakeLines()
    }

    /// - Returns: how many records they hold.
    private func takeChunks() -> Int {
        lock.lock()
        defer { lock.unlock() }
        if !open.isEmpty {
            sealed.append(open)
            open = emptyChunk(holding: 0)
        }
        unwritten += sealed
        defer { sealed.removeAll(keepingCapacity: true) }
        return sealed.reduce(0) { $0 + $1.recordCount }
    }

    private func writeChunks() throws(LogStorageError) {
        while let chunk = unwritten.first {
            let bytes = chunk.bytes.byteCount
            if !segments.fits(bytes) { try beginSegment(holding: bytes) }
            try write(chunk)
        }
    }

    /// Writes the first of the unwritten chunks, as soon as it is filled.
    private func write(_ chunk: LogChunk) throws(LogStorageError) {
        while !chunk.isFilled { Signal.yield() }
        chunk.seal(previousLSN: segments.lastLSN, durableLSN: durableLSN)
        let bytes = chunk.bytes.byteCount
        try segments.write(chunk)
        figures.countWrite(bytes: bytes)
        logged.store(chunk.lastLSN, ordering: .sequentiallyConsistent)
        unwritten.removeFirst()
        giveBack(chunk)
    }

    /// The last LSN on disk that a record has: before the first sync of a run there are none up to `syncedLSN`.
    private var durableLSN: Int64 { syncedLSN > begin.previousLSN ? syncedLSN : begin.recoveredLSN }

    private func giveBack(_ chunk: LogChunk) {
        lock.lock()
        defer { lock.unlock() }
        bytesWaiting -= chunk.used - LogFormat.markBytes
        guard chunk.capacity == LogChunk.bytesDefault, emptyChunks.count < Self.emptyChunksMax else { return }
        chunk.reuse()
        emptyChunks.append(chunk)
    }

    private func beginSegment(holding bytes: Int) throws(LogStorageError) {
        try syncAll()
        try segments.begin(holding: bytes)
        figures.countSegment()
    }

    private func syncIfWanted() throws(LogStorageError) {
        if wantedSynced.load(ordering: .sequentiallyConsistent) > syncedLSN { try syncAll() }
    }

    /// Syncs what was written.
    private func syncAll() throws(LogStorageError) {
        let target = loggedLSN
        guard target > syncedLSN else { return }
        segments.writeAhead()
        let start = clock.now()
        try sync(segments.currentFile, through: target)
        figures.countSync(nanoseconds: clock.now().nanoseconds(since: start))
    }

    /// Syncs a file, after which everything up to `lsn` is on disk. A failure is the log's end.
    private func sync(_ file: any LogFile, through lsn: Int64) throws(LogStorageError) {
        claim(syncing)
        defer { syncing.unlock() }
        if case .failed(let error) = currentRefusal { throw error }
        do throws(LogStorageError) {
            try file.syncData()
        } catch {
            fail(error)
            throw error
        }
        synced.max(lsn, ordering: .sequentiallyConsistent)
    }

    private func accept() {
        guard isRefusing.load(ordering: .relaxed) else { return }
        lock.lock()
        defer { lock.unlock() }
        guard case .full = refusal else { return }
        refusal = nil
        isRefusing.store(false, ordering: .sequentiallyConsistent)
    }

    private func refuse(_ error: LogStorageError) {
        if error.isOutOfSpace {
            // What was written can still be kept for those who wait for it.
            do { try syncIfWanted() } catch { return fail(error) }
            setRefusal(.full(error))
        } else {
            fail(error)
        }
    }

    private func fail(_ error: LogStorageError) { setRefusal(.failed(error)) }

    private func setRefusal(_ new: LogRefusal) {
        lock.lock()
        defer { lock.unlock() }
        if case .failed = refusal { return }
        refusal = new
        isRefusing.store(true, ordering: .sequentiallyConsistent)
    }

    // MARK: Rotating

    /// Asks that the next commit ends the current segment, if it has records, and begins another.
    /// - Returns: what to ask `rotatedLSN` with.
    package func askForRotation() -> Int {
        lock.lock()
        defer { lock.unlock() }
        rotation.asked += 1
        signal.raise()
        return rotation.asked
    }

    /// The last LSN before the segment that was begun for this request, or a later one; nil until then.
    package func rotatedLSN(_ request: Int) -> Int64? {
        lock.lock()
        defer { lock.unlock() }
        return rotation.done >= request ? rotation.lsn : nil
    }

    private func rotateIfAsked() throws(LogStorageError) {
        guard let request = openRotation else { return }
        if !segments.isEmpty {
            guard clock.now() >= rotationRetry else { return }
            do throws(LogStorageError) {
                try beginSegment(holding: 0)
            } catch {
                // There may be room in this segment still: who asked waits, not who writes.
                guard error.isOutOfSpace else { throw error }
                rotationRetry = clock.now().advanced(byMilliseconds: configuration.retryIntervalMillis)
                return
            }
        }
        lock.lock()
        defer { lock.unlock() }
        rotation.done = request
        rotation.lsn = segments.lastLSN
    }

    /// The latest request that was not answered.
    private var openRotation: Int? {
        lock.lock()
        defer { lock.unlock() }
        return rotation.asked > rotation.done ? rotation.asked : nil
    }

    // MARK: Upkeep, on another thread

    /// Syncs what was written, whether or not somebody waits for it.
    /// - Returns: false if there was nothing to sync, or the log has failed.
    @discardableResult
    package func syncInBackground() -> Bool {
        // First the LSN, then the file: what an older segment holds was synced before a newer one was begun.
        let target = loggedLSN
        guard target > syncedLSN else { return false }
        let file = segments.currentFile
        let start = clock.now()
        defer { wakeLines() }
        do throws(LogStorageError) {
            try sync(file, through: target)
        } catch {
            return false
        }
        figures.countUpkeepSync(nanoseconds: clock.now().nanoseconds(since: start))
        return true
    }

    // MARK: Closing

    /// Writes and syncs everything, and marks it as on disk. The log takes nothing from here on.
    /// - Precondition: nobody commits any more.
    /// - Returns: why not everything is on disk; nil if it is.
    package func close() -> LogRefusal? {
        refuseAppends()
        wantedSynced.max(appendedLSN, ordering: .sequentiallyConsistent)
        commit()
        if let refusal = currentRefusal, refusal != .closed { return refusal }
        // Everything is on disk; the mark only says so.
        claim(writing)
        defer { writing.unlock() }
        try? segments.writeMark(durableLSN: durableLSN)
        try? sync(segments.currentFile, through: appendedLSN)
        setRefusal(.closed)
        wakeLines()
        return nil
    }

    /// What was appended is all that there will be. Who waits goes on to wait.
    private func refuseAppends() {
        lock.lock()
        defer { lock.unlock() }
        if case .failed = refusal { return }
        refusal = .closed
    }
}
