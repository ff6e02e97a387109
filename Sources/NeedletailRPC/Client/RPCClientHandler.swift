internal import NIOCore
internal import NeedletailWire

/// The client's side of a connection, on its event loop: sends calls, finds whole answers in what arrives, and gives each
/// to the call that waits for it. An answer that comes after its call's time is dropped, and the connection lives on.
final class RPCClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        let promise: EventLoopPromise<ByteBuffer>
        let timeout: Scheduled<Void>
    }

    private static let answerSizeMax = Int(Int32.max)
    private static let depthMax = 64

    private let wire: RPCWire
    private var waiting: [UInt32: Waiting] = [:]
    private var input = ByteBuffer()
    /// Answers were cut out of the input's storage: tasks read them on other threads.
    private var inputIsShared = false
    private var scan: (walk: MessageScan, id: UInt32)?

    init(wire: RPCWire) { self.wire = wire }

    /// Sends a call; the future is its whole answer.
    func send(
        _ message: ByteBuffer, id: UInt32, timeout: TimeAmount, over channel: any Channel
    ) -> EventLoopFuture<ByteBuffer> {
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        guard channel.isActive else {
            promise.fail(RPCClientError.connectionClosed(.unknown))
            return promise.futureResult
        }
        let expiry = channel.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            finish(id, with: .failure(RPCClientError.timedOut(.read, .unknown)))
        }
        waiting[id] = Waiting(promise: promise, timeout: expiry)
        channel.writeAndFlush(message, promise: nil)
        return promise.futureResult
    }

    private func finish(_ id: UInt32, with result: Result<ByteBuffer, any Error>) {
        guard let call = waiting.removeValue(forKey: id) else { return }
        call.timeout.cancel()
        call.promise.completeWith(result)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if inputIsShared {
            // A buffer of its own for what is left: whether the old one is still held is nothing to depend on between
            // threads, and a thread sanitizer cannot see that it is not.
            var rest = ByteBuffer()
            rest.reserveCapacity(input.readableBytes + bytes.readableBytes)
            rest.writeBuffer(&input)
            input = rest
            inputIsShared = false
        }
        input.writeBuffer(&bytes)
        do {
            while input.readableBytes > 0, let (id, answer) = try nextAnswer() {
                inputIsShared = true
                finish(id, with: .success(answer))
            }
        } catch {
            failAll(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { failAll(RPCClientError.connectionClosed(.unknown)) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failAll(RPCClientError.connectionClosed(.unknown))
        context.close(promise: nil)
    }

    private func failAll(_ error: any Error) {
        for id in Array(waiting.keys) { finish(id, with: .failure(error)) }
    }

    /// The next whole answer and its call's id; nil if it has not come whole.
    private func nextAnswer() throws -> (UInt32, ByteBuffer)? {
        if wire.framing != .unframed {
            guard let frame = input.readLengthPrefixedSlice(as: UInt32.self) else { return nil }
            return (try Self.head(of: frame, wire.format).id, frame)
        }
        if scan == nil {
            do throws(WireError) {
                let head = try Self.head(of: input, wire.format)
                scan = (MessageScan(wire.format, from: head.bodyOffset, depthLimit: Self.depthMax), head.id)
            } catch {
                if error == .truncated { return nil }
                throw RPCClientError.undecodable(error)
            }
        }
        guard case (var walk, let id)? = scan else { return nil }
        let progress = walk.advance(over: input, limit: Self.answerSizeMax)
        scan = (walk, id)
        switch progress {
        case .needsMore: return nil
        case .broken, .oversized: throw RPCClientError.undecodable(.badMessage("the answer never ends"))
        case .complete:
            scan = nil
            return input.readSlice(length: walk.end).map { (id, $0) }
        }
    }

    /// The id of the answer at the head of `message`, and where the walk to its end begins.
    private static func head(
        of message: ByteBuffer, _ format: RPCFormat
    ) throws(WireError) -> (id: UInt32, bodyOffset: Int) {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message)
            return (try reader.readEnvelope().id, 0)
        case .thriftBinary:
            var reader = ThriftBinaryReader(message)
            return (UInt32(bitPattern: try reader.readHead().sequenceID), reader.cursor.offset)
        case .thriftCompact:
            var reader = ThriftCompactReader(message)
            return (UInt32(bitPattern: try reader.readHead().sequenceID), reader.cursor.offset)
        }
    }
}
