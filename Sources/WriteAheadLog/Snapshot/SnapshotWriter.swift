//! The file of a snapshot while it is written, under a name that says that it is not whole.

internal import Timing

final class SnapshotWriter {
    /// What is written at once, about.
    static let bufferBytes = 1 << 20
    /// So much of large entries is held before it is written within a slice, where the engine waits for it.
    private static let heldBytesMax = 8 << 20

    let lsn: Int64
    /// Entries written.
    private(set) var count: Int64 = 0
    /// Bytes of the file.
    private(set) var bytes = 0
    /// The same, with those that wait to be written.
    var bytesAdded: Int { bytes + buffer.used }
    private let storage: any LogStorage
    private let file: any LogFile
    private let buffer: RecordBuffer
    private var error: LogStorageError?

    /// - Parameter lsn: what the snapshot is as of.
    init(_ storage: any LogStorage, lsn: Int64, directoryID: UInt64, clock: Clock) throws(LogStorageError) {
        self.storage = storage
        self.lsn = lsn
        // What is written at once, and the slice that made it so much.
        buffer = RecordBuffer(capacity: 2 * Self.bufferBytes, RecordSeal(directoryID: directoryID))
        let name = LogFormat.temporaryName(LogFormat.snapshotName(lsn))
        // Of a snapshot that was given up, where removing it failed.
        if try storage.list().contains(name) { try storage.remove(name) }
        file = try storage.open(name, .create)
        let header = FileHeader(
            magic: LogFormat.snapshotMagic, directoryID: directoryID, number: 0, previousLSN: lsn,
            createdMicros: clock.wallNow().milliseconds * 1_000)
        do {
            try file.write(unsafe header.encoded.span.bytes, at: 0)
        } catch {
            try? storage.remove(name)
            throw error
        }
        bytes = LogFormat.fileHeaderBytes
    }

    /// Takes an entry, to be written by `writeIfDue`. What goes wrong is thrown there.
    func add(_ key: RawSpan, _ value: RawSpan, _ version: Int64, _ expiry: WallTime) {
        guard error == nil else { return }
        buffer.addPut(key, value: value, lsn: version, expiry: expiry)
        count += 1
        guard buffer.used >= Self.heldBytesMax else { return }
        do throws(LogStorageError) { try flush() } catch { self.error = error }
    }

    /// Writes what was added, if it is enough.
    func writeIfDue() throws(LogStorageError) {
        if let error { throw error }
        if buffer.used >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(LogStorageError) {
        let buffer = buffer
        guard buffer.used > 0 else { return }
        try file.write(buffer.bytes, at: bytes)
        bytes += buffer.used
        buffer.clear()
    }

    /// Has all of it be on disk.
    func finish() throws(LogStorageError) {
        if let error { throw error }
        buffer.addEnd(count: count, lsn: lsn)
        try flush()
        try file.syncData()
    }

    /// Gives the file its name, in place of older snapshots.
    func publish() throws(LogStorageError) {
        let name = LogFormat.snapshotName(lsn)
        try storage.rename(file.name, to: name)
        try storage.syncDirectory()
        for other in try storage.list() where LogFormat.snapshotLSN(other) != nil && other != name {
            try storage.remove(other)
        }
    }

    /// Removes the file.
    func abandon() { try? storage.remove(file.name) }
}
