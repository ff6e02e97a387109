//! How a shard's changes go to the log: after all that could refuse them, before they are applied, under the shard's lock.
//! So the log has the changes of a key in the order in which they can be seen, and what the log refuses has not happened.
//!
//! Evictions and expiries are not logged: an entry that was evicted may come back with a restart, and one that has expired
//! is expired then as well.
//!
//! Without a log a change gets the engine's next version instead of an LSN.

internal import NIOCore
internal import StorageEngine
internal import Timing
internal import WriteAheadLog

extension Shard {
    /// Logs a put that is about to be applied.
    /// - Returns: its version.
    @inline(__always)
    func logPut(_ key: Key, _ value: EntryValue, _ expiry: WallTime) throws(EngineError) -> Int64 {
        guard let log else { return versionWithoutLog() }
        return try Self.append { () throws(LogRefusal) in
            try log.appendPut(key.bytes, value: value.bytes, expiry: expiry)
        }
    }

    /// Logs a removal likewise.
    func logRemove(_ key: Key) throws(EngineError) -> Int64 {
        guard let log else { return versionWithoutLog() }
        return try Self.append { () throws(LogRefusal) in try log.appendRemove(key.bytes) }
    }

    /// Logs a new expiry likewise.
    func logTouch(_ key: Key, _ expiry: WallTime) throws(EngineError) -> Int64 {
        guard let log else { return versionWithoutLog() }
        return try Self.append { () throws(LogRefusal) in try log.appendTouch(key.bytes, expiry: expiry) }
    }

    /// Logs an atomic batch likewise; the locks of all its shards are held, and each key is there once.
    func logBatch(_ entries: [EngineEntry]) throws(EngineError) -> Int64 {
        guard let log else { return versionWithoutLog() }
        let bytes = entries.reduce(0) { sum, entry in
            sum
                + LogBatch.bytes(
                    key: entry.key.readableBytes, value: entry.value.readableBytes, expiry: entry.expiry)
        }
        return try Self.append { () throws(LogRefusal) in
            try log.appendBatch(count: entries.count, entryBytes: bytes) { batch in
                for entry in entries {
                    batch.add(entry.key.readableBytesSpan, value: entry.value.readableBytesSpan, expiry: entry.expiry)
                }
            }
        }
    }

    @inline(__always)
    private func versionWithoutLog() -> Int64 {
        precondition(!shared.isLogged, "a change before the log was attached")
        return shared.nextVersion()
    }

    @inline(__always)
    private static func append(_ body: () throws(LogRefusal) -> Int64) throws(EngineError) -> Int64 {
        do { return try body() } catch { throw EngineError(error) }
    }
}

extension EngineError {
    /// What the log refused.
    @inline(never)
    fileprivate init(_ refusal: LogRefusal) {
        switch refusal {
        case .overloaded: self = .overloaded(reason: refusal.description)
        case .full, .failed, .closed: self = .readOnly(reason: refusal.description)
        }
    }

    /// What the log said.
    var reason: String {
        switch self {
        case .readOnly(let reason), .overloaded(let reason), .interrupted(let reason), .unavailable(let reason),
            .unsupported(let reason):
            reason
        case .outOfMemory, .notAnInteger, .overflow, .invalidCursor: "\(self)"
        }
    }
}

extension Key {
    /// The key's bytes, as long as the caller lends them.
    fileprivate var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}

extension EntryValue {
    /// The value's bytes, as long as the caller lends them.
    fileprivate var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}
