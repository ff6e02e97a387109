//! A piece of memory that writers fill with records and the log's thread writes to a segment in one call.
//!
//! Place is given out under the log's lock, in the order of LSNs; a writer then fills its place without the lock, at the
//! same time as others. `openPlaces` says how many are still being filled.
//!
//! Always true: places do not overlap; a place is filled before `openPlaces` goes down for it; the first `markBytes` are for the
//! mark, and behind the last place there is room for the terminator.
//!
//! Unsafe inside: raw memory, owned by the chunk and freed in `deinit`.

internal import Synchronization

@safe
final class LogChunk: @unchecked Sendable {
    /// An ordinary chunk; one record that is larger has a chunk of its own.
    static let bytesDefault = 1 << 20
    /// What a chunk holds besides records.
    static let overheadBytes = LogFormat.markBytes + LogFormat.terminatorBytes

    private let memory: UnsafeMutableRawPointer
    let capacity: Int
    private let recordSeal: RecordSeal
    /// Bytes given out, the mark's included.
    private(set) var used = LogFormat.markBytes
    private(set) var recordCount = 0
    /// The LSN of the last record; those of a chunk follow one another.
    private(set) var lastLSN: Int64 = 0
    private let openPlaces = Atomic<Int>(0)

    /// - Parameter recordBytes: the chunk holds at least a record of this size.
    init(holding recordBytes: Int, sealedWith recordSeal: RecordSeal) {
        self.recordSeal = recordSeal
        capacity = max(Self.bytesDefault, recordBytes + Self.overheadBytes)
        unsafe memory = .allocate(byteCount: capacity, alignment: 4_096)
    }

    deinit { unsafe memory.deallocate() }

    var isEmpty: Bool { recordCount == 0 }

    // MARK: Under the log's lock

    @inline(__always)
    func fits(_ recordBytes: Int) -> Bool { used &+ recordBytes &+ LogFormat.terminatorBytes <= capacity }

    /// Gives out a place; the caller fills it and calls `close`.
    @inline(__always)
    func open(_ recordBytes: Int, lsn: Int64) -> RecordEncoder {
        let place = unsafe memory + used
        used &+= recordBytes
        recordCount &+= 1
        lastLSN = lsn
        openPlaces.wrappingAdd(1, ordering: .relaxed)
        return unsafe RecordEncoder(place, lsn: lsn, recordSeal)
    }

    // MARK: Anywhere

    /// The record of one place is whole.
    @inline(__always)
    func close() { openPlaces.wrappingSubtract(1, ordering: .releasing) }

    // MARK: For who writes the log, when the chunk is not given out any more

    /// Whether all records are whole.
    var isFilled: Bool { openPlaces.load(ordering: .acquiring) == 0 }

    /// Writes what surrounds the records: the mark before and the terminator behind.
    func seal(previousLSN: Int64, durableLSN: Int64) {
        var mark = unsafe RecordEncoder(memory, lsn: previousLSN, recordSeal)
        mark.write(.mark, number: durableLSN)
        mark.finish()
        unsafe (memory + used).initializeMemory(as: UInt8.self, repeating: 0, count: LogFormat.terminatorBytes)
    }

    /// What goes to the segment: mark, records, terminator.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: memory, count: used + LogFormat.terminatorBytes)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }

    /// Makes the chunk empty again.
    func reuse() {
        used = LogFormat.markBytes
        recordCount = 0
    }
}
