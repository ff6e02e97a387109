//! One connection of a client, on its event loop: sends what its queue holds, as far as the operating system takes it, and
//! cuts answers out of what comes. Which call waits for what, its client's core knows.
//!
//! Always true: calls in `queue` have had no byte sent, those in `writing` may have; while `writing` holds any, nothing
//! more is given to the channel, so that what is in `queue` can be taken back.

internal import NIOCore
internal import NIOTLS
internal import NeedletailWire
internal import Timing

final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is given to the channel at once, unless a single call is larger.
    private static let batchBytesMax = 256 * 1024

    private let core: ClientCore
    private let security: (any ClientSecurity)?
    private var cutter: AnswerCutter
    private var context: ChannelHandlerContext?

    /// Those that have ended are passed over.
    private var queue = CircularBuffer<ActiveCall>()
    private var writing: [ActiveCall] = []
    /// What was given to the channel last has not been taken by the operating system since.
    private(set) var writingSince: MonotonicTime?
    /// Calls that were placed here and have not ended.
    var callCount = 0
    /// When bytes came last, or when the connection was made.
    private(set) var lastRead: MonotonicTime
    /// Whether anything ever came.
    private(set) var hasRead = false
    /// When a call was placed here last.
    var lastUse: MonotonicTime
    /// A call's time was over, and nothing has come since it was sent: the server may be gone.
    var suspectSince: MonotonicTime?
    /// A sign of life was asked for, and has not come.
    var isProbed = false
    /// No further calls: the server announced its end.
    private(set) var isDraining = false
    /// The core was told that it is there, and was not told that it is gone.
    private var isOpen = false
    /// Why it ends, where we know better than the socket.
    private var reason: RPCClientError?
    private var needsFlush = false

    init(core: ClientCore, wire: RPCWire, sizeMax: Int, security: (any ClientSecurity)?) {
        self.core = core
        self.security = security
        cutter = AnswerCutter(wire, sizeMax: sizeMax)
        lastRead = core.now
        lastUse = core.now
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if security == nil { open() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { open() }
        context.fireUserInboundEventTriggered(event)
    }

    private func open() {
        guard !isOpen else { return }
        isOpen = true
        lastRead = core.readClock()
        core.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch security?.failure(error) ?? .unrelated {
        // A server tells what is wrong with a client's certificate after the client's handshake, before any call.
        case .handshake(let why): reason = core.notConnected("TLS failed: \(why)")
        case .broken(let why) where !isOpen: reason = core.notConnected("TLS failed: \(why)")
        case .unannouncedEnd where !isOpen:
            reason = core.notConnected("it closed the connection during the TLS handshake")
        case .unrelated where !isOpen: reason = core.notConnected(plainReason(of: error))
        case .broken, .unannouncedEnd, .unrelated: break
        }
        end()
        context.close(promise: nil)
    }

    private func end() {
        guard isOpen else {
            return core.failedToOpen(reason ?? core.notConnected("it closed the connection at once"), self)
        }
        isOpen = false
        core.closed(self, reason)
        // They know their connection: each would keep the other.
        writing = []
    }

    /// Closes; the core is told, with `reason` where there is one.
    func close(_ reason: RPCClientError? = nil) {
        self.reason = self.reason ?? reason
        guard let context else { return }
        end()
        context.close(promise: nil)
    }

    // MARK: Sending

    /// Adds a call to the queue; `flush` sends it.
    func enqueue(_ call: ActiveCall) {
        queue.append(call)
        callCount += 1
        lastUse = core.now
        if !needsFlush {
            needsFlush = true
            core.needsFlush(self)
        }
    }

    /// The calls that no byte was sent of.
    func takeQueue() -> CircularBuffer<ActiveCall> {
        defer { queue = CircularBuffer() }
        return queue
    }

    /// Sends from the queue until the operating system takes no more.
    func flush() {
        needsFlush = false
        guard let context, isOpen else { return }
        while writing.isEmpty, let batch = nextBatch() {
            context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
            if context.channel.isWritable { wrote() } else { writingSince = core.now }
        }
    }

    private func nextBatch() -> ByteBuffer? {
        var batch: ByteBuffer?
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

    /// Sends bytes that nobody waits for, if nothing waits before them.
    func sendNow(_ bytes: ByteBuffer) {
        guard let context, isOpen, writing.isEmpty, context.channel.isWritable else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if !context.channel.isWritable { writingSince = core.now }
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isOpen else { return }
        lastRead = core.readClock()
        hasRead = true
        suspectSince = nil
        isProbed = false
        cutter.add(unwrapInboundIn(data))
        do throws(WireError) {
            while isOpen, let cut = try cutter.next() {
                if cut.announcesDraining { isDraining = true }
                core.answered(cut.id, cut.answer, on: self)
            }
        } catch {
            close(.undecodable(error))
        }
        if isDraining, callCount == 0 { close() }
    }
}
