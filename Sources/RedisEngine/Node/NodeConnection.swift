//! One connection to a node, on its event loop: sends requests, and matches replies with them by their order.
//!
//! It makes itself known first (`AUTH`, `READONLY`) and asks for a sign of life, because the kernel of a machine takes
//! connections for a process that stands still. A request that was cancelled keeps its place until its replies have
//! come, so that the connection lives on.
//!
//! Always true: `awaited` holds the requests that were sent, in order, and each has at least one reply missing.

internal import NIOCore
internal import NIOTLS
internal import Timing

final class NodeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Connecting, and making the TLS handshake.
        case opening
        /// Its greeting was sent, and replies are missing.
        case greeting
        case open
        case ended
    }

    private struct Awaited {
        let request: NodeRequest
        var missing: Int
    }

    /// What is given to the channel at once, unless a single request is larger.
    static let batchBytesMax = 256 << 10

    private let link: NodeLink
    private let isSecured: Bool
    private var parser: RESPParser
    private var context: ChannelHandlerContext?
    private var phase = Phase.opening
    private var awaited = CircularBuffer<Awaited>()
    /// When bytes came last, or the connection was opened.
    private var lastRead: MonotonicTime
    /// The operating system has not taken all that was given to the channel, and took some for the last time then.
    private(set) var writingSince: MonotonicTime?
    /// What it had not taken then.
    private var unsentBytes = 0

    /// Which of the link's attempts to connect it belongs to.
    let attempt: Int

    init(_ link: NodeLink, attempt: Int, isSecured: Bool, limits: RESPParser.Limits) {
        self.link = link
        self.attempt = attempt
        self.isSecured = isSecured
        parser = RESPParser(limits: limits)
        lastRead = link.now
    }

    /// Requests that were sent and are not answered.
    var awaitedCount: Int { awaited.count }

    var isOpen: Bool { phase == .open }

    /// When the oldest request that is not answered was sent; nil if all are.
    var oldestSentAt: MonotonicTime? { awaited.first?.request.sentAt }

    /// Since when the node owes an answer and has sent nothing; nil if it owes none.
    var silentSince: MonotonicTime? { oldestSentAt.map { max($0, lastRead) } }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // Of the addresses of a name the first that answers is taken; SwiftNIO closes the others.
        guard link.connected(self) else {
            phase = .ended
            return context.close(promise: nil)
        }
        if !isSecured { greet() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { greet() }
        context.fireUserInboundEventTriggered(event)
    }

    private func greet() {
        guard phase == .opening else { return }
        phase = .greeting
        send(link.makeGreeting { [weak self] refusal in self?.greeted(refusal) })
        flush()
    }

    private func greeted(_ refusal: String?) {
        guard phase == .greeting else { return }
        if let refusal { return close(refusal) }
        phase = .open
        link.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) { end("it closed the connection") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(link.reason(of: error))
    }

    /// Closes; all requests that were sent fail.
    func close(_ reason: String, isSilent: Bool = false) {
        end(reason, isSilent: isSilent)
        context?.close(promise: nil)
    }

    private func end(_ reason: String, isSilent: Bool = false) {
        guard phase != .ended else { return }
        phase = .ended
        let lost = awaited
        awaited = CircularBuffer()
        link.ended(self, reason, isSilent: isSilent)
        for entry in lost { entry.request.fail(.broken(link.broken(reason))) }
    }

    // MARK: Sending

    private var batch: ByteBuffer?

    /// Whether more requests may be given to it.
    var takesMore: Bool { phase == .open && writingSince == nil }

    /// Bytes that `flush` will send.
    var batchBytes: Int { batch?.readableBytes ?? 0 }

    /// Adds a request to what `flush` sends.
    func send(_ request: NodeRequest) {
        let bytes = request.takeBytes(now: link.now)
        request.connection = self
        awaited.append(Awaited(request: request, missing: request.replyCount))
        if batch == nil { batch = bytes } else { batch?.writeImmutableBuffer(bytes) }
    }

    func flush() {
        guard let context, let bytes = batch else { return }
        batch = nil
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if phase != .ended, !context.channel.isWritable { beginWaiting(context) }
    }

    private func beginWaiting(_ context: ChannelHandlerContext) {
        writingSince = link.now
        unsentBytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Whether the operating system has taken bytes since `writingSince`, which is now then.
    func hasProgressed() -> Bool {
        guard let context else { return false }
        let before = unsentBytes
        let now = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard now < before else { return false }
        beginWaiting(context)
        return true
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, writingSince != nil else { return }
        link.readClock()
        writingSince = nil
        link.flush()
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .ended else { return }
        lastRead = link.readClock()
        parser.append(unwrapInboundIn(data))
        do throws(RESPError) {
            while phase != .ended, let reply = try parser.next() {
                guard take(reply) else { return close("it sent a reply that nothing asked for") }
            }
        } catch {
            close("what it sent is no reply: \(error)")
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .open { link.answered() }
    }

    private func take(_ reply: RESPValue) -> Bool {
        guard let request = awaited.first?.request else { return false }
        awaited[awaited.startIndex].missing -= 1
        let isLast = awaited[awaited.startIndex].missing == 0
        if isLast {
            awaited.removeFirst()
            link.completed(request)
        }
        request.answer(reply, isLast: isLast)
        return true
    }
}
