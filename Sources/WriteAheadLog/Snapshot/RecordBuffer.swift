//! Records that wait to be written to a snapshot.
//!
//! Unsafe inside: raw memory, owned by the buffer and freed in `deinit`; the encoder writes within a place of the size that
//! the same functions give which it writes by.

internal import Timing

@safe
final class RecordBuffer {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var used = 0
    private let seal: RecordSeal

    init(capacity: Int, _ seal: RecordSeal) {
        self.seal = seal
        unsafe memory = .allocate(byteCount: capacity, alignment: 4_096)
    }

    deinit { unsafe memory.deallocate() }

    func addPut(_ key: RawSpan, value: RawSpan, lsn: Int64, expiry: WallTime) {
        let body = RecordEncoder.bodyBytes(key: key.byteCount, value: value.byteCount, expiry: expiry)
        var encoder = open(RecordEncoder.recordBytes(body: body), lsn: lsn)
        encoder.write(.put, key: key, value: value, expiry: expiry)
        encoder.finish()
    }

    func addEnd(count: Int64, lsn: Int64) {
        var encoder = open(LogFormat.markBytes, lsn: lsn)
        encoder.write(.end, number: count)
        encoder.finish()
    }

    private func open(_ recordBytes: Int, lsn: Int64) -> RecordEncoder {
        if used + recordBytes > capacity { grow(to: max(used + recordBytes, 2 * capacity)) }
        guard let start = unsafe memory.baseAddress else { preconditionFailure("a buffer has memory") }
        defer { used += recordBytes }
        return unsafe RecordEncoder(start + used, lsn: lsn, seal)
    }

    private func grow(to count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4_096)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<used]))
        unsafe memory.deallocate()
        unsafe memory = larger
    }

    /// Bytes that there is memory for.
    var capacity: Int { unsafe memory.count }

    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[..<used])
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }

    func clear() { used = 0 }
}
