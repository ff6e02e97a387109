//! Writes of one key: decide and change under the shard's lock, answer after it.
//!
//! A write that finds no room under the memory limit has already expired and evicted in its own shard; it then releases
//! its lock, does the same in the other shards, one at a time, and tries once more. So no thread ever waits for a
//! second lock while it holds one.

@_spi(CustomByteBufferAllocator) internal import NIOCore
internal import NeedletailThreads
public import StorageEngine
public import Timing

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension MemoryEngine {
    public func put(
        _ key: RawSpan, value: RawSpan, options: PutOptions, now: WallTime, session: MemorySession
    ) throws(EngineError) -> PutOutcome {
        if value.byteCount >= Self.sharedValueBytesMin {
            let kept = Self.bufferToKeep(copying: value)
            return try put(key, kept.readableBytesSpan, kept: kept, options, now, session)
        }
        return try put(key, value, kept: nil, options, now, session)
    }

    private func put(
        _ key: RawSpan, _ value: RawSpan, kept: ByteBuffer?, _ options: PutOptions, _ now: WallTime,
        _ session: MemorySession
    ) throws(EngineError) -> PutOutcome {
        let outcome = try unsafe key.withUnsafeBytes { bytes throws(EngineError) in
            let key = unsafe checkedKey(bytes)
            return try EntryValue.lend(value, kept: kept) { value throws(EngineError) in
                let held = value.storageBytes ?? value.count
                return try withShard(key, bytes: key.count + held, now: now) { shard throws(EngineError) in
                    try shard.put(key, value: value, options: options, now: now)
                }
            }
        }
        if outcome.applied, let version = outcome.version { session.lastChange = version }
        return outcome
    }

    public func remove(
        _ key: RawSpan, ifVersion version: Int64?, now: WallTime, session: MemorySession
    ) throws(EngineError) -> RemovalOutcome {
        let removal = try unsafe key.withUnsafeBytes { bytes throws(EngineError) in
            let key = unsafe Key(bytes, hash: shared.hash)
            return try withLock(shard(key.hash)) { shard throws(EngineError) in
                try shard.remove(key, ifVersion: version, now: now)
            }
        }
        if let lsn = removal.lsn { session.lastChange = lsn }
        return RemovalOutcome(removed: removal.isDone ? 1 : 0, isChange: removal.lsn != nil)
    }

    public func increment(
        _ key: RawSpan, by delta: Int64, initial: Int64, expiry: WallTime?, now: WallTime, session: MemorySession
    ) throws(EngineError) -> IncrementOutcome {
        let outcome = try unsafe key.withUnsafeBytes { bytes throws(EngineError) in
            let key = unsafe checkedKey(bytes)
            return try withShard(key, bytes: key.count, now: now) { shard throws(EngineError) in
                try shard.increment(key, by: delta, initial: initial, expiry: expiry, now: now)
            }
        }
        if let version = outcome.version { session.lastChange = version }
        return outcome
    }

    public func touch(
        _ key: RawSpan, expiry: WallTime, now: WallTime, session: MemorySession
    ) throws(EngineError) -> Bool {
        let version = try unsafe key.withUnsafeBytes { bytes throws(EngineError) in
            let key = unsafe Key(bytes, hash: shared.hash)
            return try withShard(key, bytes: key.count, now: now) { shard throws(EngineError) in
                try shard.touch(key, expiry: expiry, now: now)
            }
        }
        guard let version else { return false }
        session.lastChange = version
        return true
    }

    // MARK: Locks and room

    private func checkedKey(_ bytes: UnsafeRawBufferPointer) -> Key {
        precondition(bytes.count <= Self.keyBytesMax, "keys have at most \(Self.keyBytesMax) bytes")
        return unsafe Key(bytes, hash: shared.hash)
    }

    /// Runs `body` with the lock of `key`'s shard; where it finds no room, once more after room was made elsewhere.
    @inline(__always)
    private func withShard<Result>(
        _ key: Key, bytes: Int, now: WallTime, _ body: (Shard) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        let index = shardIndex(key.hash)
        do {
            return try withLock(shards[index], body)
        } catch .outOfMemory {
            makeRoomElsewhere(after: index, bytes: bytes + Self.entryOverheadBytesMax, now: now)
            return try withLock(shards[index], body)
        }
    }

    @inline(__always)
    private func withLock<Result>(
        _ shard: Shard, _ body: (Shard) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        shard.lock.lock()
        defer { shard.lock.unlock() }
        defer { shard.finishWrite() }
        return try body(shard)
    }

    /// More than an entry takes beyond its key and what holds its value: 96 bytes, and at most 816 of a size class's
    /// rounding.
    static let entryOverheadBytesMax = 1_024

    /// Expires, and evicts a little from every shard in turn, beginning after `index`, until `bytes` fit or nothing is
    /// left to evict. No lock is held. (So a large value costs all shards a little, not its own everything.)
    func makeRoomElsewhere(after index: Int, bytes: Int, now: WallTime) {
        guard bytes <= shared.account.limitBytes else { return }
        var hasMore = true
        while hasMore {
            hasMore = false
            for step in 1...shards.count {
                let shard = shards[(index + step) % shards.count]
                shard.lock.lock()
                defer { shard.lock.unlock() }
                _ = shard.expire(now: now, budget: Shard.expiriesPerWrite)
                if shard.evictTurn(protecting: nil) { hasMore = true }
                if shared.account.fits(bytes, unflushed: 0) { return }
            }
        }
    }

    // MARK: Large values

    /// The buffer that a value of `sharedValueBytesMin` bytes or more is kept in; nil for smaller ones.
    ///
    /// The value's own storage, if the value fills at least 7/8 of it; else a copy.
    static func bufferToKeep(_ value: ByteBuffer) -> ByteBuffer? {
        guard value.readableBytes >= sharedValueBytesMin else { return nil }
        if value.readableBytes >= value.storageCapacity / 8 * 7 { return value }
        return bufferToKeep(copying: value.readableBytesSpan)
    }

    /// A copy of a large value in storage of exactly its size. (SwiftNIO's own allocation rounds up to a power of two,
    /// which wastes a quarter on average; hence the SPI.)
    static func bufferToKeep(copying value: RawSpan) -> ByteBuffer {
        let count = value.byteCount
        precondition(count <= valueBytesMax, "values have at most \(valueBytesMax) bytes")
        guard let start = unsafe malloc(count) else { fatalError("the system has no memory for \(count) bytes") }
        unsafe value.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { unsafe start.copyMemory(from: source, byteCount: count) }
        }
        return unsafe ByteBuffer(
            takingOwnershipOf: UnsafeMutableRawBufferPointer(start: start, count: count),
            allocator: ByteBufferAllocator())
    }
}

extension Shard {
    /// See `StorageEngine.put`.
    func put(_ key: Key, value: EntryValue, options: PutOptions, now: WallTime) throws(EngineError) -> PutOutcome {
        var position = live(key, now: now)
        let current = position?.entry
        let previous = options.returnPrevious ? current?.copyValue() : nil
        guard Self.allows(options, current) else {
            return PutOutcome(applied: false, version: current?.version, previous: previous)
        }
        let isTimed = options.expiry != .distantFuture
        try makeRoom(
            for: key, chargeOfEntry(keyCount: key.count, value: value, isTimed: isTimed), at: &position, now: now)
        let version = try logPut(key, value, options.expiry)
        store(key, value: value, expiry: options.expiry, version: version, replacing: position)
        return PutOutcome(applied: true, version: version, previous: previous)
    }

    private static func allows(_ options: PutOptions, _ current: EntryRef?) -> Bool {
        switch options.condition {
        case .always: break
        case .ifAbsent: if current != nil { return false }
        case .ifPresent: if current == nil { return false }
        }
        guard let version = options.ifVersion else { return true }
        return version == current?.version ?? 0
    }

    /// Makes room for an entry that takes `charge` bytes and replaces the one at `position`, and finds that one again.
    private func makeRoom(
        for key: Key, _ charge: Int, at position: inout Table.Position?, now: WallTime
    ) throws(EngineError) {
        guard shared.account.limitBytes > 0 else { return }
        let needed = charge - (position.map { self.charge(of: $0.entry) } ?? 0)
        guard needed > 0, !fits(needed) else { return }
        try makeRoom(needed, protecting: position?.entry, now: now)
        if position != nil { position = table.find(key) }
    }

    /// See `StorageEngine.increment`.
    func increment(
        _ key: Key, by delta: Int64, initial: Int64, expiry: WallTime?, now: WallTime
    ) throws(EngineError) -> IncrementOutcome {
        var position = live(key, now: now)
        var base = initial
        if let entry = position?.entry {
            guard let stored = unsafe DecimalInteger.parse(entry.value) else { throw .notAnInteger }
            base = stored
        }
        let (sum, overflow) = base.addingReportingOverflow(delta)
        guard !overflow else { throw .overflow }
        let expiry = expiry ?? position?.entry.expiry ?? .distantFuture
        var text = DecimalInteger(sum)
        return try unsafe text.withBytes { bytes throws(EngineError) in
            let value = unsafe EntryValue(bytes)
            let charge = chargeOfEntry(keyCount: key.count, value: value, isTimed: expiry != .distantFuture)
            try makeRoom(for: key, charge, at: &position, now: now)
            let version = try logPut(key, value, expiry)
            store(key, value: value, expiry: expiry, version: version, replacing: position)
            return IncrementOutcome(value: sum, version: version)
        }
    }

    /// See `StorageEngine.remove`.
    /// - Returns: whether there was an entry, and the change's version; nil if there was none.
    func remove(
        _ key: Key, ifVersion version: Int64?, now: WallTime
    ) throws(EngineError) -> (isDone: Bool, lsn: Int64?) {
        guard let position = live(key, now: now) else {
            // It may have been evicted, which the log does not know: it must not come back with the next start.
            return (false, shared.evicts && version == nil ? try logRemove(key) : nil)
        }
        if let version, version != position.entry.version { return (false, nil) }
        let removal = try logRemove(key)
        remove(position)
        return (true, removal)
    }

    /// See `StorageEngine.touch`.
    /// - Returns: the entry's version; nil if it is missing.
    func touch(_ key: Key, expiry: WallTime, now: WallTime) throws(EngineError) -> Int64? {
        var position = live(key, now: now)
        guard let entry = position?.entry else { return nil }
        let value = entry.valueToKeep
        let charge = chargeOfEntry(keyCount: key.count, value: value, isTimed: expiry != .distantFuture)
        try makeRoom(for: key, charge, at: &position, now: now)
        let version = try logTouch(key, expiry)
        store(key, value: value, expiry: expiry, version: version, replacing: position)
        return version
    }
}
