//! One connection of a client, on its event loop: sends what its queue holds, as far as the operating system takes it, and
//! cuts answers out of what comes. Which call waits for what, its client's core knows.
//!
//! Always true: calls in `queue` have had no byte sent, those in `writing` may have; while the channel has bytes that the
//! operating system did not take (`writingSince`), nothing more is given to it, so that what is in `queue` can be taken
//! back.

internal import NIOCore
internal import NIOTLS
internal import NeedletailWire
internal import Timing

final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is given to the channel at once, unless a single call is larger.
    private static let batchBytesMax = 256 * 1024

    /// How far calls can rely on a connection, the least first.
    enum Standing: Comparable {
        /// A call's time was over, and nothing has come since.
        case suspect
        /// It has not answered anything yet: a server that has too many closes it at once.
        case unproven
        case proven
    }

    private enum Phase {
        /// It connects, or makes its TLS handshake.
        case opening
        case open
        case ended
    }

    private let core: ClientCore
    /// Which of the core's attempts to connect it belongs to.
    let attempt: Int
    private let security: (any ClientSecurity)?
    private var cutter: AnswerCutter
    private var context: ChannelHandlerContext?

    /// Those that have ended are passed over.
    private var queue = CircularBuffer<ActiveCall>()
    private var writing: [ActiveCall] = []
    /// Calls that ended after they were sent, and whose answers nobody waits for: the server is to be told.
    private var cancelled: [UInt32] = []
    /// The operating system has not taken all that was given to the channel, and took some for the last time then.
    private(set) var writingSince: MonotonicTime?
    /// What it had not taken then.
    private var unsentBytes = 0
    /// Calls that were placed here and have not ended.
    var callCount = 0
    /// When bytes came last, or when the connection was made.
    private(set) var lastRead: MonotonicTime
    /// Whether a whole answer ever came: the server does not only accept connections, it serves this one.
    var hasAnswered = false
    /// When a call was placed here last.
    var lastUse: MonotonicTime
    /// A call's time was over, and nothing has come since it was sent: the server may be gone.
    var suspectSince: MonotonicTime?
    var standing: Standing {
        if suspectSince != nil { return .suspect }
        return hasAnswered ? .proven : .unproven
    }

    /// A sign of life was asked for, and has not come.
    var isProbed = false
    /// No further calls: the server announced its end.
    private(set) var isDraining = false
    private var phase = Phase.opening
    /// We closed it, and not the server.
    private(set) var isClosedByUs = false
    /// Why it ends, where we know better than the socket.
    private var reason: RPCClientError?
    private var needsFlush = false

    init(core: ClientCore, attempt: Int, wire: RPCWire, sizeMax: Int, security: (any ClientSecurity)?) {
        self.core = core
        self.attempt = attempt
        self.security = security
        cutter = AnswerCutter(wire, sizeMax: sizeMax)
        lastRead = core.now
        lastUse = core.now
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // Of the addresses of a name the first that answers is taken; SwiftNIO closes the others.
        guard core.connected(self) else { return context.close(promise: nil) }
        if security == nil { open() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { open() }
        context.fireUserInboundEventTriggered(event)
    }

    private func open() {
        guard phase == .opening else { return }
        phase = .open
        lastRead = core.readClock()
        core.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch security?.failure(error) ?? .unrelated {
        // A server tells what is wrong with a client's certificate after the client's handshake, before any call.
        case .handshake(let why) where !hasAnswered: reason = core.notConnected("TLS failed: \(why)")
        case .broken(let why) where phase == .opening: reason = core.notConnected("TLS failed: \(why)")
        case .unannouncedEnd where phase == .opening:
            reason = core.notConnected("it closed the connection during the TLS handshake")
        case .unrelated where phase == .opening: reason = core.notConnected(plainReason(of: error))
        case .handshake, .broken, .unannouncedEnd, .unrelated: break
        }
        end()
        context.close(promise: nil)
    }

    private func end() {
        core.readClock()
        switch phase {
        case .opening:
            phase = .ended
            core.failedToOpen(reason ?? core.notConnected("it closed the connection at once"), self)
        case .open:
            phase = .ended
            core.closed(self, reason)
            // They know their connection: each would keep the other.
            writing = []
        case .ended: break
        }
    }

    /// Closes; the core is told, with `reason` where there is one.
    func close(_ reason: RPCClientError? = nil) {
        guard let context, phase != .ended else { return }
        self.reason = self.reason ?? reason
        isClosedByUs = true
        end()
        context.close(promise: nil)
    }

    // MARK: Sending

    /// Adds a call to the queue; `flush` sends it.
    func enqueue(_ call: ActiveCall) {
        queue.append(call)
        callCount += 1
        requestFlush()
    }

    /// Tells the server, where the protocol has words for that, that nobody waits for a call any more whose bytes it has,
    /// or gets.
    func cancel(_ id: UInt32) {
        cancelled.append(id)
        requestFlush()
    }

    private func requestFlush() {
        if needsFlush { return }
        needsFlush = true
        core.needsFlush(self)
    }

    /// The calls that no byte was sent of.
    func takeQueue() -> CircularBuffer<ActiveCall> {
        defer { queue = CircularBuffer() }
        return queue
    }

    /// Sends from the queue until the operating system takes no more.
    func flush() {
        needsFlush = false
        guard let context else { return }
        while phase == .open, writingSince == nil, let batch = nextBatch() {
            context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
            if context.channel.isWritable { wrote() } else { beginWaiting(context) }
        }
    }

    private func beginWaiting(_ context: ChannelHandlerContext) {
        writingSince = core.now
        unsentBytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Whether the operating system has taken bytes since `writingSince`, which is now then.
    func hasProgressed() -> Bool {
        let before = unsentBytes
        guard let context else { return false }
        beginWaiting(context)
        return unsentBytes < before
    }

    private func nextBatch() -> ByteBuffer? {
        var batch =
            cancelled.isEmpty ? nil : cancelled.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer(encodeCancel($1)) }
        cancelled.removeAll(keepingCapacity: true)
        while let call = queue.first {
            if call.hasEnded {
                queue.removeFirst()
                continue
            }
            if let size = batch?.readableBytes, size + call.message.readableBytes > Self.batchBytesMax { break }
            queue.removeFirst()
            writing.append(call)
            call.stage = .writing
            let message = call.takeMessage()
            if batch == nil { batch = message } else { batch?.writeImmutableBuffer(message) }
        }
        return batch
    }

    /// The operating system has all that was given to the channel.
    private func wrote() {
        writingSince = nil
        for call in writing { core.sent(call) }
        writing.removeAll(keepingCapacity: true)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, writingSince != nil else { return }
        core.readClock()
        wrote()
        flush()
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .open else { return }
        lastRead = core.readClock()
        suspectSince = nil
        isProbed = false
        cutter.add(unwrapInboundIn(data))
        do throws(WireError) {
            while phase == .open, let cut = try cutter.next() {
                if cut.announcesDraining, !isDraining {
                    isDraining = true
                    core.moveQueue(of: self)
                }
                core.answered(cut.id, cut.answer, on: self)
                // Its last call closes it; but maybe none waited for this answer.
                if isDraining, callCount == 0 { close() }
            }
        } catch {
            close(.undecodable(error))
        }
        core.flush()
    }
}
