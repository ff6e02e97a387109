//! One client's connection: the whole protocol in one handler, on the connection's event loop.
//!
//! Bytes are served where they arrived. Only what is left of a message that came in part is copied, to a pooled buffer.
//! All answers of one read burst go into one output buffer and leave with one flush. A client that does not read its
//! answers is not read from: above the high watermark of unsent bytes serving stops, what arrived waits, and reading goes
//! on below the low watermark.
//!
//! Always true: `input` is nil or holds bytes that could not be served yet (a part of a message, or paused); `output`
//! is nil outside of a burst.

internal import Logging
internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailWire
internal import Timing

final class RPCConnection<Service: RPCService>: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How messages are told apart.
    enum Framing {
        case undecided
        case framed(RPCFormat)
        case unframed(RPCFormat)
    }

    /// Where the connection is in its life.
    enum Phase {
        case serving
        /// The last answer was written; what arrives is thrown away until the client has closed.
        case discarding
        case closed
    }

    let loop: RPCLoop<Service>
    private(set) var framing = Framing.undecided
    /// The walk over a message that has not come whole, where no frame tells its length.
    private var scan: MessageScan?
    private var input: ByteBuffer?
    private var output: ByteWriter?
    private(set) var arrival = Arrival(time: MonotonicTime(nanoseconds: 0))
    private var phase = Phase.serving
    /// Unsent bytes are above the watermark: nothing is served or read.
    private var isPaused = false
    /// A read was asked for while paused.
    private var readIsHeld = false
    /// The client will send no more; close when all is answered.
    private var inputIsClosed = false
    /// Our last answer has left, and the client was told that there will be no more.
    private var outputIsClosed = false
    /// Turns for which a draining connection may be served on; nil while it is not draining.
    private var drainTurnsLeft: Int?
    private var hasReadInTurn = false
    private var closesAfterNextMessage = false
    private var context: ChannelHandlerContext?

    init(loop: RPCLoop<Service>) { self.loop = loop }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        loop.opened(self)
        if loop.isDraining { drain() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        releaseInput()
        if let writer = output.take() { loop.pool.give(writer.finish { _ in }) }
        loop.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that vanishes is not an event; whatever went wrong, the connection is of no more use.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            inputIsClosed = true
            if !isPaused { closeWhenWritten(context) }
            if outputIsClosed { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends the connection once everything that has arrived is answered. Bytes that lie in the kernel have arrived too, so
    /// it is served on until nothing was read for a turn, or for as many turns as there are.
    func drain() {
        guard phase == .serving, drainTurnsLeft == nil else { return }
        drainTurnsLeft = Self.drainTurnsMax
        scheduleDrainTurn()
    }

    private static var drainTurn: TimeAmount { .milliseconds(20) }
    private static var drainTurnsMax: Int { 10 }

    private func scheduleDrainTurn() {
        context?.eventLoop.assumeIsolated().scheduleTask(in: Self.drainTurn) { [self] in
            guard let turns = drainTurnsLeft, turns > 0 else { return }
            drainTurnsLeft = hasReadInTurn ? turns - 1 : 0
            hasReadInTurn = false
            if drainTurnsLeft == 0 { finishDraining() } else { scheduleDrainTurn() }
        }
    }

    /// After the last turn: closes, or closes after the one message that has come in part.
    private func finishDraining() {
        guard let context, phase == .serving, drainTurnsLeft == 0, !isPaused else { return }
        if input == nil { closeLingering(context) } else { closesAfterNextMessage = true }
    }

    /// Closes at once.
    func abort() { context?.close(promise: nil) }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if isPaused { readIsHeld = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .serving else { return }
        var bytes = unwrapInboundIn(data)
        arrival = Arrival(time: loop.clock.now())
        hasReadInTurn = true
        if var held = input.take() {
            if held.readerIndex > held.storageCapacity / 2 { held.discardReadBytes() }
            held.writeBuffer(&bytes)
            bytes = held
            serve(&bytes, context)
            if bytes.readableBytes > 0, phase == .serving { input = bytes } else { loop.pool.give(bytes) }
        } else {
            serve(&bytes, context)
            if bytes.readableBytes > 0, phase == .serving { hold(bytes) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushOutput(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isPaused, context.channel.isWritable { resume(context) }
    }

    private func resume(_ context: ChannelHandlerContext) {
        isPaused = false
        if var bytes = input.take() {
            serve(&bytes, context)
            if bytes.readableBytes > 0, phase == .serving { input = bytes } else { loop.pool.give(bytes) }
            flushOutput(context)
        }
        guard !isPaused, phase == .serving else { return }
        if inputIsClosed { return closeWhenWritten(context) }
        finishDraining()
        if readIsHeld {
            readIsHeld = false
            context.read()
        }
    }

    /// Keeps what could not be served yet in a buffer of the pool, so that the receive buffer is free for the next read.
    private func hold(_ bytes: ByteBuffer) {
        var held = loop.pool.take(minimumCapacity: bytes.readableBytes)
        held.writeImmutableBuffer(bytes)
        input = held
    }

    private func releaseInput() {
        if let held = input.take() { loop.pool.give(held) }
    }

    // MARK: Serving

    /// Serves the whole messages at the head of `bytes` and leaves the rest.
    private func serve(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        let start = loop.clock.now()
        var messages = 0
        while bytes.readableBytes > 0, phase == .serving {
            messages &+= 1
            if messages % Self.messagesPerLook == 0,
                loop.clock.now().nanoseconds(since: start) > Self.turnNanosecondsMax
            {
                return endTurn(context)
            }
            if (output?.byteCount ?? 0) > loop.limits.unsentBytesHigh { flushOutput(context) }
            if !context.channel.isWritable {
                isPaused = true
                return
            }
            switch framing {
            case .undecided: guard detect(bytes, context) else { return }
            case .framed(let format): guard serveFrame(&bytes, format, context) else { return }
            case .unframed(let format): guard serveUnframed(&bytes, format, context) else { return }
            }
            if closesAfterNextMessage { return closeLingering(context) }
        }
    }

    /// The longest that a connection's pipelined calls keep the other connections of the loop waiting, and how many calls
    /// pass between two looks at the clock.
    private static var turnNanosecondsMax: Int64 { 1_000_000 }
    private static var messagesPerLook: Int { 4 }

    /// Lets the loop's other connections have a turn, and goes on after them.
    private func endTurn(_ context: ChannelHandlerContext) {
        isPaused = true
        context.eventLoop.assumeIsolated().execute { [self] in
            if let context = self.context, isPaused, context.channel.isWritable { resume(context) }
        }
    }

    private func detect(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        switch ProtocolDetector.detect(bytes.readableBytesSpan) {
        case .undecided: return false
        case .messagePack: framing = .unframed(.messagePack)
        case .thriftBinary(let isFramed): framing = isFramed ? .framed(.thriftBinary) : .unframed(.thriftBinary)
        case .thriftCompact(let isFramed): framing = isFramed ? .framed(.thriftCompact) : .unframed(.thriftCompact)
        case .foreign(let foreign):
            loop.counters.add(to: RPCCounter.connectionsForeign.rawValue)
            loop.complaints.warning(
                "closed a connection whose first bytes are no call: it looks like \(foreign.rawValue); expected Thrift (binary or compact) or MessagePack-RPC",
                metadata: [
                    "peer": "\(context.remoteAddress.map { "\($0)" } ?? "unknown")", "protocol": "\(foreign.label)",
                ])
            phase = .discarding
            context.close(promise: nil)
            return false
        }
        return true
    }

    private func serveFrame(_ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext) -> Bool {
        guard let length = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self).map(Int.init) else { return false }
        if length > loop.limits.frameSizeMax {
            guard let head = bytes.getSlice(at: bytes.readerIndex + 4, length: bytes.readableBytes - 4) else {
                return false
            }
            if case .truncated = answer(head, format, isFramed: true, .oversized(length)) {
                // The head is short; a name that does not end is cut off by its own limit.
                return false
            }
            closeLingering(context)
            return false
        }
        guard let frame = bytes.getSlice(at: bytes.readerIndex + 4, length: length) else { return false }
        bytes.moveReaderIndex(forwardBy: 4 + length)
        switch answer(frame, format, isFramed: true, .whole) {
        case .consumed: return true
        case .truncated, .broken:
            closeLingering(context)
            return false
        }
    }

    private func serveUnframed(_ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext) -> Bool
    {
        var extent = MessageExtent.prefix
        if scan != nil {
            switch scan?.advance(over: bytes, limit: loop.limits.frameSizeMax) {
            case .needsMore: return false
            case .oversized(let size): extent = .oversized(size)
            case .complete, .broken, nil: extent = .whole
            }
            scan = nil
        }
        switch answer(bytes, format, isFramed: false, extent) {
        case .consumed(let count):
            bytes.moveReaderIndex(forwardBy: count)
            return true
        case .truncated(let argumentsOffset):
            // Nothing was executed. Walk on from here as bytes come, and decode again when the message is whole.
            if let argumentsOffset {
                // In MessagePack the walk is over the whole message: its array and its parameters lie around the request.
                let depth = loop.limits.budget.depth + (format == .messagePack ? 2 : 0)
                scan = MessageScan(format, from: argumentsOffset, depthLimit: depth)
                return serveScanned(&bytes, format, context)
            }
            return false
        case .broken:
            closeLingering(context)
            return false
        }
    }

    /// Looks at once how far the message reaches: its head may announce more than is allowed.
    private func serveScanned(_ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext) -> Bool
    {
        switch scan?.advance(over: bytes, limit: loop.limits.frameSizeMax) {
        case .needsMore, nil: return false
        case .complete, .broken:
            // What was decoded as cut off is whole, or nothing that ends: it cannot be told where the next one begins.
            scan = nil
            _ = answer(bytes, format, isFramed: false, .whole)
            closeLingering(context)
            return false
        case .oversized(let size):
            scan = nil
            _ = answer(bytes, format, isFramed: false, .oversized(size))
            closeLingering(context)
            return false
        }
    }

    /// Answers the message at the head of `message` into the output.
    private func answer(
        _ message: ByteBuffer, _ format: RPCFormat, isFramed: Bool, _ extent: MessageExtent
    ) -> MessageOutcome {
        let bytes = output.take() ?? ByteWriter(into: loop.pool.take(minimumCapacity: 4_096))
        let start = bytes.mark
        let startCount = bytes.byteCount
        var answered: AnsweredMessage
        switch format {
        case .messagePack:
            answered = answerMessagePack(message, extent, bytes)
        case .thriftBinary:
            answered = answerThriftBinary(message, isFramed: isFramed, extent, bytes)
        case .thriftCompact:
            answered = answerThriftCompact(message, isFramed: isFramed, extent, bytes)
        }
        if !answered.hasAnswer {
            answered.bytes.rewind(to: start)
        } else if isFramed {
            answered.bytes.patch(
                at: start, bigEndian: UInt32(truncatingIfNeeded: answered.bytes.byteCount - startCount - 4))
        }
        let outcome = answered.outcome
        output = answered.finish()
        return outcome
    }

    // MARK: Writing

    private func flushOutput(_ context: ChannelHandlerContext) {
        guard let writer = output.take() else { return }
        let isEmpty = writer.byteCount == 0
        let storage = writer.finish { context.write(self.wrapOutboundOut($0), promise: nil) }
        if !isEmpty { context.flush() }
        loop.pool.give(storage)
    }

    /// Closes after everything written has left; the client has already ended its side.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        guard phase == .serving else { return }
        flushOutput(context)
        phase = .discarding
        abortLater(RPCLoop<Service>.lastAnswersMax)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    /// Ends our side after everything written has left, and reads on for a moment: closing with unread bytes would reset
    /// the connection and destroy answers that the client has not read yet.
    private func closeLingering(_ context: ChannelHandlerContext) {
        guard phase == .serving else { return }
        flushOutput(context)
        phase = .discarding
        releaseInput()
        isPaused = false
        if readIsHeld { context.read() }
        abortLater(RPCLoop<Service>.lastAnswersMax)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in endOutput() }
    }

    private func endOutput() {
        guard let context, phase == .discarding else { return }
        outputIsClosed = true
        if inputIsClosed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        abortLater(RPCLoop<Service>.lingerMax)
    }

    /// A client that neither reads nor goes away does not hold its connection for ever.
    private func abortLater(_ delay: TimeAmount) {
        context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in abort() }
    }
}
