//! One entry: header, key and value in one allocation, as raw memory.
//!
//!     offset  0  version              8 bytes
//!             8  key length           2
//!            10  flags                1    which of the optional parts follow
//!            11  accesses             1    atomic, 0 to 3; written by readers when the engine evicts
//!            12  value length         4
//!            16  timer node          24    only with an expiry: the expiry time, and the wheel's two links
//!             .  queue links         16    only when the engine evicts
//!             .  shared value        32    only for large values: a `ByteBuffer` and the address of its bytes
//!             .  key, then value (unless shared)
//!
//! An entry of a 16-byte key and a 100-byte value without expiry takes 132 bytes, rounded to 136.
//!
//! Sound because: an entry is written by one thread before its address is stored (releasing) into a slot, and never
//! changed after, so that readers which loaded the address (acquiring) read finished bytes. What does change is not
//! shared: the wheel's and the queue's links are touched under the shard's lock only, and the access count is atomic.
//! The memory is given back only when no reader can hold the address any more (Reclamation.swift).

internal import NIOCore
internal import StorageEngine
internal import Synchronization
internal import Timing

/// A reference to an entry. Valid while its shard's lock is held or the thread is pinned.
@safe
struct EntryRef: Equatable {
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let timed = Flags(rawValue: 1)
        static let queued = Flags(rawValue: 2)
        static let shared = Flags(rawValue: 4)
    }

    static let headerBytes = 16
    static let keyBytesMax = Int(UInt16.max)
    private static let timerBytes = MemoryLayout<TimingWheel.Node>.size
    private static let queueBytes = 16
    private static let bufferBytes = MemoryLayout<ByteBuffer>.stride
    private static let sharedBytes = bufferBytes + 8

    let raw: UnsafeMutableRawPointer

    @inline(__always)
    init(_ raw: UnsafeMutableRawPointer) { unsafe self.raw = raw }

    /// The entry that a wheel's node lies in.
    @inline(__always)
    init(node: UnsafeMutablePointer<TimingWheel.Node>) {
        unsafe raw = UnsafeMutableRawPointer(node) - Self.headerBytes
    }

    static func == (a: Self, b: Self) -> Bool { unsafe a.raw == b.raw }

    /// Bytes that an entry takes before the allocator's rounding.
    @inline(__always)
    static func byteCount(key: Int, value: Int, flags: Flags) -> Int {
        headerBytes &+ (flags.contains(.timed) ? timerBytes : 0) &+ (flags.contains(.queued) ? queueBytes : 0)
            &+ key &+ (flags.contains(.shared) ? sharedBytes : value)
    }

    // MARK: Header

    @inline(__always)
    var version: Int64 { unsafe raw.load(as: Int64.self) }
    @inline(__always)
    var keyCount: Int { Int(unsafe raw.load(fromByteOffset: 8, as: UInt16.self)) }
    @inline(__always)
    var flags: Flags { Flags(rawValue: unsafe raw.load(fromByteOffset: 10, as: UInt8.self)) }
    @inline(__always)
    var valueCount: Int { Int(unsafe raw.load(fromByteOffset: 12, as: UInt32.self)) }
    /// Bytes that the entry asked the allocator for.
    var byteCount: Int { Self.byteCount(key: keyCount, value: valueCount, flags: flags) }

    /// When the entry expires; `.distantFuture` for never.
    @inline(__always)
    var expiry: WallTime {
        guard flags.contains(.timed) else { return .distantFuture }
        return WallTime(milliseconds: unsafe timer.pointee.deadline)
    }

    @inline(__always)
    func isExpired(at now: WallTime) -> Bool { flags.contains(.timed) && expiry <= now }

    // MARK: Parts

    /// - Precondition: the entry is timed. The links are for the holder of the shard's lock.
    var timer: UnsafeMutablePointer<TimingWheel.Node> {
        unsafe (raw + Self.headerBytes).assumingMemoryBound(to: TimingWheel.Node.self)
    }

    @inline(__always)
    private static func queueOffset(_ flags: Flags) -> Int { headerBytes &+ (flags.contains(.timed) ? timerBytes : 0) }

    @inline(__always)
    private static func sharedOffset(_ flags: Flags) -> Int {
        queueOffset(flags) &+ (flags.contains(.queued) ? queueBytes : 0)
    }

    @inline(__always)
    private var keyOffset: Int {
        let flags = flags
        return Self.sharedOffset(flags) &+ (flags.contains(.shared) ? Self.sharedBytes : 0)
    }

    @inline(__always)
    var key: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: raw + keyOffset, count: keyCount) }

    @inline(__always)
    var value: UnsafeRawBufferPointer {
        let flags = flags
        guard !flags.contains(.shared) else {
            let start = unsafe raw.load(
                fromByteOffset: Self.sharedOffset(flags) &+ Self.bufferBytes, as: UnsafeRawPointer.self)
            return unsafe UnsafeRawBufferPointer(start: start, count: valueCount)
        }
        return unsafe UnsafeRawBufferPointer(start: raw + Self.sharedOffset(flags) + keyCount, count: valueCount)
    }

    /// The buffer that a large value is kept in; nil for others.
    @inline(__always)
    var sharedBuffer: UnsafePointer<ByteBuffer>? {
        let flags = flags
        guard flags.contains(.shared) else { return nil }
        return unsafe UnsafePointer((raw + Self.sharedOffset(flags)).assumingMemoryBound(to: ByteBuffer.self))
    }

    /// Bytes of storage that the entry's large value holds besides the entry; 0 for others.
    var sharedStorageBytes: Int { unsafe sharedBuffer?.pointee.storageCapacity ?? 0 }

    /// Whether this is `key`'s entry.
    @inline(__always)
    func holds(_ key: Key) -> Bool {
        guard keyCount == key.count else { return false }
        return unsafe bytesEqual(raw + keyOffset, key.start, key.count)
    }

    /// What a reader is handed for this entry.
    @inline(__always)
    var item: ReadItem {
        unsafe ReadItem(found: value, version: version, expiry: expiry, owner: sharedBuffer)
    }

    /// The value as a buffer of the caller's own.
    func copyValue() -> ByteBuffer {
        if let shared = unsafe sharedBuffer { return unsafe shared.pointee }
        return unsafe ByteBuffer(bytes: value)
    }

    // MARK: Writing

    /// Writes a whole entry into fresh memory of `byteCount(key:value:flags:)` bytes.
    @inline(__always)
    func initialize(
        key: Key, value: EntryValue, expiry: WallTime, flags: Flags, version: Int64
    ) {
        unsafe raw.storeBytes(of: version, as: Int64.self)
        unsafe raw.storeBytes(of: UInt16(truncatingIfNeeded: key.count), toByteOffset: 8, as: UInt16.self)
        unsafe raw.storeBytes(of: flags.rawValue, toByteOffset: 10, as: UInt8.self)
        unsafe raw.storeBytes(of: 0, toByteOffset: 11, as: UInt8.self)
        unsafe raw.storeBytes(of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 12, as: UInt32.self)
        if flags.contains(.timed) {
            unsafe timer.initialize(to: TimingWheel.Node(deadline: expiry.milliseconds))
        }
        if flags.contains(.queued) {
            queueNext = nil
            queuePreviousWord = 0
        }
        var offset = Self.sharedOffset(flags)
        if flags.contains(.shared), let buffer = unsafe value.buffer {
            unsafe (raw + offset).initializeMemory(as: ByteBuffer.self, to: buffer.pointee)
            unsafe raw.storeBytes(
                of: value.start, toByteOffset: offset &+ Self.bufferBytes, as: UnsafeRawPointer.self)
            offset &+= Self.sharedBytes
            unsafe (raw + offset).copyMemory(from: key.start, byteCount: key.count)
        } else {
            unsafe (raw + offset).copyMemory(from: key.start, byteCount: key.count)
            unsafe (raw + offset + key.count).copyMemory(from: value.start, byteCount: value.count)
        }
    }

    /// Ends the life of what the entry refers to; the memory itself goes back to the allocator.
    func deinitialize() {
        if let shared = unsafe sharedBuffer {
            unsafe UnsafeMutablePointer(mutating: shared).deinitialize(count: 1)
        }
    }

    // MARK: Eviction

    private var accesses: UnsafeMutablePointer<Atomic<UInt8>> {
        unsafe (raw + 11).assumingMemoryBound(to: Atomic<UInt8>.self)
    }

    static let accessCountMax: UInt8 = 3

    var accessCount: UInt8 { unsafe accesses.pointee.load(ordering: .relaxed) }

    func setAccessCount(_ count: UInt8) { unsafe accesses.pointee.store(count, ordering: .relaxed) }

    /// Counts a read, up to three. Two readers at once may count one: a hint needs no more.
    @inline(__always)
    func noteAccess() {
        guard flags.contains(.queued) else { return }
        let count = accessCount
        if count < Self.accessCountMax { setAccessCount(count &+ 1) }
    }

    /// The next entry towards the head of its queue. For the holder of the shard's lock.
    var queueNext: EntryRef? {
        get {
            let word = unsafe raw.load(fromByteOffset: Self.queueOffset(flags), as: UInt.self)
            return unsafe UnsafeMutableRawPointer(bitPattern: word).map { unsafe EntryRef($0) }
        }
        nonmutating set {
            let word = newValue.map { unsafe UInt(bitPattern: $0.raw) } ?? 0
            unsafe raw.storeBytes(of: word, toByteOffset: Self.queueOffset(flags), as: UInt.self)
        }
    }

    /// The entry behind this one, with the queue's number in the lowest bit.
    private var queuePreviousWord: UInt {
        get { unsafe raw.load(fromByteOffset: Self.queueOffset(flags) &+ 8, as: UInt.self) }
        nonmutating set {
            unsafe raw.storeBytes(of: newValue, toByteOffset: Self.queueOffset(flags) &+ 8, as: UInt.self)
        }
    }

    var queuePrevious: EntryRef? {
        get { unsafe UnsafeMutableRawPointer(bitPattern: queuePreviousWord & ~1).map { unsafe EntryRef($0) } }
        nonmutating set {
            let word = newValue.map { unsafe UInt(bitPattern: $0.raw) } ?? 0
            queuePreviousWord = word | (queuePreviousWord & 1)
        }
    }

    /// Whether the entry stands in the main queue (else: in the small one).
    var isInMainQueue: Bool {
        get { queuePreviousWord & 1 != 0 }
        nonmutating set { queuePreviousWord = queuePreviousWord & ~1 | (newValue ? 1 : 0) }
    }
}

/// A value on its way into an entry: bytes that the caller lends, and the buffer that they lie in if it is to be kept.
///
/// Three words, for registers. With the buffer itself in it, it was passed in memory, and to read what had been written there
/// piece by piece a moment before waited for all writes before it.
@safe
struct EntryValue: BitwiseCopyable {
    let start: UnsafeRawPointer
    let count: Int
    /// Set for large values, and lent too: a copy of the buffer goes into the entry, by reference.
    let buffer: UnsafePointer<ByteBuffer>?

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, buffer: UnsafePointer<ByteBuffer>? = nil) {
        unsafe start = unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        count = bytes.count
        unsafe self.buffer = unsafe buffer
    }

    /// Bytes of storage that the entry will hold besides itself; nil if the value goes into the entry.
    var storageBytes: Int? { unsafe buffer?.pointee.storageCapacity }

    /// Lends `body` a value.
    /// - Parameter kept: the buffer that holds `bytes`, if the entry is to hold it.
    @inline(__always)
    static func lend<Result, Failure: Error>(
        _ bytes: RawSpan, kept: ByteBuffer?, _ body: (EntryValue) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe bytes.withUnsafeBytes { bytes throws(Failure) in
            guard let kept else { return try body(unsafe EntryValue(bytes)) }
            return try unsafe withUnsafePointer(to: kept) { kept throws(Failure) in
                try body(unsafe EntryValue(bytes, buffer: kept))
            }
        }
    }
}

/// Compares `count` bytes by words: keys are short, and a call to `memcmp` costs more than the comparison.
@inline(__always)
func bytesEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
    if count >= 8 {
        var offset = 0
        while offset &+ 8 <= count {
            let left = unsafe a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard unsafe left == b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset &+= 8
        }
        // The rest overlaps what is known to be equal.
        let left = unsafe a.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return unsafe left == b.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    }
    for offset in 0..<count {
        let left = unsafe a.load(fromByteOffset: offset, as: UInt8.self)
        guard unsafe left == b.load(fromByteOffset: offset, as: UInt8.self) else { return false }
    }
    return true
}
