//! The door to the file system: everything that the log, snapshots, recovery and the tools do with files goes through
//! these two protocols. `FileLogStorage` is the real one; tests have one in memory that forgets what was not synced,
//! tears and reorders writes, flips bits, fails calls and fills up.
//!
//! What they promise is what POSIX and a disk promise, no more:
//! - Bytes written to a file survive the process at once, and the machine once `syncData` on that file has returned.
//!   Before that any part of them may survive, in any order, by 512-byte sector or torn within one.
//! - A creation, rename or removal survives the machine once `syncDirectory` has returned.
//! - After `syncData` has thrown nothing is known of bytes written since the last success, and a later success does not
//!   change that.

/// A directory of log files. Names are plain file names. Safe to use from several threads.
public protocol LogStorage: Sendable {
    /// Where this is, for messages.
    var path: String { get }

    /// The names of all files in the directory, in any order.
    func list() throws(LogStorageError) -> [String]

    func open(_ name: String, _ mode: LogFileMode) throws(LogStorageError) -> any LogFile

    /// Gives a file another name, in place of a file of that name if there is one.
    func rename(_ name: String, to newName: String) throws(LogStorageError)

    func remove(_ name: String) throws(LogStorageError)

    /// Makes creations, renames and removals durable.
    func syncDirectory() throws(LogStorageError)

    /// Takes the exclusive lock of the file `name`, made if it is not there; it is held until `LogStorageLock` ends, or
    /// the process.
    /// - Returns: nil if another holds it.
    func lock(_ name: String) throws(LogStorageError) -> LogStorageLock?
}

/// How to open a file.
public enum LogFileMode: Sendable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case write
    /// A new file, which must not be there.
    case create
}

/// An open file. Reads and writes at explicit offsets, so that there is no position to share; closed when it ends.
public protocol LogFile: AnyObject, Sendable {
    /// The file's name in its directory.
    var name: String { get }

    /// The file's length in bytes.
    func size() throws(LogStorageError) -> Int

    /// Reads from `offset` into `bytes` until they are full or the file ends.
    /// - Returns: how many bytes were read.
    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(LogStorageError) -> Int

    /// Writes all of `bytes` at `offset`, beyond the end if need be. Where it throws, any part may have been written.
    func write(_ bytes: RawSpan, at offset: Int) throws(LogStorageError)

    /// Makes what was written durable (`fdatasync`), the file's length included.
    func syncData() throws(LogStorageError)

    /// Has the file be `size` bytes long, with space on disk for all of them: a write within needs no further space.
    /// What is new reads as zero.
    func allocate(_ size: Int) throws(LogStorageError)

    /// Cuts or extends the file to `size` bytes, without space for what is new.
    func truncate(to size: Int) throws(LogStorageError)
}

/// A lock that is held as long as this lives.
public final class LogStorageLock: Sendable {
    private let release: @Sendable () -> Void

    /// - Parameter release: called once, at the end.
    public init(release: @escaping @Sendable () -> Void) { self.release = release }

    deinit { release() }
}

/// A call to the file system that failed.
public struct LogStorageError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Operation: String, Sendable, Hashable {
        case list, open, create, rename, remove, lock, size, read, write, sync, allocate, truncate
        case syncDirectory = "sync the directory of"
    }

    public var operation: Operation
    /// The file's name, or the directory's path.
    public var file: String
    /// The system's number for the error (`errno`).
    public var code: Int32
    /// What the system says about it.
    public var reason: String

    public init(_ operation: Operation, file: String, code: Int32, reason: String) {
        self.operation = operation
        self.file = file
        self.code = code
        self.reason = reason
    }

    /// There is no space left (ENOSPC), no quota (EDQUOT), or no descriptor for one more file (EMFILE, ENFILE): the same call
    /// may succeed later. A sync's success may then not be worth anything, so this is false for one.
    public var isOutOfSpace: Bool {
        [28, 122, 24, 23].contains(code) && operation != .sync && operation != .syncDirectory
    }

    public var description: String { "cannot \(operation.rawValue) '\(file)': \(reason)" }
}
