//! Bytes on their way: appended at the end, taken from the start.
//!
//! Unsafe inside: it owns a piece of memory, of which `start..<end` is initialised. Sound, because the pointer never
//! leaves (spans of it are lent for the length of a closure, during which nothing is appended), every access lies below
//! `capacity`, and `deinit` frees it.

@safe
final class ByteQueue {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0

    init(capacity: Int) {
        unsafe base = .allocate(byteCount: capacity, alignment: 64)
        self.capacity = capacity
    }

    deinit { unsafe base.deallocate() }

    var isEmpty: Bool { start == end }
    var count: Int { end &- start }

    /// Lends the bytes.
    @inline(__always)
    func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeBufferPointer(
            start: (base + start).assumingMemoryBound(to: UInt8.self), count: end &- start)
        return try body(unsafe bytes.span)
    }

    /// Drops the first `count` bytes.
    func consume(_ count: Int) {
        precondition(count <= end &- start)
        start &+= count
        if start == end {
            start = 0
            end = 0
        }
    }

    func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let from = source.baseAddress { unsafe (base + end).copyMemory(from: from, byteCount: source.count) }
        }
        end &+= bytes.count
    }

    /// Appends a request: the template, with this call's id, and with the keys that `chooser` names and their values.
    func append(_ template: RequestTemplate, id: UInt32, _ chooser: inout KeyChooser) {
        let size = template.bytes.count
        reserve(size)
        let request = unsafe base + end
        // The template's offsets were found in its bytes, so that what is written at them lies in `size` bytes.
        unsafe template.bytes.withUnsafeBytes { source in
            if let from = source.baseAddress { unsafe request.copyMemory(from: from, byteCount: size) }
        }
        if let offset = template.idOffset {
            unsafe request.storeBytes(of: id.bigEndian, toByteOffset: offset, as: UInt32.self)
        }
        if template.valueOffsets.isEmpty {
            for offset in template.keyOffsets {
                unsafe request.storeBytes(of: KeySpace.digits(chooser.next()), toByteOffset: offset, as: UInt64.self)
            }
        } else {
            for index in template.keyOffsets.indices {
                let number = chooser.next()
                unsafe request.storeBytes(
                    of: KeySpace.digits(number), toByteOffset: template.keyOffsets[index], as: UInt64.self)
                unsafe Self.storeValue(number, size: template.valueSize, at: request + template.valueOffsets[index])
            }
        }
        end &+= size
    }

    @inline(__always)
    private static func storeValue(_ number: UInt32, size: Int, at target: UnsafeMutableRawPointer) {
        for index in 0..<size / 8 {
            unsafe target.storeBytes(
                of: KeySpace.valueWord(number, index), toByteOffset: index &* 8, as: UInt64.self)
        }
        let whole = size & ~7
        let last = KeySpace.valueWord(number, size / 8)
        for offset in whole..<size {
            unsafe target.storeBytes(
                of: UInt8(truncatingIfNeeded: last &>> ((offset &- whole) &* 8)), toByteOffset: offset,
                as: UInt8.self)
        }
    }

    /// Receives once.
    /// - Parameters:
    ///   - room: bytes to have room for; more are received where there is more.
    ///   - sizeMax: the most to receive.
    /// - Returns: how many bytes came; 0 if the peer has closed the connection; nil if there were none.
    func receive(from socket: Socket, room: Int, atMost sizeMax: Int = .max) throws -> Int? {
        reserve(room)
        let target = unsafe UnsafeMutableRawBufferPointer(start: base + end, count: min(capacity &- end, sizeMax))
        let count = try unsafe socket.receive(into: target)
        end &+= count ?? 0
        return count
    }

    /// Sends as much as the socket takes.
    /// - Returns: whether that was all.
    func send(to socket: Socket) throws -> Bool {
        while start < end {
            let source = unsafe UnsafeRawBufferPointer(start: base + start, count: end &- start)
            guard let count = try unsafe socket.send(source) else { return false }
            consume(count)
        }
        return true
    }

    /// Makes room for `count` bytes at the end.
    @inline(__always)
    private func reserve(_ count: Int) {
        if capacity &- end < count { makeRoom(count) }
    }

    @inline(never)
    private func makeRoom(_ room: Int) {
        let kept = count
        if kept + room <= capacity, start > 0 {
            // memmove: the places may overlap.
            unsafe base.copyMemory(from: base + start, byteCount: kept)
        } else {
            capacity = max(capacity * 2, kept + room)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
            unsafe larger.copyMemory(from: base + start, byteCount: kept)
            unsafe base.deallocate()
            unsafe base = larger
        }
        start = 0
        end = kept
    }
}
