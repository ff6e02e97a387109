//! Cuts the answers out of what a connection brings. No I/O; used on the connection's event loop.

internal import NIOCore
internal import NeedletailWire

/// A whole answer.
struct CutAnswer {
    let id: UInt32
    let answer: ClientAnswer
    /// The server said that it takes no further calls on this connection.
    let announcesDraining: Bool
}

/// The bytes of a connection that are no whole answer yet, and how far they were looked at.
struct AnswerCutter {
    private static let depthMax = 64

    private let wire: RPCWire
    private let sizeMax: Int
    private var input = ByteBuffer()
    /// The walk over an answer whose end no frame tells.
    private var scan: (walk: MessageScan, id: UInt32)?

    init(_ wire: RPCWire, sizeMax: Int) {
        self.wire = wire
        self.sizeMax = sizeMax
    }

    /// What its bytes take of memory.
    var storageBytes: Int { input.storageCapacity }

    mutating func add(_ bytes: ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
        } else {
            // What was read is most of the storage: move the rest, or it grows with every read that ends in an answer.
            if input.readerIndex > input.readableBytes { input.discardReadBytes() }
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole answer; nil if it has not come whole. Small ones are copied out, so that who keeps one keeps no more
    /// than it, and the storage of what was read stays the event loop's own.
    mutating func next() throws(WireError) -> CutAnswer? {
        if input.readableBytes == 0 { return nil }
        switch wire.framing {
        case .unframed: return try nextUnframed()
        case .framed:
            guard let frame = try nextFrame() else { return nil }
            return CutAnswer(
                id: try Self.head(of: frame, wire.format).id, answer: ClientAnswer(message: frame, format: wire.format),
                announcesDraining: false)
        case .theader, .ttheader:
            guard let frame = try nextFrame() else { return nil }
            let answer = try HeaderAnswer(frame, wire.framing, sizeMax: sizeMax)
            _ = try Self.head(of: answer.message, answer.format)
            return CutAnswer(
                id: answer.id, answer: ClientAnswer(message: answer.message, format: answer.format),
                announcesDraining: answer.announcesDraining)
        }
    }

    private mutating func nextFrame() throws(WireError) -> ByteBuffer? {
        guard let length = input.getInteger(at: input.readerIndex, as: UInt32.self).map(Int.init) else { return nil }
        if length > sizeMax { throw .sizeOverLimit(size: length, limit: sizeMax) }
        guard input.readableBytes >= 4 + length else {
            reserve(4 + length)
            return nil
        }
        input.moveReaderIndex(forwardBy: 4)
        return take(length)
    }

    private mutating func nextUnframed() throws(WireError) -> CutAnswer? {
        if scan == nil {
            do throws(WireError) {
                let head = try Self.head(of: input, wire.format)
                scan = (MessageScan(wire.format, from: head.bodyOffset, depthLimit: Self.depthMax), head.id)
            } catch {
                guard error == .truncated else { throw error }
                let size = input.readableBytes
                if size > sizeMax { throw .sizeOverLimit(size: size, limit: sizeMax) }
                return nil
            }
        }
        guard case (var walk, let id)? = scan else { return nil }
        let progress = walk.advance(over: input, limit: sizeMax)
        scan = (walk, id)
        switch progress {
        case .needsMore: return nil
        case .broken: throw .badMessage("these bytes are no answer")
        case .oversized(let size): throw .sizeOverLimit(size: size, limit: sizeMax)
        case .complete:
            scan = nil
            let message = take(walk.end)
            return CutAnswer(
                id: id, answer: ClientAnswer(message: message, format: wire.format), announcesDraining: false)
        }
    }

    /// Takes the next `count` bytes out.
    private mutating func take(_ count: Int) -> ByteBuffer {
        guard let slice = input.readSlice(length: count) else { preconditionFailure("the bytes are there") }
        defer { if input.readableBytes == 0 { input = ByteBuffer() } }
        if count < ByteWriter.sharingThreshold {
            var copy = ByteBuffer()
            copy.writeImmutableBuffer(slice)
            return copy
        }
        // What follows moves to a buffer of its own: the slice goes to another thread, storage and all.
        var rest = ByteBuffer()
        rest.writeBuffer(&input)
        input = rest
        return slice
    }

    /// Makes room for a long answer at once, and not in steps.
    private mutating func reserve(_ count: Int) {
        if count > input.readableBytes * 2 { input.reserveCapacity(minimumWritableBytes: count - input.readableBytes) }
    }

    /// The id of the answer at the head of `message`, and where the walk to its end begins.
    private static func head(
        of message: ByteBuffer, _ format: RPCFormat
    ) throws(WireError) -> (id: UInt32, bodyOffset: Int) {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message)
            return (try reader.readResponseID(), 0)
        case .thriftBinary:
            var reader = ThriftBinaryReader(message)
            return (try id(try reader.readHead()), reader.cursor.offset)
        case .thriftCompact:
            var reader = ThriftCompactReader(message)
            return (try id(try reader.readHead()), reader.cursor.offset)
        }
    }

    private static func id(_ head: borrowing ThriftMessageHead) throws(WireError) -> UInt32 {
        switch head.kind {
        case .reply, .exception: UInt32(bitPattern: head.sequenceID)
        case .call, .oneway: throw .badMessage("a server sends answers only")
        }
    }
}
