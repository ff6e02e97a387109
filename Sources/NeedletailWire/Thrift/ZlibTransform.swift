//! THeader's transform: messages compressed by zlib (RFC 1950).
//!
//! Unsafe inside: zlib is C, and its streams may not move once they are set up, so that each lives in memory of its own
//! from when it is first needed until `deinit`. Sound because no pointer into a message outlives the call that it was made
//! for, and because zlib is told how many bytes are there and never goes beyond.

internal import CZlib
package import NIOCore

/// Compresses and expands whole messages. Used by one thread at a time; what a stream needs (a quarter of a megabyte to
/// compress, 40 KiB to expand) is kept for the next message.
@safe
package final class ZlibTransform {
    private typealias Stream = UnsafeMutablePointer<z_stream>

    private var deflater: Stream?
    private var inflater: Stream?

    /// The event loop waits while a message is compressed, and higher levels make it wait four times as long for a tenth
    /// fewer bytes.
    private static let level = Z_BEST_SPEED
    /// How far the output grows at first, as a multiple of the input; what it needs beyond is found out by doubling.
    private static let expansionGuess = 4

    package init() {}

    deinit {
        if let deflater = unsafe deflater {
            unsafe deflateEnd(deflater)
            unsafe deflater.deallocate()
        }
        if let inflater = unsafe inflater {
            unsafe inflateEnd(inflater)
            unsafe inflater.deallocate()
        }
    }

    /// `message`, compressed.
    package func compress(_ message: ByteBuffer) -> ByteBuffer {
        let stream = unsafe deflateStream()
        let bound = Int(unsafe deflateBound(stream, UInt(message.readableBytes)))
        var compressed = ByteBuffer()
        compressed.reserveCapacity(bound)
        let status = unsafe message.withUnsafeReadableBytes { input in
            unsafe Self.lend(input, to: stream)
            return unsafe Self.step(stream, into: &compressed, room: bound) { unsafe deflate($0, Z_FINISH) }
        }
        precondition(status == Z_STREAM_END, "zlib ends within the bound that it gave")
        return compressed
    }

    /// `bytes`, expanded.
    /// - Parameter sizeMax: how many bytes it may become.
    /// - Throws: `sizeOverLimit` if it becomes more, `badMessage` if the bytes are not one whole zlib stream.
    package func expand(_ bytes: ByteBuffer, sizeMax: Int) throws(WireError) -> ByteBuffer {
        let stream = unsafe inflateStream()
        var expanded = ByteBuffer()
        var status = Z_OK
        var left: UInt32 = 0
        unsafe bytes.withUnsafeReadableBytes { input in
            unsafe Self.lend(input, to: stream)
            // One byte more than is allowed tells that it is more.
            while status == Z_OK, expanded.readableBytes <= sizeMax {
                let wanted = max(expanded.readableBytes, input.count * Self.expansionGuess, 1_024)
                let room = min(wanted, sizeMax + 1 - expanded.readableBytes)
                status = unsafe Self.step(stream, into: &expanded, room: room) { unsafe inflate($0, Z_NO_FLUSH) }
            }
            left = unsafe stream.pointee.avail_in
        }
        if expanded.readableBytes > sizeMax {
            throw .sizeOverLimit(size: expanded.readableBytes, limit: sizeMax)
        }
        switch status {
        case Z_STREAM_END where left == 0: return expanded
        case Z_STREAM_END: throw .badMessage("bytes behind the end of what zlib compressed")
        case Z_BUF_ERROR: throw .badMessage("what zlib compressed is cut off")
        default: throw .badMessage("not compressed by zlib")
        }
    }

    private static func lend(_ input: UnsafeRawBufferPointer, to stream: Stream) {
        let start = unsafe input.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(input.count)
    }

    /// Has zlib write up to `room` bytes.
    private static func step(
        _ stream: Stream, into output: inout ByteBuffer, room: Int, _ body: (Stream) -> Int32
    ) -> Int32 {
        var status = Z_OK
        unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
            unsafe stream.pointee.next_out = unsafe space.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe stream.pointee.avail_out = UInt32(room)
            status = unsafe body(stream)
            return room - Int(unsafe stream.pointee.avail_out)
        }
        return status
    }

    private func deflateStream() -> Stream {
        if let deflater = unsafe deflater {
            unsafe deflateReset(deflater)
            return unsafe deflater
        }
        let stream = unsafe Self.makeStream()
        let status = unsafe deflateInit_(stream, Self.level, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
        unsafe deflater = stream
        return unsafe stream
    }

    private func inflateStream() -> Stream {
        if let inflater = unsafe inflater {
            unsafe inflateReset(inflater)
            return unsafe inflater
        }
        let stream = unsafe Self.makeStream()
        let status = unsafe inflateInit_(stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
        unsafe inflater = stream
        return unsafe stream
    }

    private static func makeStream() -> Stream {
        let stream = Stream.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        return unsafe stream
    }
}
