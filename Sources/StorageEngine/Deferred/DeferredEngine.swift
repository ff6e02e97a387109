//! An engine whose answers take time: keys live behind a network. Operations are begun on an event loop and end there.
//!
//! Nobody but the caller minds deadlines: it ends what takes too long (`EngineCall.cancel`, `MultiRead.cancel`), upon which
//! an engine drops what it has queued, discards what comes late, and keeps its connections.

public import NIOCore
public import NeedletailWire
public import Timing

/// A key-value store that answers later.
public protocol DeferredEngine: Sendable {
    /// What one event loop needs to use the engine: its connections, say. Used on that loop only.
    associatedtype Session

    /// What the engine can promise. Fixed for the engine's lifetime.
    var capabilities: EngineCapabilities { get }

    /// A session for `eventLoop`, made on it.
    /// - Parameter timers: that loop's.
    func makeSession(on eventLoop: any EventLoop, timers: LoopTimers) -> Session

    /// Ends a session before its event loop ends: what is under way fails, and so does what is begun later.
    func close(_ session: Session)

    /// Reads one key.
    func get(_ key: ByteBuffer, _ call: EngineCall<StoredValue?>, session: Session)

    /// Begins to read many keys: splits them into parts and has `read` run these.
    func multiGet(_ read: MultiRead, session: Session)

    /// Stores `value` under `key` if `options` allow it.
    func put(
        _ key: ByteBuffer, value: ByteBuffer, options: PutOptions, durability: Durability,
        _ call: EngineCall<Kept<PutOutcome>>, session: Session)

    /// Stores `value` under `key` if what is there is still what was seen; `seen` nil: if nothing is. True if it was stored.
    func compareAndSwap(
        _ key: ByteBuffer, seen: StoredValue?, value: ByteBuffer, expiry: WallTime, durability: Durability,
        _ call: EngineCall<Kept<Bool>>, session: Session)

    /// Removes `key`; true if it was there. A version that the engine does not have is refused.
    func remove(
        _ key: ByteBuffer, ifVersion version: Int64?, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: Session)

    /// Stores `entries`, the last of equal keys wins; each has a status: `stored`, or why not. `atomic`: all or nothing.
    func multiPut(
        _ entries: [EngineEntry], atomic: Bool, durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: Session)

    /// Removes `keys`; the number of entries that were there.
    func multiRemove(
        _ keys: BinaryList, durability: Durability, _ call: EngineCall<Kept<Int>>, session: Session)

    /// Adds `delta` to the decimal value under `key`, or to `initial` where it is missing. `expiry` nil keeps what is there.
    func increment(
        _ key: ByteBuffer, by delta: Int64, initial: Int64, expiry: WallTime?, durability: Durability,
        _ call: EngineCall<Kept<IncrementOutcome>>, session: Session)

    /// Sets when `key` expires (`.distantFuture`: never). False if it is missing.
    func touch(
        _ key: ByteBuffer, expiry: WallTime, durability: Durability, _ call: EngineCall<Kept<Bool>>, session: Session)

    /// One page of the entries whose keys begin with `options.prefix`.
    func scan(_ options: ScanOptions, _ call: EngineCall<ScanPage>, session: Session)

    /// Figures for `/stats` and `/metrics`. Callable from any thread.
    func statistics() -> EngineStatistics
}

/// An entry as a read found it.
public struct StoredValue: Sendable, Hashable {
    public var value: ByteBuffer
    /// Nil where the engine has none.
    public var version: Int64?
    /// `.distantFuture` for never.
    public var expiry: WallTime

    public init(_ value: ByteBuffer, version: Int64? = nil, expiry: WallTime = .distantFuture) {
        self.value = value
        self.version = version
        self.expiry = expiry
    }
}

/// What a write did, and how well that is kept.
public struct Kept<Outcome> {
    public var outcome: Outcome
    /// The level that was reached, at least the one that was asked for. Without a change it means nothing.
    public var durability: Durability

    public init(_ outcome: Outcome, _ durability: Durability) {
        self.outcome = outcome
        self.durability = durability
    }
}

/// One page of a scan.
public struct ScanPage: Sendable {
    public var entries: [(key: ByteBuffer, value: StoredValue)]
    /// Of the next page; nil at the end.
    public var cursor: ByteBuffer?

    public init(entries: [(key: ByteBuffer, value: StoredValue)], cursor: ByteBuffer?) {
        self.entries = entries
        self.cursor = cursor
    }
}
