//! Takes a snapshot while changes go on, in small steps that whoever owns it calls when it likes.
//!
//! The log begins a new segment; S is the last LSN before it. Then all entries are written out, as they are when their turn
//! comes: so they hold all changes up to S, and some later ones, which the log holds too. Those later ones must be on disk in
//! the log before the snapshot counts: a crash could otherwise keep a change in the snapshot and lose one that came before
//! it, or the other half of its batch. Then the file gets its name, and what is older goes.
//!
//! Always true: a crash at any instant leaves the older snapshot with its segments, or the new one with those after S.

/// What came of a snapshot.
package struct LogSnapshotResult: Sendable, Hashable {
    package var lsn: Int64
    package var entries: Int64
    package var bytes: Int
}

/// A snapshot that is being taken.
package struct LogSnapshot<Source: SnapshotSource> {
    /// What a step came to.
    package enum Step: Sendable, Hashable {
        /// There is more to do at once.
        case more
        /// The log has to commit first.
        case waiting
        /// The end; nil if nothing was written since the last snapshot.
        case done(LogSnapshotResult?)
    }

    private enum Phase {
        case rotating(Int)
        case writing(SnapshotWriter)
        /// Until the log has this LSN on disk.
        case syncing(SnapshotWriter, through: Int64)
        case ended
    }

    /// A step ends with the slice that reaches so many bytes, or with so many slices: some hundred microseconds.
    private static var stepBytes: Int { 32 << 10 }
    private static var slicesMax: Int { 64 }

    private let log: WriteAheadLog
    private let directory: LogDirectory
    private let lastLSN: Int64?
    private var source: Source
    private var phase: Phase

    /// Begins a snapshot.
    /// - Parameter lastLSN: the last snapshot's: there is nothing to do if the log is still there. Nil: take one in any case.
    package init(_ log: WriteAheadLog, _ directory: LogDirectory, source: Source, after lastLSN: Int64?) {
        self.log = log
        self.directory = directory
        self.source = source
        self.lastLSN = lastLSN
        phase = .rotating(log.askForRotation())
    }

    /// Bytes of entries so far.
    package var bytes: Int {
        switch phase {
        case .writing(let writer), .syncing(let writer, _): writer.bytesAdded
        case .rotating, .ended: 0
        }
    }

    /// Does a little. Where it throws, the snapshot was given up; the log goes on as before.
    package mutating func step() throws(LogStorageError) -> Step {
        do throws(LogStorageError) {
            return try advance()
        } catch {
            abandon()
            throw error
        }
    }

    /// Gives the snapshot up.
    package mutating func abandon() {
        switch phase {
        case .rotating, .ended: break
        case .writing(let writer), .syncing(let writer, _): writer.abandon()
        }
        phase = .ended
    }

    private mutating func advance() throws(LogStorageError) -> Step {
        if case .failed(let error)? = log.currentRefusal { throw error }
        switch phase {
        case .rotating(let request):
            guard let lsn = log.rotatedLSN(request) else { return .waiting }
            if lsn == lastLSN {
                phase = .ended
                return .done(nil)
            }
            source.settle()
            phase = .writing(
                try SnapshotWriter(directory.storage, lsn: lsn, directoryID: directory.id, clock: log.clock))
        case .writing(let writer):
            guard try !writeSlices(writer) else { return .more }
            let lsn = log.appendedLSN
            try writer.finish()
            log.want(logged: nil, synced: lsn)
            phase = .syncing(writer, through: lsn)
        case .syncing(let writer, let lsn):
            guard log.syncedLSN >= lsn else {
                // The file may take the very space that the log waits for.
                if case .full(let error)? = log.currentRefusal { throw error }
                return .waiting
            }
            try writer.publish()
            phase = .ended
            // What fails here is tried again: the snapshot counts.
            try? log.segments.retire(through: writer.lsn)
            return .done(LogSnapshotResult(lsn: writer.lsn, entries: writer.count, bytes: writer.bytes))
        case .ended:
            return .done(nil)
        }
        return .more
    }

    /// - Returns: whether there are more.
    private mutating func writeSlices(_ writer: SnapshotWriter) throws(LogStorageError) -> Bool {
        let end = writer.bytesAdded + Self.stepBytes
        for _ in 0..<Self.slicesMax where writer.bytesAdded < end {
            let isMore = source.nextSlice { key, value, version, expiry in writer.add(key, value, version, expiry) }
            // After the slice: while it lasts, the engine frees nothing.
            try writer.writeIfDue()
            guard isMore else { return false }
        }
        return true
    }
}
