//! The output of a connection: bytes written once, in the buffer that leaves.
//!
//! Unsafe inside: between `init` and `finish` it writes through a pointer into its buffer's storage instead of asking
//! the buffer for every byte, which would check for shared ownership each time. Sound, because the buffer is held
//! uniquely (it is moved in, made unique by asking for its writable bytes, and not given out before `finish`), because
//! its storage does not move unless it is grown, and because every growth, which happens only in `reserveSlow`, fetches
//! the pointer anew. Every write is preceded by `reserve`.

public import NIOCore

/// A growing run of bytes, with large values interleaved by reference.
@safe
public struct ByteWriter: ~Copyable {
    /// From this size on a value that is a `ByteBuffer` is sent by reference instead of being copied.
    public static var sharingThreshold: Int { 16 * 1024 }

    /// A value that leaves by reference after the first `offset` bytes of the buffer.
    @usableFromInline
    struct Reference {
        @usableFromInline let offset: Int
        @usableFromInline let value: ByteBuffer

        @inlinable
        init(offset: Int, value: ByteBuffer) {
            self.offset = offset
            self.value = value
        }
    }

    @usableFromInline var buffer: ByteBuffer
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var offset = 0
    @usableFromInline var capacity: Int
    @usableFromInline var references: [Reference] = []
    @usableFromInline var referencedBytes = 0

    /// A writer into `buffer`'s storage. The buffer is emptied first; it is copied if somebody else holds it.
    @inlinable
    public init(into buffer: consuming ByteBuffer, minimumCapacity: Int = 512) {
        var buffer = buffer
        let emptied: Void? =
            buffer.capacity >= max(minimumCapacity, 64)
            ? buffer.modifyIfUniquelyOwned { buffer in
                buffer.moveReaderIndex(to: 0)
                buffer.moveWriterIndex(to: 0)
            } : nil
        // What somebody else holds is not copied to be overwritten.
        if emptied == nil { buffer.clear(minimumCapacity: max(minimumCapacity, 64)) }
        (unsafe base, capacity) = unsafe Self.storage(of: &buffer)
        self.buffer = buffer
    }

    /// A writer that goes on behind what `buffer` holds; it is copied if somebody else holds it.
    /// - Precondition: nothing of it was read.
    public init(continuing buffer: consuming ByteBuffer) {
        precondition(buffer.readerIndex == 0, "what was read would leave again")
        var buffer = buffer
        let count = buffer.writerIndex
        if buffer.modifyIfUniquelyOwned({ $0.moveWriterIndex(to: 0) }) == nil {
            var copy = ByteBuffer()
            copy.reserveCapacity(max(count, 64))
            copy.writeImmutableBuffer(buffer)
            copy.moveWriterIndex(to: 0)
            buffer = copy
        }
        (unsafe base, capacity) = unsafe Self.storage(of: &buffer)
        offset = count
        self.buffer = buffer
    }

    @inlinable
    static func storage(of buffer: inout ByteBuffer) -> (UnsafeMutableRawPointer, Int) {
        unsafe buffer.withUnsafeMutableWritableBytes { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("a buffer with capacity has storage") }
            return unsafe (base, bytes.count)
        }
    }

    /// Bytes written so far, those by reference included.
    @inlinable
    public var byteCount: Int { offset &+ referencedBytes }

    /// Whether no value goes by reference, so that everything leaves in one piece.
    public var isOnePiece: Bool { references.isEmpty }

    /// Whether all there is was written since `mark`, in one piece.
    public func isWhole(since mark: Mark) -> Bool { mark.offset == 0 && mark.references == 0 && isOnePiece }

    /// A place to come back to with `rewind`.
    public struct Mark: BitwiseCopyable {
        @usableFromInline let offset: Int
        @usableFromInline let references: Int
        @usableFromInline let referencedBytes: Int

        @inlinable
        init(offset: Int, references: Int, referencedBytes: Int) {
            self.offset = offset
            self.references = references
            self.referencedBytes = referencedBytes
        }
    }

    @inlinable
    public var mark: Mark { Mark(offset: offset, references: references.count, referencedBytes: referencedBytes) }

    /// Forgets everything written since `mark`.
    @inlinable
    public mutating func rewind(to mark: Mark) {
        offset = mark.offset
        references.removeLast(references.count - mark.references)
        referencedBytes = mark.referencedBytes
    }

    /// What was written since `mark`, in one piece.
    /// - Parameter buffer: empty; what the copy goes into.
    public func copy(since mark: Mark, into buffer: consuming ByteBuffer) -> ByteBuffer {
        var copy = buffer
        copy.reserveCapacity(byteCount - mark.offset - mark.referencedBytes)
        var start = mark.offset
        for reference in references[mark.references...] {
            unsafe copy.writeBytes(UnsafeRawBufferPointer(start: base + start, count: reference.offset - start))
            copy.writeImmutableBuffer(reference.value)
            start = reference.offset
        }
        unsafe copy.writeBytes(UnsafeRawBufferPointer(start: base + start, count: offset - start))
        return copy
    }

    @inlinable
    @inline(__always)
    public mutating func reserve(_ count: Int) {
        if _slowPath(capacity &- offset < count) { reserveSlow(count) }
    }

    @inline(never)
    @usableFromInline
    mutating func reserveSlow(_ count: Int) {
        buffer.moveWriterIndex(to: offset)
        buffer.reserveCapacity(minimumWritableBytes: max(count, offset))
        buffer.moveWriterIndex(to: 0)
        (unsafe base, capacity) = unsafe Self.storage(of: &buffer)
    }

    /// Stores a value's bytes as they lie in memory; the caller has put them in the format's order.
    @inlinable
    @inline(__always)
    public mutating func store<Value: BitwiseCopyable>(_ value: Value) {
        reserve(MemoryLayout<Value>.size)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
        offset &+= MemoryLayout<Value>.size
    }

    /// A type byte and an integer in big-endian order.
    @inlinable
    @inline(__always)
    public mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ type: UInt8, bigEndian value: Value) {
        reserve(1 &+ MemoryLayout<Value>.size)
        unsafe base.storeBytes(of: type, toByteOffset: offset, as: UInt8.self)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset &+ 1, as: Value.self)
        offset &+= 1 &+ MemoryLayout<Value>.size
    }

    /// Copies `bytes`.
    @inlinable
    public mutating func store(_ bytes: RawSpan) {
        let count = bytes.byteCount
        reserve(count)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe (base + offset).copyMemory(from: start, byteCount: count) }
        }
        offset &+= count
    }

    /// A name that the program knows.
    @inlinable
    public mutating func store(_ name: StaticString) {
        let count = name.utf8CodeUnitCount
        reserve(count)
        unsafe (base + offset).copyMemory(from: name.utf8Start, byteCount: count)
        offset &+= count
    }

    /// Takes `value` by reference if it is large, else copies it.
    @inlinable
    public mutating func store(_ value: ByteBuffer) {
        if value.readableBytes < Self.sharingThreshold {
            store(value.readableBytesSpan)
        } else {
            references.append(Reference(offset: offset, value: value))
            referencedBytes &+= value.readableBytes
        }
    }

    /// An unsigned variable-length integer, seven bits a byte, low bits first.
    @inlinable
    public mutating func storeVarint(_ value: UInt64) {
        reserve(10)
        // Most are lengths and small numbers.
        if value < 0x80 {
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
            offset &+= 1
            return
        }
        var rest = value
        while rest >= 0x80 {
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: offset, as: UInt8.self)
            offset &+= 1
            rest &>>= 7
        }
        unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: offset, as: UInt8.self)
        offset &+= 1
    }

    /// Writes a big-endian length over the four bytes at `mark`, which were stored there before.
    @inlinable
    public mutating func patch(at mark: Mark, bigEndian value: UInt32) {
        precondition(mark.offset &+ 4 <= offset, "only bytes that were written are patched")
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: mark.offset, as: UInt32.self)
    }

    /// Writes a big-endian length over the two bytes at `mark`, which were stored there before.
    mutating func patch(at mark: Mark, bigEndian16 value: UInt16) {
        precondition(mark.offset &+ 2 <= offset, "only bytes that were written are patched")
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: mark.offset, as: UInt16.self)
    }

    /// Overwrites bytes at `mark` that were stored there before.
    @inlinable
    public mutating func patch(at mark: Mark, _ bytes: RawSpan) {
        precondition(mark.offset &+ bytes.byteCount <= offset, "only bytes that were written are patched")
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base + mark.offset).copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// Ends writing: the written bytes in one piece, or in several where values go by reference.
    /// - Returns: the storage that was written into, to be used again once nobody holds the pieces.
    @discardableResult
    public consuming func finish(_ piece: (ByteBuffer) -> Void) -> ByteBuffer {
        let references = references
        let storage = finishBuffer()
        var whole = storage
        for reference in references {
            if let slice = whole.readSlice(length: reference.offset - whole.readerIndex), slice.readableBytes > 0 {
                piece(slice)
            }
            piece(reference.value)
        }
        if whole.readableBytes > 0 { piece(whole) }
        return storage
    }

    /// Ends writing where no value was taken by reference, or the caller has seen to those.
    private consuming func finishBuffer() -> ByteBuffer {
        buffer.moveWriterIndex(to: offset)
        return buffer
    }

    /// Ends writing: everything in one contiguous buffer.
    public consuming func finish() -> ByteBuffer {
        if references.isEmpty { return finishBuffer() }
        var joined = ByteBuffer()
        joined.reserveCapacity(byteCount)
        finish { joined.writeImmutableBuffer($0) }
        return joined
    }
}
