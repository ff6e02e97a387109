//! Copies a log into an empty directory: a backup, also while a server writes it, and a restore, which is the same the other
//! way. The copy holds all changes up to some instant during the copying, which lies behind all that was on disk when it
//! began.
//!
//! How it is consistent: the newest snapshot is copied whole; then the segments from it on, one after the other. A segment
//! that is not the last ends where the next one says; of the last, records are taken as far as they hold. Where the server
//! takes a snapshot meanwhile, files vanish or are used again: then the copy is begun anew. FORMAT comes last, so that what
//! is not whole is no data directory; and what was copied is read again before that.
//!
//! Unsafe inside: a look at the bytes of an array, whether they are zero.

package enum LogBackup {
    /// How often a copy is begun anew.
    private static let attemptsMax = 10
    /// Copied at once.
    private static let pieceBytes = 1 << 20

    /// Copies a log.
    /// - Parameter to: an empty directory. Where this throws, what was copied is removed.
    /// - Returns: what was copied.
    @discardableResult
    package static func copy(
        from source: any LogStorage, to destination: any LogStorage
    ) throws(LogToolError) -> LogVerification {
        let id = try LogToolError.open { () throws(LogOpenError) in try LogDirectory.readID(source) }
        let present = try LogToolError.raise { () throws(LogStorageError) in try destination.list() }
        guard present.allSatisfy({ $0 == LogFormat.lockFile || $0 == "lost+found" }) else {
            throw .notEmpty(path: destination.path)
        }
        let lock = try LogToolError.raise { () throws(LogStorageError) in try destination.lock(LogFormat.lockFile) }
        guard lock != nil else { throw .open(.inUse(path: destination.path)) }
        do throws(LogToolError) {
            let found = try LogToolError.repeating(attemptsMax) { isLast throws(LogToolError) in
                try attempt(source, destination, id, isLast)
            }
            try LogToolError.raise { () throws(LogStorageError) in
                try destination.syncDirectory()
                try destination.writeFormat(FormatFile(directoryID: id))
            }
            return found
        } catch {
            try? clear(destination)
            throw error
        }
    }

    /// Restores a log from a backup: the backup is read first, so that a damaged one costs nothing but the time.
    @discardableResult
    package static func restore(
        from backup: any LogStorage, to destination: any LogStorage
    ) throws(LogToolError) -> LogVerification {
        let found = try LogVerification.run(backup)
        guard found.damages.isEmpty else { throw .damaged(path: backup.path, found.damages) }
        return try copy(from: backup, to: destination)
    }

    /// - Returns: nil if the source changed meanwhile.
    private static func attempt(
        _ source: any LogStorage, _ destination: any LogStorage, _ id: UInt64, _ isLast: Bool
    ) throws(LogToolError) -> LogVerification? {
        try LogToolError.raise { () throws(LogStorageError) in try clear(destination) }
        let before = try LogToolError.raise { () throws(LogStorageError) in
            try LogInventory(source, directoryID: id)
        }
        let entries = (before.snapshots.last.map { [$0] } ?? []) + before.neededSegments
        for entry in entries {
            try LogToolError.raise { () throws(LogStorageError) in try copy(entry, source, destination) }
        }
        let after = try LogToolError.raise { () throws(LogStorageError) in
            try LogInventory(source, directoryID: id)
        }
        // All of them are still there, and still what they were.
        for entry in entries {
            let now = (after.snapshots + after.segments).first { $0.name == entry.name }
            guard now?.header == entry.header else { return nil }
        }
        // Holes are what was written meanwhile; the last try says what it finds.
        var reading = LogReading(destination, directoryID: id, isSalvaging: true, sink: RecordCounter())
        do throws(LogReadingFailure) { try reading.run() } catch { throw LogToolError(error, destination.path) }
        let damages = reading.findings.damages
        if damages.isEmpty { return LogVerification(reading.findings, reading.sink) }
        if isLast { throw .damaged(path: source.path, damages) }
        return nil
    }

    private static func copy(
        _ entry: LogInventory.Entry, _ source: any LogStorage, _ destination: any LogStorage
    ) throws(LogStorageError) {
        let from = try source.open(entry.name, .read)
        let to = try destination.open(entry.name, .create)
        let size = try from.size()
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        var offset = 0
        while offset < size {
            var span = piece.mutableSpan
            var raw = unsafe span.mutableBytes
            let count = try from.read(at: offset, into: &raw)
            guard count > 0 else { break }
            let bytes = unsafe piece.span.bytes.extracting(first: count)
            // What was never written takes no space in the copy.
            if !bytes.isZero { try to.write(bytes, at: offset) }
            offset += count
        }
        try to.truncate(to: size)
        try to.syncData()
    }

    /// Removes what an attempt left: FORMAT first, without which the rest is no data directory.
    private static func clear(_ destination: any LogStorage) throws(LogStorageError) {
        let names = try destination.list()
        let temporary = LogFormat.temporaryName(LogFormat.formatFile)
        for name in [LogFormat.formatFile, temporary] where names.contains(name) { try destination.remove(name) }
        for name in names where LogFormat.segmentNumber(name) != nil || LogFormat.snapshotLSN(name) != nil {
            try destination.remove(name)
        }
    }
}

extension RawSpan {
    /// Whether all bytes are zero.
    fileprivate var isZero: Bool {
        unsafe withUnsafeBytes { unsafe RecordDecoder($0, .none).isZero(0..<$0.count) }
    }
}
