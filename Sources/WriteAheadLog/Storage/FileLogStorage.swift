//! The real door: a directory of the file system, by POSIX calls relative to its open descriptor, so that a directory
//! that is renamed stays the same one.
//!
//! Unsafe inside: C strings and directory entries, which live as long as the call that they are passed to or read from.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A directory of the file system.
public struct FileLogStorage: LogStorage {
    public let path: String
    private let directory: FileDescriptor

    /// Owner writes, group reads.
    private static let directoryMode: mode_t = 0o750
    private static let fileMode: mode_t = 0o640

    /// Opens a directory.
    /// - Parameter create: makes it if it is not there, and what is missing above it.
    public init(directory path: String, create: Bool) throws(LogStorageError) {
        self.path = path
        if create { try Self.make(path) }
        directory = try Self.openDirectory(path)
    }

    private static func openDirectory(_ path: String) throws(LogStorageError) -> FileDescriptor {
        FileDescriptor(
            try posix(.open, path) { unsafe openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Makes a directory durable, and those above it.
    private static func make(_ path: String) throws(LogStorageError) {
        guard unsafe mkdir(path, directoryMode) != 0 else { return try syncParent(of: path) }
        let code = errno
        if code == EEXIST { return }
        let parent = parent(of: path)
        guard code == ENOENT, parent != path else { throw .posix(.create, path, code) }
        try make(parent)
        // Somebody else may be making it too.
        guard unsafe mkdir(path, directoryMode) == 0 || errno == EEXIST else { throw .posix(.create, path, errno) }
        try syncParent(of: path)
    }

    private static func syncParent(of path: String) throws(LogStorageError) {
        let parent = parent(of: path)
        let descriptor = try openDirectory(parent)
        try posix(.syncDirectory, parent) { fsync(descriptor.number) }
    }

    private static func parent(of path: String) -> String {
        let name = path.reversed().drop { $0 == "/" }.drop { $0 != "/" }
        let parent = String(name.drop { $0 == "/" }.reversed())
        return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
    }

    // MARK: Names

    public func list() throws(LogStorageError) -> [String] {
        // A description of its own: reading a directory has a position.
        let number = try posix(.list, path) {
            unsafe openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = unsafe fdopendir(number) else {
            let code = errno
            close(number)
            throw .posix(.list, path, code)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                if errno != 0 { throw .posix(.list, path, errno) }
                return names
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if unsafe !isDirectory(name, type: Int32(entry.pointee.d_type)) { names.append(name) }
        }
    }

    private func isDirectory(_ name: String, type: Int32) -> Bool {
        // DT_UNKNOWN is 0 and DT_DIR is 4; not every file system knows.
        guard type == 0 else { return type == 4 }
        var status = stat()
        return unsafe fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0
            && status.st_mode & S_IFMT == S_IFDIR
    }

    public func open(_ name: String, _ mode: LogFileMode) throws(LogStorageError) -> any LogFile {
        let (operation, flags): (LogStorageError.Operation, Int32) =
            switch mode {
            case .read: (.open, O_RDONLY)
            case .write: (.open, O_RDWR)
            case .create: (.create, O_RDWR | O_CREAT | O_EXCL)
            }
        return FileLogFile(name, try open(name, flags, for: operation))
    }

    private func open(
        _ name: String, _ flags: Int32, for operation: LogStorageError.Operation
    ) throws(LogStorageError) -> FileDescriptor {
        FileDescriptor(
            try posix(operation, name) { unsafe openat(directory.number, name, flags | O_CLOEXEC, Self.fileMode) })
    }

    public func rename(_ name: String, to newName: String) throws(LogStorageError) {
        try posix(.rename, name) { unsafe renameat(directory.number, name, directory.number, newName) }
    }

    public func remove(_ name: String) throws(LogStorageError) {
        try posix(.remove, name) { unsafe unlinkat(directory.number, name, 0) }
    }

    public func syncDirectory() throws(LogStorageError) {
        try posix(.syncDirectory, path) { fsync(directory.number) }
    }

    public func lock(_ name: String) throws(LogStorageError) -> LogStorageLock? {
        let file = try open(name, O_RDWR | O_CREAT, for: .lock)
        do {
            try posix(.lock, name) { flock(file.number, LOCK_EX | LOCK_NB) }
        } catch {
            if error.code == EWOULDBLOCK { return nil }
            throw error
        }
        // The lock belongs to the open file, and goes with its last descriptor.
        return LogStorageLock { _ = flock(file.number, LOCK_UN) }
    }
}
