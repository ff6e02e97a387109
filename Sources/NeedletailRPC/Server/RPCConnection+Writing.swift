//! How answers leave: those of a turn together, in one system call if the socket takes them.
//!
//! What is longer than a portion leaves in portions, one a turn. Otherwise the calls of others would wait for as long as the
//! kernel takes bytes, which on a fast network is the whole of a large value; and a client on the same machine that reads it
//! would not come back from its system call, which goes on for as long as bytes arrive.

internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire
internal import Timing

extension RPCConnection {
    /// What is sent in one turn, bytes.
    static var portionMax: Int { 256 << 10 }

    @inline(__always)
    func makeOutput() -> ByteWriter { ByteWriter(into: loop.pool.take(minimumCapacity: 4_096)) }

    @inline(__always)
    func takeOutput() -> ByteWriter { output.value.take() ?? makeOutput() }

    /// Sends what was answered and is true by then, or has it wait for what waits already.
    func flushOutput(_ context: ChannelHandlerContext) {
        loop.finishGroup()
        guard let writer = output.value.take() else { return }
        let byteCount = writer.byteCount
        guard byteCount > 0 else { return loop.pool.give(writer.finish { _ in }) }
        let start = loop.now
        let storage: ByteBuffer
        if byteCount > Self.portionMax || !queue.isEmpty {
            storage = writer.finish { queue.add($0) }
        } else if writer.isOnePiece {
            storage = writer.finish()
            send(storage, context)
        } else {
            channelMayHaveUnsent = true
            var unflushedBytes = 0
            storage = writer.finish { write($0, unflushedBytes: &unflushedBytes, context) }
            context.flush()
        }
        recordWrite(since: start)
        if channelMayHaveUnsent || !queue.isEmpty {
            // A buffer of the pool has memory for more than was written, which was used before.
            let writtenInto = max(storage.readableBytes, min(storage.storageCapacity, BufferPool.bufferSizeMax))
            unsentBatches.add(byteCount: byteCount, keeping: byteCount - storage.readableBytes + writtenInto)
        }
        loop.pool.give(storage)
    }

    /// Sends what one turn may send of what waits, and has another turn for the rest, when others have had theirs.
    func sendPortion(_ context: ChannelHandlerContext) {
        guard isWritable else { return }
        let start = loop.now
        send(bytesMax: Self.portionMax, context)
        recordWrite(since: start)
        if isWritable, !queue.isEmpty || isPaused { loop.enlistAgain(self) }
    }

    /// Hands everything to the channel, for a connection that ends.
    func sendAll(_ context: ChannelHandlerContext) {
        flushOutput(context)
        if !queue.isEmpty { send(bytesMax: .max, context) }
    }

    /// Sends `bytes` straight to the socket if there is one and nothing waits before them; the rest through the channel.
    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        var rest = bytes
        if let socket, unsentInChannel(context) == 0 {
            rest.moveReaderIndex(forwardBy: socket.write(bytes))
            if rest.readableBytes == 0 { return }
        }
        channelMayHaveUnsent = true
        var unflushedBytes = 0
        write(rest, unflushedBytes: &unflushedBytes, context)
        context.flush()
    }

    private func send(bytesMax: Int, _ context: ChannelHandlerContext) {
        channelMayHaveUnsent = true
        isSending = true
        var (bytesLeft, unflushedBytes) = (bytesMax, 0)
        while let piece = queue.next(atMost: bytesLeft) {
            bytesLeft -= piece.readableBytes
            write(piece, unflushedBytes: &unflushedBytes, context)
        }
        context.flush()
        isSending = false
    }

    private func recordWrite(since start: MonotonicTime) {
        metrics.latencies.record(
            nanoseconds: loop.readClock().nanoseconds(since: start), in: RPCMetrics.place(of: .write))
    }

    /// Has all bytes leave through the channel's handlers from now on.
    func writeThroughHandlers() { socket = nil }

    /// Bytes that were given to the channel and that it has not sent yet; at least 1 if it does not say.
    func unsentInChannel(_ context: ChannelHandlerContext) -> Int {
        guard channelMayHaveUnsent else { return 0 }
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 1
        channelMayHaveUnsent = unsent > 0
        return unsent
    }
}

/// Bytes that wait to be sent, in their order. A class, so that a connection where nothing waits pays for a load of
/// `byteCount`, and not for a check of exclusive access (see `LateAnswers`).
final class OutputQueue {
    private var pieces: [ByteBuffer] = []
    private var first = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    func add(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        pieces.append(bytes)
        byteCount += bytes.readableBytes
    }

    /// Takes the next bytes, or some of them; nil if there are none, or may be none.
    func next(atMost bytesMax: Int) -> ByteBuffer? {
        guard first < pieces.count,
            let piece = pieces[first].readSlice(length: min(bytesMax, pieces[first].readableBytes)),
            piece.readableBytes > 0
        else { return nil }
        byteCount -= piece.readableBytes
        if pieces[first].readableBytes == 0 {
            first += 1
            if first == pieces.count { removeAll() }
        }
        return piece
    }

    func removeAll() {
        pieces = []
        (first, byteCount) = (0, 0)
    }
}

/// What unsent answers keep in memory: of those that left together all, until the last byte of them was sent. Otherwise a
/// client that reads all but the end of long answers would have a loop keep them, and count as one that is nearly done.
final class UnsentBatches {
    private struct Batch {
        /// Behind its last byte, counted since nothing was unsent.
        let end: Int
        let keptBytes: Int
    }

    private var batches: [Batch] = []
    private var givenBytes = 0
    private(set) var keptBytes = 0

    /// Told of answers of which bytes may be unsent.
    func add(byteCount: Int, keeping keptBytes: Int) {
        givenBytes += byteCount
        self.keptBytes += keptBytes
        batches.append(Batch(end: givenBytes, keptBytes: keptBytes))
    }

    /// Told how many bytes are unsent, of all that there is. (With TLS some more than were given.)
    func note(unsentBytes: Int) {
        guard keptBytes > 0 else { return }
        if unsentBytes == 0 { return removeAll() }
        let sent = batches.prefix { $0.end <= givenBytes - unsentBytes }
        if sent.isEmpty { return }
        for batch in sent { keptBytes -= batch.keptBytes }
        batches.removeFirst(sent.count)
    }

    func removeAll() {
        batches.removeAll()
        (givenBytes, keptBytes) = (0, 0)
    }
}
