//! What one thread needs to use the engine: its pin in the reclamation scheme, scratch space for batched reads, so that a
//! read allocates nothing, and its place among those who wait for the log.
//!
//! Always true: the pin is held exactly while `depth` is above 0 (a scan's closure may read with the same session, and
//! hints hold it until they are finished).
//!
//! Unsafe inside: raw scratch memory, owned by the session, used by its one thread, freed in `deinit`.

internal import NIOCore
internal import StorageEngine
internal import WriteAheadLog

/// One thread's access to a `MemoryEngine`. Made by `makeSession()`, used by one thread at a time, may outlive the
/// engine.
@safe
public final class MemorySession {
    /// One key of a batch on its way through the passes of a read.
    @safe
    struct Probe {
        var key: Key
        /// The shard's structure counter before the lookup began.
        var moves: UInt64
        var bucket: BucketRef?
        var candidate: EntryRef?
    }

    /// A key that will be asked for.
    @safe
    struct Hint {
        var bucket: BucketRef?
        var tag: UInt64
    }

    /// Hints that are kept; further ones are ignored.
    static let hintsMax = 64

    private let epochs: Epochs
    private let index: Int
    private let pinned: Epochs.Pin
    private var depth = 0
    /// Which of the thread's shards housekeeping goes on with.
    var maintenanceTurn = 0
    /// The version of the last change that was made with this session; 0 before the first.
    var lastChange: Int64 = 0
    /// Where the session's changes are waited for; nil: they are not.
    let eventLoop: (any EventLoop)?
    /// Made when something is waited for the first time.
    var line: (log: WriteAheadLog, line: CommitLine)?

    /// `ReadBatch.capacity` of each.
    let probes: UnsafeMutablePointer<Probe>
    let items: UnsafeMutablePointer<ReadItem>
    let hints: UnsafeMutablePointer<Hint>
    var hintCount = 0
    /// Entries of one bucket, for scans, with their places in the order of the scan.
    var collected: [(position: UInt64, entry: EntryRef)] = []
    /// A running average of the sizes of entries that were read, in 1/16 bytes: how much of an entry to prefetch.
    private var typicalSize = 128 * 16

    init(epochs: Epochs, eventLoop: (any EventLoop)?) {
        self.epochs = epochs
        self.eventLoop = eventLoop
        unsafe (index, pinned) = unsafe epochs.register()
        unsafe probes = .allocate(capacity: ReadBatch.capacity)
        unsafe items = .allocate(capacity: ReadBatch.capacity)
        unsafe hints = .allocate(capacity: Self.hintsMax)
    }

    deinit {
        precondition(depth == 0, "a session ended within a call")
        if let (log, line) = line { log.leave(line) }
        epochs.unregister(index)
        unsafe probes.deallocate()
        unsafe items.deallocate()
        unsafe hints.deallocate()
    }

    @inline(__always)
    func pin() {
        depth &+= 1
        if depth == 1 { unsafe epochs.pin(pinned) }
    }

    @inline(__always)
    func unpin() {
        depth &-= 1
        if depth == 0 { unsafe epochs.unpin(pinned) }
    }

    /// Cache lines of an entry to prefetch: those of a typical one, at most 4; the hardware streams the rest.
    @inline(__always)
    var prefetchLines: Int { min(4, (typicalSize >> 4 &+ 63) >> 6) }

    @inline(__always)
    func noteSize(_ bytes: Int) { typicalSize &+= min(bytes, 1 << 20) &- typicalSize >> 4 }
}
