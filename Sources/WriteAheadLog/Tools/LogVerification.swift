//! Reads all of a log and says whether it holds: what `log verify` does. Changes nothing and needs no lock; where another
//! process writes the log meanwhile, what it has not synced yet may look like a torn end.

/// What was found in a directory.
package struct LogVerification: Sendable {
    package struct File: Sendable, Hashable {
        package var name: String
        /// The file's size.
        package var bytes: Int
        /// Records that hold, marks not counted.
        package var records: Int64
        /// The last LSN in it; a snapshot's: what it is as of.
        package var lastLSN: Int64
    }

    /// The files that recovery would read, in its order.
    package var files: [File] = []
    package var records = 0
    /// Changes in them: a batch has several.
    package var entries = 0
    package var lastLSN: Int64 = 0
    package var snapshotLSN: Int64?
    /// What a start would cut off the end; nil if the log ends cleanly.
    package var tail: LogTail?
    /// Where the log does not hold. A start would refuse if there is anything here.
    package var damages: [LogDamage] = []

    /// How often it is begun anew when another process removes files meanwhile.
    private static let attemptsMax = 5

    /// Reads a directory.
    /// - Parameter progress: called now and then.
    package static func run(
        _ storage: any LogStorage, progress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) throws(LogToolError) -> LogVerification {
        let id = try LogToolError.open { () throws(LogOpenError) in try LogDirectory.readID(storage) }
        return try LogToolError.repeating(attemptsMax) { isLast throws(LogToolError) in
            var reading = LogReading(
                storage, directoryID: id, isSalvaging: true, sink: RecordCounter(), progress: progress)
            do throws(LogReadingFailure) { try reading.run() } catch { throw LogToolError(error, storage.path) }
            // What was written while it was read looks like a hole before what is on disk; what was retired, like a gap.
            if !isLast, !reading.findings.damages.isEmpty { return nil }
            return LogVerification(reading.findings, reading.sink)
        }
    }

    init(_ findings: LogFindings, _ counter: RecordCounter) {
        files = findings.files.map { File(name: $0.name, bytes: $0.bytes, records: $0.records, lastLSN: $0.lastLSN) }
        records = counter.records
        entries = counter.changes
        lastLSN = findings.lastLSN
        snapshotLSN = findings.snapshotLSN
        tail = findings.tail
        damages = findings.damages
    }
}

/// Why a tool for data directories did not do its work.
package enum LogToolError: Error, Sendable, Hashable, CustomStringConvertible {
    case open(LogOpenError)
    case storage(LogStorageError)
    /// The log does not hold.
    case damaged(path: String, [LogDamage])
    /// Another process changed the directory again and again.
    case busy(path: String)
    /// Something is where a copy should go.
    case notEmpty(path: String)

    init(_ failure: LogReadingFailure, _ path: String) {
        self =
            switch failure {
            case .storage(let error): .storage(error)
            case .damage(let damage): .damaged(path: path, [damage])
            }
    }

    static func open<Result>(_ call: () throws(LogOpenError) -> Result) throws(Self) -> Result {
        do { return try call() } catch { throw .open(error) }
    }

    static func raise<Result>(_ call: () throws(LogStorageError) -> Result) throws(Self) -> Result {
        do { return try call() } catch { throw .storage(error) }
    }

    /// Whether a file was removed by another process between finding and opening it (ENOENT).
    private var isVanishedFile: Bool {
        if case .storage(let error) = self { return error.operation == .open && error.code == 2 }
        return false
    }

    /// Tries something until it has a result, or a number of times.
    /// - Parameter attempt: nil: to be tried again. It is told whether this is the last time.
    static func repeating<Result>(
        _ count: Int, _ attempt: (_ isLast: Bool) throws(Self) -> Result?
    ) throws(Self) -> Result {
        var failure: Self?
        for number in 1...count {
            do throws(Self) {
                if let result = try attempt(number == count) { return result }
            } catch {
                guard error.isVanishedFile else { throw error }
                failure = error
            }
        }
        throw failure ?? .busy(path: "")
    }

    package var description: String {
        switch self {
        case .open(let error): "\(error)"
        case .storage(let error): "\(error)"
        case .damaged(let path, let damages):
            "the log in '\(path)' is damaged: " + damages.prefix(5).map(\.description).joined(separator: "; ")
        case .busy(let path): "'\(path)' changes too fast to be copied; try again"
        case .notEmpty(let path): "'\(path)' is not empty; name an empty directory, or one that does not exist yet"
        }
    }
}
