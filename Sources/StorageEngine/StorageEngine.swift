//! What a store is to the service: the operations of the `Storage` API over bytes, without wire formats, without clocks
//! and without I/O of the caller's.
//!
//! Threads: an engine is shared by all event loops; each of them makes one session and calls the engine only with that.
//! Time: every operation is told what time it is (`now`), so that an engine holds no clock.

public import NIOCore
public import NeedletailWire
public import Timing

/// A key-value store as the service sees it.
public protocol StorageEngine: Sendable {
    /// What one thread needs to use the engine: scratch space, its place in the reclamation scheme. Not shared.
    associatedtype Session

    /// What the engine can promise. Fixed for the engine's lifetime.
    var capabilities: EngineCapabilities { get }

    /// A session for the calling thread.
    /// - Parameter eventLoop: the loop whose thread this is, on which writes can be waited for; nil: nothing is waited for.
    func makeSession(on eventLoop: (any EventLoop)?) -> Session

    /// Looks `key` up and hands `sink` one batch of one result.
    func read(_ key: RawSpan, now: WallTime, session: Session, into sink: (borrowing ReadBatch) -> Void)

    /// Begins to fetch what a call on `key`, which will come soon, needs from memory. A hint: never waits, and changes
    /// nothing but how long the call takes. Several hints are ended by one `finishAnticipating`.
    func anticipate(_ key: RawSpan, session: Session)

    /// Goes on with what the hints since the last time have begun.
    func finishAnticipating(session: Session)

    /// Looks all `keys` up, in order, and hands `sink` their results in batches of at most `ReadBatch.capacity`.
    ///
    /// No snapshot: two keys may be seen at two moments. Nothing is allocated per key.
    func read(_ keys: BinaryList, now: WallTime, session: Session, into sink: (borrowing ReadBatch) -> Void)

    /// Stores `value` under `key` if `options.condition` and `options.ifVersion` both hold.
    func put(
        _ key: RawSpan, value: RawSpan, options: PutOptions, now: WallTime, session: Session
    ) throws(EngineError) -> PutOutcome

    /// Removes `key`, if `version` is nil or the entry's. A `version` of 0 means "must be missing" and removes nothing.
    func remove(
        _ key: RawSpan, ifVersion version: Int64?, now: WallTime, session: Session
    ) throws(EngineError) -> RemovalOutcome

    /// Stores `entries` in order, the last of equal keys wins. `atomic`: all or nothing, under one version.
    /// Without `atomic` each entry has a status of its own: `stored`, or `failed` (no memory).
    func multiPut(
        _ entries: [EngineEntry], atomic: Bool, now: WallTime, session: Session
    ) throws(EngineError) -> [KeyStatus]

    /// Removes `keys`.
    func multiRemove(_ keys: BinaryList, now: WallTime, session: Session) throws(EngineError) -> RemovalOutcome

    /// Adds `delta` to the decimal value under `key`, or to `initial` where it is missing. `expiry` nil keeps what is
    /// there.
    func increment(
        _ key: RawSpan, by delta: Int64, initial: Int64, expiry: WallTime?, now: WallTime, session: Session
    ) throws(EngineError) -> IncrementOutcome

    /// Sets when `key` expires (`.distantFuture`: never). False if it is missing. Gives the entry a new version.
    func touch(_ key: RawSpan, expiry: WallTime, now: WallTime, session: Session) throws(EngineError) -> Bool

    /// One page of all entries whose key begins with `options.prefix`, to `sink`; the cursor of the next page, nil at the
    /// end. An entry that is there from the first page to the last is handed out at least once.
    func scan(
        _ options: ScanOptions, now: WallTime, session: Session, into sink: (RawSpan, borrowing ReadItem) -> Void
    ) throws(EngineError) -> ByteBuffer?

    /// Has `body` called on the session's event loop when the last change that the session made has reached `level`, or
    /// when it has become impossible to say whether it will: then with the reason, to be printed.
    /// - Returns: false if the level is reached already: then `body` is not called.
    /// - Precondition: `level` is one of the engine's, and the session was made on an event loop.
    func confirm(
        _ level: Durability, session: Session, _ body: @escaping (_ failure: (any Error)?) -> Void
    ) -> Bool

    /// Has the last change that the session made reach `level` with `finishGroup`, which the caller promises to call before
    /// anybody hears of the change, and soon: other sessions' changes may have to wait for it.
    /// - Returns: false if that cannot be; then it is for `confirm`.
    func joinGroup(_ level: Durability, session: Session) -> Bool

    /// Has the changes that have joined since the last call reach their level.
    /// - Returns: false if that failed; whether they will be kept nobody can say then.
    func finishGroup(session: Session) -> Bool

    /// A small, bounded piece of the housekeeping that no request pays for (expiry, reclamation). Called about every
    /// 100 ms by each of `workers` threads, with its own number; they share the shards out among them.
    /// - Returns: false if there is more to do than one slice; then it is called again soon, and goes on where it was.
    @discardableResult
    func maintain(worker: Int, of workers: Int, now: WallTime, session: Session) -> Bool

    /// Figures for `/stats` and `/metrics`. Callable from any thread.
    func statistics() -> EngineStatistics
}

extension StorageEngine {
    /// A session that waits for nothing.
    public func makeSession() -> Session { makeSession(on: nil) }
}

/// What an engine can promise; the service never promises more.
public struct EngineCapabilities: Sendable, Hashable {
    /// The durability levels that a write may ask for.
    public var durabilities: Set<Durability>
    /// Entries carry versions: `version` in answers, `ifVersion`, `withVersions`.
    public var versions: Bool
    /// `multiPut` with `atomic` over any keys.
    public var atomicBatches: Bool

    public init(durabilities: Set<Durability>, versions: Bool, atomicBatches: Bool) {
        self.durabilities = durabilities
        self.versions = versions
        self.atomicBatches = atomicBatches
    }

    /// The strongest level there is: what a write gets that asks for nothing and finds nothing configured.
    public var bestDurability: Durability { durabilities.max() ?? .memory }
}

/// How well a write is kept when it is answered. Raw values are the contract's.
public enum Durability: Int32, Sendable, Hashable, Comparable, CaseIterable {
    /// Applied.
    case memory = 1
    /// Handed to the kernel.
    case logged = 2
    /// On disk.
    case synced = 3
    /// On replicas.
    case replicated = 4

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What became of one key of a call. Raw values are the contract's.
public enum KeyStatus: UInt8, Sendable, Hashable, BitwiseCopyable {
    case found = 1
    case missing = 2
    case deadlineExceeded = 3
    case failed = 4
    case shed = 5
    case tooLarge = 6
    case stored = 7
}

/// Whether a put may replace or create. Raw values are the contract's.
public enum WriteCondition: Int32, Sendable, Hashable {
    case always = 1
    case ifAbsent = 2
    case ifPresent = 3
}

/// How to put.
public struct PutOptions: Sendable {
    /// When the entry expires; `.distantFuture` for never.
    public var expiry: WallTime
    public var condition: WriteCondition
    /// The version that the entry must have; 0: it must be missing; nil: any.
    public var ifVersion: Int64?
    /// Whether the outcome carries the value that was there.
    public var returnPrevious: Bool

    public init(
        expiry: WallTime = .distantFuture, condition: WriteCondition = .always, ifVersion: Int64? = nil,
        returnPrevious: Bool = false
    ) {
        self.expiry = expiry
        self.condition = condition
        self.ifVersion = ifVersion
        self.returnPrevious = returnPrevious
    }
}

/// What a put did. Four words, for registers: with a buffer in it, an outcome was handed on through memory, and each copy
/// waited for all writes before it, which are those of the new entry.
public struct PutOutcome: Sendable {
    /// A value that was asked for.
    @usableFromInline
    final class Previous: Sendable {
        @usableFromInline let value: ByteBuffer
        init(_ value: ByteBuffer) { self.value = value }
    }

    public let applied: Bool
    /// The entry's version now: the new one if `applied`, else the present one's; nil if there is none.
    public let version: Int64?
    @usableFromInline let keptPrevious: Previous?

    public init(applied: Bool, version: Int64?, previous: ByteBuffer?) {
        self.applied = applied
        self.version = version
        keptPrevious = previous.map { Previous($0) }
    }

    /// The value before, where it was asked for and there was one.
    @inlinable public var previous: ByteBuffer? { keptPrevious?.value }
}

/// One entry of a `multiPut`.
public struct EngineEntry: Sendable {
    public var key: ByteBuffer
    public var value: ByteBuffer
    /// When the entry expires; `.distantFuture` for never.
    public var expiry: WallTime

    public init(key: ByteBuffer, value: ByteBuffer, expiry: WallTime = .distantFuture) {
        self.key = key
        self.value = value
        self.expiry = expiry
    }
}

/// What a removal did.
public struct RemovalOutcome: Sendable, Hashable {
    /// Entries that were there.
    public var removed: Int
    /// Whether there is a change to be confirmed. So there is for an entry that is not there where the engine may have
    /// evicted it: what has to persist is that it does not come back.
    public var isChange: Bool

    public init(removed: Int, isChange: Bool) {
        self.removed = removed
        self.isChange = isChange
    }
}

/// What an increment did.
public struct IncrementOutcome: Sendable, Hashable {
    public var value: Int64
    public var version: Int64?

    public init(value: Int64, version: Int64?) {
        self.value = value
        self.version = version
    }
}

/// Which page of a scan, and how large.
public struct ScanOptions: Sendable {
    /// What the page before returned; nil for the first.
    public var cursor: ByteBuffer?
    /// Only keys that begin with this; empty: all.
    public var prefix: ByteBuffer
    /// At most this many entries in the page; at least 1.
    public var limit: Int
    /// The page ends before its keys and values (values: unless `keysOnly`) come to more bytes than this, but after at
    /// least one entry.
    public var byteLimit: Int
    public var keysOnly: Bool

    public init(
        cursor: ByteBuffer? = nil, prefix: ByteBuffer = ByteBuffer(), limit: Int = 100, byteLimit: Int = .max,
        keysOnly: Bool = false
    ) {
        self.cursor = cursor
        self.prefix = prefix
        self.limit = limit
        self.byteLimit = byteLimit
        self.keysOnly = keysOnly
    }
}

/// Why an operation did not happen. Nothing was changed (but for a non-atomic `multiPut`, which has statuses).
public enum EngineError: Error, Sendable, Hashable {
    /// The memory limit is reached and nothing may be evicted.
    case outOfMemory(limitBytes: Int)
    /// `increment` on a value that is no decimal 64-bit integer.
    case notAnInteger
    /// `increment` past 64 bits.
    case overflow
    /// `scan` with bytes that are no cursor of this process.
    case invalidCursor
    /// No writes are taken until something is done about it: the log's disk is full, or it failed.
    case readOnly(reason: String)
    /// More waits to be written to the log than may.
    case overloaded(reason: String)
    /// It broke off in the middle: some keys of the call were changed, the others were not, or nobody knows.
    case interrupted(reason: String)
    /// Where the keys live cannot be reached, or refuses for now. Nothing was changed.
    case unavailable(reason: String)
    /// The engine cannot do this at all.
    case unsupported(String)
}

/// What an engine knows about itself. Bytes are what the allocator gave, not what was asked for.
public struct EngineStatistics: Sendable, Hashable {
    public var keys = 0
    /// Entries: header, key, value and the allocator's rounding.
    public var entryBytes = 0
    /// Buckets, directories, queues.
    public var tableBytes = 0
    /// 0: no limit.
    public var memoryLimitBytes = 0
    public var expiredKeys = 0
    public var evictedKeys = 0
    /// How often a lock was found held by another thread.
    public var contendedLocks = 0

    public init() {}
}
