//! When memory that readers may still look at is given back: epochs.
//!
//! Readers take no lock. A session *pins* itself before it looks at a table and unpins after; while it is pinned,
//! nothing that it can reach is freed. Writers unlink memory from the table and *retire* it to their shard's queue. A
//! queue is *sealed* now and then: the batch of what was retired so far gets the next number of the global epoch. A
//! sealed batch is freed once every session is either unpinned or pinned at that epoch or a later one.
//!
//! Why no reader can hold what is freed (all orderings are C++ memory model; no fences, which ThreadSanitizer would not
//! understand, are used):
//!
//! - Sealing is a read-modify-write of the epoch E (acquire, release), giving T, after the batch was unlinked. The
//! later
//!   check of each pin P is a read-modify-write too (adding nothing), by the sealer or by a later holder of its lock.
//! - A reader loads e from E (acquire), then exchanges it into its P (acquire, release), then looks at tables.
//! - If e >= T: the reader's load reads the seal's write or a later one of its release sequence, so the unlinking
//!   happened before the reader's loads, and they cannot see what was unlinked.
//! - If e < T: the check and the exchange are both read-modify-writes of P, so one comes first. Exchange first: the
//!   check sees e < T (or a later value of P) and the batch waits until the reader unpins; the unpinning store
//!   (release) read by the check (acquire) puts the reader's last look before the free. Check first: the exchange reads
//!   from it or from a later write of its release sequence, so again the unlinking happened before the reader's loads.
//! - A session that registers while a check runs: the number of pins is itself only changed and read by
//!   read-modify-writes, and the same argument holds with that number in the place of P.
//!
//! Threads: `Epochs` any; a `Session` is one thread's; a `RetireQueue` belongs to a shard and its lock.
//!
//! Unsafe inside: pins lie in raw memory, a cache line each. They live as long as the `Epochs`, which sessions retain.

internal import CIntrinsics
internal import NeedletailThreads
internal import Synchronization

/// The global epoch, and where every session stands.
@safe
final class Epochs: @unchecked Sendable {
    /// At most this many sessions at a time: two for each event loop (one of each service), not one for each connection.
    static let sessionsMax = 2_048
    private static let pinStrideBytes = 64
    /// What an unpinned session's pin holds.
    static let unpinned = UInt64.max

    typealias Pin = UnsafeMutablePointer<Atomic<UInt64>>

    private let epoch = Atomic<UInt64>(1)
    /// Pins below this index may be in use.
    private let pinCount = Atomic<Int>(0)
    private let lock = Lock()
    /// Indices below `pinCount` that no session has. Under the lock.
    private var freeIndices: [Int] = []
    private let pins: UnsafeMutableRawPointer

    init() {
        unsafe pins = .allocate(
            byteCount: Self.sessionsMax * Self.pinStrideBytes, alignment: Self.pinStrideBytes)
        for index in 0..<Self.sessionsMax {
            let pin = unsafe (pins + index * Self.pinStrideBytes).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
            unsafe pin.initialize(to: Atomic(Self.unpinned))
        }
    }

    deinit { unsafe pins.deallocate() }

    private func pin(_ index: Int) -> Pin {
        unsafe (pins + index * Self.pinStrideBytes).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    // MARK: Readers

    /// A pin for a new session, with its index.
    func register() -> (index: Int, pin: Pin) {
        lock.lock()
        defer { lock.unlock() }
        if let index = freeIndices.popLast() { return unsafe (index, pin(index)) }
        let index = pinCount.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        precondition(index < Self.sessionsMax, "more than \(Self.sessionsMax) sessions at a time")
        return unsafe (index, pin(index))
    }

    func unregister(_ index: Int) {
        lock.lock()
        defer { lock.unlock() }
        freeIndices.append(index)
    }

    @inline(__always)
    func pin(_ pin: Pin) {
        let now = epoch.load(ordering: .acquiring)
        _ = unsafe pin.pointee.exchange(now, ordering: .acquiringAndReleasing)
    }

    @inline(__always)
    func unpin(_ pin: Pin) { unsafe pin.pointee.store(Self.unpinned, ordering: .releasing) }

    // MARK: Writers

    /// A new epoch, for a batch that was unlinked before.
    func seal() -> UInt64 { epoch.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue }

    /// Batches sealed at this epoch or an earlier one may be freed.
    func oldestPinned() -> UInt64 {
        let count = pinCount.wrappingAdd(0, ordering: .acquiringAndReleasing).newValue
        var oldest = Self.unpinned
        for index in 0..<count {
            let pinned = unsafe pin(index).pointee.wrappingAdd(0, ordering: .acquiringAndReleasing).newValue
            oldest = min(oldest, pinned)
        }
        return oldest
    }
}

/// What a shard has unlinked and not yet freed. Serialised by the shard's lock.
struct RetireQueue {
    /// A batch is sealed when it holds this many things ... (So few that what is freed is still in the cache from being
    /// replaced; each seal is two locked instructions and one for each session.)
    static let batchCountMax = 8
    /// ... or this many bytes.
    static let batchBytesMax = 64 << 10

    /// What a retired address is; kept above its 48 bits.
    enum Kind: UInt64 {
        case entry, bucket, page, allocation
    }

    private struct Batch {
        var epoch: UInt64
        var count: Int
    }

    private var words = RingBuffer<UInt64>()
    private var batches = RingBuffer<Batch>()
    private var unsealedCount = 0
    private var unsealedBytes = 0

    private static func address(_ word: UInt64) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(word & 0xffff_ffff_ffff))
    }

    /// How many things wait.
    var count: Int { words.count }

    mutating func append(_ address: UnsafeMutableRawPointer, _ kind: Kind, bytes: Int) {
        words.append(UInt64(UInt(bitPattern: address)) | kind.rawValue << 48)
        unsealedCount += 1
        unsealedBytes += bytes
    }

    /// Whether enough waits to be worth a seal.
    var isDue: Bool { unsealedCount >= Self.batchCountMax || unsealedBytes >= Self.batchBytesMax }

    /// Seals what is unsealed, and hands `free` what no reader can hold any more, oldest first.
    mutating func collect(_ epochs: Epochs, free: (UnsafeMutableRawPointer, Kind) -> Void) {
        if unsealedCount > 0 {
            batches.append(Batch(epoch: epochs.seal(), count: unsealedCount))
            unsealedCount = 0
            unsealedBytes = 0
        }
        guard !batches.isEmpty else { return }
        let oldest = epochs.oldestPinned()
        while let batch = batches.first, batch.epoch <= oldest {
            batches.removeFirst()
            // Their sizes stand in them, and their pages count them: what of both has left the cache is fetched at once.
            for index in 0..<batch.count {
                guard let address = unsafe Self.address(words[index]) else { continue }
                unsafe nt_prefetch(address)
                unsafe nt_prefetch(SlabAllocator.page(of: address))
            }
            for _ in 0..<batch.count {
                let word = words.removeFirst()
                guard let kind = Kind(rawValue: word >> 48), let address = unsafe Self.address(word) else {
                    preconditionFailure("a retired word that is none")
                }
                unsafe free(address, kind)
            }
        }
    }

    /// Hands `free` everything: for the end of the engine, when there is no reader.
    mutating func collectAll(free: (UnsafeMutableRawPointer, Kind) -> Void) {
        unsealedCount = 0
        while !batches.isEmpty { batches.removeFirst() }
        while !words.isEmpty {
            let word = words.removeFirst()
            if let kind = Kind(rawValue: word >> 48), let address = unsafe Self.address(word) {
                unsafe free(address, kind)
            }
        }
    }

    /// The addresses that wait, for the check of invariants.
    func forEach(_ body: (UnsafeMutableRawPointer, Kind) -> Void) {
        for index in 0..<words.count {
            let word = words[index]
            if let kind = Kind(rawValue: word >> 48), let address = unsafe Self.address(word) {
                unsafe body(address, kind)
            }
        }
    }
}

/// A queue over one array, whose capacity is a power of two and shrinks when it empties.
struct RingBuffer<Element> {
    private static var keptCapacityMax: Int { 256 }

    private var storage: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { count == 0 ? nil : storage[head] }

    subscript(index: Int) -> Element {
        guard index < count, let element = storage[(head + index) & (storage.count - 1)] else {
            preconditionFailure("index out of bounds")
        }
        return element
    }

    mutating func append(_ element: Element) {
        if count == storage.count {
            var larger: [Element?] = []
            larger.reserveCapacity(max(8, 2 * count))
            for index in 0..<count { larger.append(storage[(head + index) & (storage.count - 1)]) }
            while larger.count < max(8, 2 * count) { larger.append(nil) }
            storage = larger
            head = 0
        }
        storage[(head + count) & (storage.count - 1)] = element
        count += 1
    }

    @discardableResult
    mutating func removeFirst() -> Element {
        guard count > 0, let element = storage[head] else { preconditionFailure("the queue is empty") }
        storage[head] = nil
        head = (head + 1) & (storage.count - 1)
        count -= 1
        if count == 0, storage.count > Self.keptCapacityMax {
            storage = []
            head = 0
        }
        return element
    }
}
