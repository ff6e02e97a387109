internal import NIOCore
internal import NeedletailThreads

/// The buffers of one event loop, used on that loop only: for answers while they are written, for messages that arrive in
/// pieces, and for answers that are kept back.
///
/// A buffer may come back while the socket still holds a reference to it: it then gets other memory on the next use, which
/// counts as a miss, as growing does. So giving back is never wrong, at worst useless.
final class BufferPool {
    /// Answers being written: those of one group of turns, whose buffers come back when it ends.
    static let buffersForAnswers = RPCLoop.turnsPerGroup
    /// Connections in the middle of a message that came in pieces; more than these allocate.
    static let buffersForPieces = 16
    /// Prepared answers that wait to be released; more than these allocate.
    static let buffersForPrepared = 64
    /// The most buffers that the pool keeps: the sum of its consumers.
    static let buffersMax = buffersForAnswers + buffersForPieces + buffersForPrepared
    /// Larger buffers are not kept: one client with large values would hold memory for all.
    static let bufferSizeMax = 256 * 1024

    private let buffers = Confined<[ByteBuffer]>([])
    private let allocator = ByteBufferAllocator()
    private(set) var hits = 0
    private(set) var misses = 0
    private var returned = 0
    /// How many buffers the pool keeps now: fewer while memory is short.
    private var buffersKept = BufferPool.buffersMax

    init() { buffers.value.reserveCapacity(Self.buffersMax) }

    /// Buffers that the pool holds.
    var count: Int { buffers.value.count }

    /// Bytes that the pool holds.
    var byteCount: Int { buffers.value.reduce(0) { $0 + $1.storageCapacity } }

    /// Buffers that were taken and have not come back: 0 when nothing is in the middle of anything.
    var buffersOut: Int { hits + misses - returned }

    /// An empty buffer of at least `minimumCapacity` bytes.
    func take(minimumCapacity: Int) -> ByteBuffer {
        guard var buffer = buffers.value.popLast() else {
            misses += 1
            return allocator.buffer(capacity: max(minimumCapacity, 1_024))
        }
        // Of most it is enough to forget what they hold, without a look at their storage.
        let emptied: Void? = buffer.modifyIfUniquelyOwned { buffer in
            buffer.moveReaderIndex(to: 0)
            buffer.moveWriterIndex(to: 0)
        }
        if emptied != nil, buffer.capacity >= minimumCapacity {
            hits += 1
            return buffer
        }
        misses += 1
        buffer.clear(minimumCapacity: minimumCapacity)
        return buffer
    }

    /// Takes a buffer back, whoever else still holds it.
    func give(_ buffer: consuming ByteBuffer) {
        returned += 1
        guard buffers.value.count < buffersKept, buffer.storageCapacity <= Self.bufferSizeMax else { return }
        buffers.value.append(buffer)
    }

    /// Has the pool keep this share of what it may, from now on; 0: nothing. So the most bytes that it holds shrink likewise.
    func keep(percent: Int) {
        buffersKept = Self.buffersMax * percent / 100
        let surplus = buffers.value.count - buffersKept
        if surplus > 0 { buffers.value.removeLast(surplus) }
    }
}
