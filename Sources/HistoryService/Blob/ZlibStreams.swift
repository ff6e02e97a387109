//! zlib piece by piece: expands into a window that is emptied in between, and compresses what is written in pieces.
//!
//! Unsafe inside: zlib is C, and its streams may not move once they are set up, so that each lives in memory of its own
//! until `deinit`. Sound because zlib is given pointers into buffers only for the length of a call, with how many bytes are
//! there, and never goes beyond.

internal import CZlib
internal import NIOCore

/// Expands one blob at a time; what zlib needs for it (40 KiB) is kept for the next.
@safe
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private var input = ByteBuffer()
    private(set) var isAtEnd = false

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit_(stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Begins with `compressed`.
    func begin(_ compressed: ByteBuffer) {
        unsafe inflateReset(stream)
        input = compressed
        isAtEnd = false
    }

    /// Lets go of the input.
    func end() { input = ByteBuffer() }

    /// Adds up to `room` bytes to `window`; fewer only at the end.
    /// - Throws: `notCompressed`, also if the input is cut off, or goes on behind the end.
    func expand(into window: inout ByteBuffer, room: Int) throws(BlobError) {
        guard room > 0, !isAtEnd else { return }
        var status = Z_OK
        unsafe window.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { output in
            let used = unsafe input.readWithUnsafeReadableBytes { input in
                unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
                    mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = unsafe output.assumingMemoryBound(to: UInt8.self).baseAddress
                unsafe stream.pointee.avail_out = UInt32(room)
                status = unsafe inflate(stream, Z_NO_FLUSH)
                return (input.count - Int(unsafe stream.pointee.avail_in), room - Int(unsafe stream.pointee.avail_out))
            }
            return used
        }
        switch status {
        case Z_STREAM_END where input.readableBytes == 0: isAtEnd = true
        // Without the end either the room is used up, or the input, which is all there is.
        case Z_OK where unsafe stream.pointee.avail_out == 0: break
        default: throw .notCompressed
        }
    }
}

/// Compresses one blob at a time; what zlib needs for it (a quarter of a megabyte) is kept for the next.
@safe
final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>

    /// The event loop waits while a blob is compressed, and higher levels make it wait four times as long for a tenth
    /// fewer bytes.
    private static let level = Z_BEST_SPEED
    /// By how much the output grows at least, in bytes.
    private static let step = 4_096

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe deflateInit_(stream, Self.level, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func begin() { unsafe deflateReset(stream) }

    /// Adds `piece`, compressed, to `output`; zlib may keep some of it for the next piece, unless this is the last.
    func compress(_ piece: ByteBuffer, isLast: Bool, into output: inout ByteBuffer) {
        unsafe piece.withUnsafeReadableBytes { input in
            unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
                mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var status = Z_OK
            repeat {
                unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.step) { space in
                    unsafe stream.pointee.next_out = unsafe space.assumingMemoryBound(to: UInt8.self).baseAddress
                    unsafe stream.pointee.avail_out = UInt32(space.count)
                    status = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return space.count - Int(unsafe stream.pointee.avail_out)
                }
            } while isLast ? status != Z_STREAM_END : unsafe stream.pointee.avail_out == 0
        }
    }
}
