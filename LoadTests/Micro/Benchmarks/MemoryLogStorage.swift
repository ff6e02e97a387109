//! A log's directory in memory, so that no disk takes part.
//!
//! Threads: one.

internal import WriteAheadLog

/// Files by name. What is written is at once as durable as it gets.
final class MemoryLogStorage: LogStorage, @unchecked Sendable {
    let path = "memory"
    /// Of a file, so many bytes are kept; what is written behind them reads as zero.
    private let bytesKeptMax: Int
    private var files: [String: MemoryLogFile] = [:]

    init(bytesKeptMax: Int) { self.bytesKeptMax = bytesKeptMax }

    func list() -> [String] { files.keys.sorted() }

    func open(_ name: String, _ mode: LogFileMode) throws(LogStorageError) -> any LogFile {
        if let file = files[name], mode != .create { return file }
        guard mode == .create, files[name] == nil else {
            throw LogStorageError(.open, file: name, code: 0, reason: "the directory is not as the benchmark left it")
        }
        let file = MemoryLogFile(name, bytesKeptMax: bytesKeptMax)
        files[name] = file
        return file
    }

    func rename(_ name: String, to newName: String) { files[newName] = files.removeValue(forKey: name) }

    func remove(_ name: String) { files[name] = nil }

    func syncDirectory() {}

    func lock(_ name: String) -> LogStorageLock? { LogStorageLock {} }
}

/// An open file, which is the file itself. It goes by the name that it was made with.
final class MemoryLogFile: LogFile, @unchecked Sendable {
    let name: String
    private let bytesKeptMax: Int
    private var kept: [UInt8] = []
    private var length = 0

    init(_ name: String, bytesKeptMax: Int) {
        self.name = name
        self.bytesKeptMax = bytesKeptMax
    }

    func size() -> Int { length }

    func read(at offset: Int, into bytes: inout MutableRawSpan) -> Int {
        let count = max(0, min(length - offset, bytes.byteCount))
        unsafe bytes.withUnsafeMutableBytes { bytes in
            let known = kept.dropFirst(offset).prefix(count)
            unsafe bytes.copyBytes(from: known)
            for index in known.count..<count { unsafe bytes[index] = 0 }
        }
        return count
    }

    func write(_ bytes: RawSpan, at offset: Int) {
        length = max(length, offset + bytes.byteCount)
        let end = min(offset + bytes.byteCount, bytesKeptMax)
        guard offset < end else { return }
        if kept.count < end { kept.append(contentsOf: repeatElement(0, count: end - kept.count)) }
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe kept.replaceSubrange(offset..<end, with: bytes.prefix(end - offset))
        }
    }

    func syncData() {}

    func allocate(_ size: Int) { length = max(length, size) }

    func truncate(to size: Int) {
        length = size
        if kept.count > size { kept.removeLast(kept.count - size) }
    }
}
