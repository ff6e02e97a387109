//! A data directory that this process uses: found to be one, or made one, and locked.

internal import Timing

/// A locked data directory. The lock is held as long as this lives.
package final class LogDirectory: Sendable {
    package let storage: any LogStorage
    /// Random, the same in all files.
    package let id: UInt64
    private let lock: LogStorageLock

    private init(_ storage: any LogStorage, id: UInt64, lock: LogStorageLock) {
        self.storage = storage
        self.id = id
        self.lock = lock
    }

    /// Opens a directory; an empty one becomes a data directory. What an earlier process left unfinished is removed.
    package static func open(_ storage: any LogStorage) throws(LogOpenError) -> LogDirectory {
        // Before the lock's file is made: a directory of something else stays as it is.
        _ = try LogOpenError.raise { () throws(LogStorageError) in try storage.list() }.formatOfUse(storage.path)
        let lock = try LogOpenError.raise { () throws(LogStorageError) in try storage.lock(LogFormat.lockFile) }
        guard let lock else { throw .inUse(path: storage.path) }
        let names = try LogOpenError.raise { () throws(LogStorageError) in try storage.list() }
        try LogOpenError.raise { () throws(LogStorageError) in
            for name in names where name.hasSuffix(LogFormat.temporarySuffix) || LogFormat.isSpare(name) {
                try storage.remove(name)
            }
            // What an earlier process renamed is to stay so.
            try storage.syncDirectory()
        }
        let id = try names.formatOfUse(storage.path) ? readFormat(storage) : makeFormat(storage)
        return LogDirectory(storage, id: id, lock: lock)
    }

    /// The directory's id, without a lock: for reading what another process may write.
    static func readID(_ storage: any LogStorage) throws(LogOpenError) -> UInt64 {
        let names = try LogOpenError.raise { () throws(LogStorageError) in try storage.list() }
        guard try names.formatOfUse(storage.path) else { throw .notADataDirectory(path: storage.path, found: []) }
        return try readFormat(storage)
    }

    private static func readFormat(_ storage: any LogStorage) throws(LogOpenError) -> UInt64 {
        let bytes = try LogOpenError.raise { () throws(LogStorageError) in
            try storage.open(LogFormat.formatFile, .read).start(FormatFile.bytesMax)
        }
        do throws(FormatFile.Problem) {
            return try FormatFile(bytes).directoryID
        } catch {
            switch error {
            case .unreadable: throw .unreadableFormat(path: storage.path)
            case .version(let version): throw .otherVersion(path: storage.path, version: version)
            }
        }
    }

    private static func makeFormat(_ storage: any LogStorage) throws(LogOpenError) -> UInt64 {
        let id = UInt64.random(in: 1...(.max))
        try LogOpenError.raise { () throws(LogStorageError) in
            try storage.writeFormat(FormatFile(directoryID: id))
        }
        return id
    }
}

extension [String] {
    /// Whether a directory with these files is a data directory already.
    /// - Returns: false if it is empty.
    /// - Throws: if it is a directory of something else.
    fileprivate func formatOfUse(_ path: String) throws(LogOpenError) -> Bool {
        if contains(LogFormat.formatFile) { return true }
        // A file system's own folder; what was unfinished when a crash came.
        let foreign = filter {
            $0 != "lost+found" && $0 != LogFormat.lockFile && !$0.hasSuffix(LogFormat.temporarySuffix)
        }
        guard foreign.isEmpty else { throw .notADataDirectory(path: path, found: foreign.sorted()) }
        return false
    }
}

extension LogStorage {
    /// Makes the directory a data directory, whole or not at all.
    func writeFormat(_ format: FormatFile) throws(LogStorageError) {
        let temporary = LogFormat.temporaryName(LogFormat.formatFile)
        let file = try open(temporary, .create)
        try file.write(unsafe format.encoded.span.bytes, at: 0)
        try file.syncData()
        try rename(temporary, to: LogFormat.formatFile)
        try syncDirectory()
    }
}

/// Why a directory cannot be used.
package enum LogOpenError: Error, Sendable, Hashable, CustomStringConvertible {
    case storage(LogStorageError)
    /// It holds other things.
    case notADataDirectory(path: String, found: [String])
    /// What says that it is a data directory cannot be read.
    case unreadableFormat(path: String)
    /// It was written by a version with another format.
    case otherVersion(path: String, version: String)
    /// Another process uses it.
    case inUse(path: String)

    fileprivate static func raise<Result>(_ call: () throws(LogStorageError) -> Result) throws(Self) -> Result {
        do { return try call() } catch { throw .storage(error) }
    }

    package var description: String {
        switch self {
        case .storage(let error):
            return "\(error)"
        case .notADataDirectory(let path, let found) where found.isEmpty:
            return "'\(path)' is no data directory: it has no file \(LogFormat.formatFile)"
        case .notADataDirectory(let path, let found):
            let names = found.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
            let rest = found.count > 3 ? " and \(found.count - 3) more" : ""
            return """
                '\(path)' is no data directory: it has no file \(LogFormat.formatFile), but holds \(names)\(rest). Name an \
                empty directory, or one that does not exist yet
                """
        case .unreadableFormat(let path):
            return """
                the file \(LogFormat.formatFile) in '\(path)' is damaged. It is one line, "needletail-data \
                \(LogFormat.directoryVersion) " and the directory's id, 16 hex digits, which bytes 16 to 23 of each segment have in \
                reverse order
                """
        case .otherVersion(let path, let version):
            return """
                '\(path)' has format version \(version); this needletail reads and writes version \
                \(LogFormat.directoryVersion). Start it with the needletail that wrote it, or name another directory
                """
        case .inUse(let path):
            return "'\(path)' is used by another process: it holds the lock of '\(path)/\(LogFormat.lockFile)'"
        }
    }
}
