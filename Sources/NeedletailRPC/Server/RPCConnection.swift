//! One client's connection: the whole protocol in one handler, on the connection's event loop.
//!
//! What a read brings waits for the connection's turn, which comes when the loop has read from all connections that had
//! something to read (RPCLoop.swift). In a turn bytes are served where they arrived; only what is left of a message that
//! came in part is copied, to a pooled buffer. All answers of a turn go into one output buffer and leave with one flush,
//! long ones in portions over several turns (RPCConnection+Writing.swift).
//! A client that does not read its answers is not read from: above the high watermark of unsent bytes serving stops,
//! what arrived waits, and reading goes on below the low watermark. An answer that comes later than its call was served
//! leaves in a turn, too (RPCConnection+Late.swift); a connection does not end before they all have left.
//!
//! While a connection waits for its turn it is read from, up to a bound, so that it shows how long its calls wait.
//!
//! Always true: `input` is nil or holds bytes that have not been served (their turn is to come, or they are a part of a
//! message, or the connection is paused); `output` is nil outside of a turn; late answers that may leave have a turn to
//! come; in the phases after `finishing` there are none, open or given.

internal import Logging
internal import NIOCore
internal import NIOTLS
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire
internal import Timing

final class RPCConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where the connection is in its life.
    enum Phase {
        case serving
        /// No call is served any more, but answers are to come: what arrives is thrown away until they have left.
        case finishing
        /// The last answer was written; what arrives is thrown away until the client has closed.
        case discarding
        case closed
    }

    let loop: RPCLoop
    /// The loop's. Each call asks for them, and what is reached through two objects is retained for as long.
    let service: any RPCService
    let metrics: RPCMetrics
    let callers: LoopCallers?
    var framing = Framing.undecided
    /// What all calls of the connection have in common; nil if there is nothing to say.
    var origin: CallOrigin?
    /// The walk over a message that has not come whole, where no frame tells its length.
    var scan: MessageScan?
    private(set) var input: ByteBuffer?
    /// When its bytes came.
    let arrivals: InputArrivals
    /// Since when bytes may wait in the kernel, because reading was ended while the input waited for its turn.
    private var unreadSince: MonotonicTime?
    /// The input is the receive buffer itself, which the next read wants to use again.
    private var inputIsLent = false
    let output = Confined<ByteWriter?>(nil)
    let late = LateAnswers()
    var phase = Phase.serving
    /// Unsent bytes are below the high watermark, or have not yet shrunk to it from the high one.
    private(set) var isWritable = true
    /// There is input that can not be served now, so nothing more is read: unsent bytes are above the watermark, or an answer
    /// has not left as a whole, or there is no room for late answers.
    var isPaused = false
    /// Waits for its turn.
    var isEnlisted = false
    /// The channel was told not to read on.
    private var isReadingOff = false
    /// The client will send no more; close when all is answered.
    var inputIsClosed = false
    /// Our last answer has left, and the client was told that there will be no more.
    var outputIsClosed = false
    /// Turns for which a draining connection may be served on; nil while it is not draining.
    private(set) var drainTurnsLeft: Int?
    /// Bytes came, or were served, since the last turn of draining.
    private var wasActive = false
    private(set) var closesAfterNextMessage = false
    private(set) var context: ChannelHandlerContext?
    private let writesDirectly: Bool
    /// Came over a Unix socket.
    let isLocal: Bool
    var privacy = Privacy.plaintext
    var socket: DirectSocket?
    /// Ends the connection after a delay, if it has not ended by then.
    var abortion: Scheduled<Void>?
    /// What waits until the channel has sent what went before.
    let queue = OutputQueue()
    /// What is kept until it has left, there and in the channel.
    let unsentBatches = UnsentBatches()
    /// Bytes were given to the channel, which may not have sent them yet.
    var channelMayHaveUnsent = false
    /// The channel is being given bytes and tells at once what that changes.
    var isSending = false
    /// Messages that were answered in this turn, or the last one.
    var callsInTurn = 0
    /// Whether the client sends calls without waiting for answers, as far as the last turn told.
    private(set) var isPipelining = false
    /// What the loop was told that this connection holds: the input's storage, what unsent answers keep, and answers that
    /// wait for others to leave before them.
    private(set) var heldBytes = 0
    private(set) var unsentBytes = 0
    let openedAt: MonotonicTime
    /// Messages that were answered in turns before the last one.
    private(set) var callCount = 0
    /// When the connection last got further: a call was served, or answers were read.
    var heldSince: MonotonicTime

    /// - Parameter writesDirectly: no other handler of the channel changes bytes on their way, so that they may go straight
    ///   to the socket.
    init(loop: RPCLoop, writesDirectly: Bool = false, isLocal: Bool = false) {
        self.loop = loop
        (service, metrics, callers) = (loop.service, loop.metrics, loop.callers)
        self.writesDirectly = writesDirectly
        self.isLocal = isLocal
        arrivals = InputArrivals(loop.now)
        heldSince = loop.now
        openedAt = loop.now
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        loop.opened(self)
        if writesDirectly { socket = DirectSocket(context) }
        if loop.isDraining { drain() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        socket = nil
        privacy = .plaintext
        abortion?.cancel()
        releaseInput()
        queue.removeAll()
        unsentBytes = 0
        unsentBatches.removeAll()
        cancelLateAnswers()
        accountHeldBytes()
        if let writer = output.value.take() { loop.pool.give(writer.finish { _ in }) }
        loop.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that vanishes is not an event; whatever went wrong, the connection is of no more use.
        if !isHarmless(error) { abort() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            inputIsClosed = true
            if !isPaused, !isEnlisted, late.isEmpty, queue.isEmpty { closeWhenWritten(context) }
            if outputIsClosed { context.close(promise: nil) }
        } else if case .handshakeCompleted = event as? TLSUserEvent {
            securityEstablished()
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends the connection once everything that has arrived is answered. Bytes that lie in the kernel have arrived too, so
    /// it is served on until nothing was read for a turn, or for as many turns as there are; then what has been read is served.
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
            drainTurnsLeft = wasActive || isPaused ? turns - 1 : 0
            wasActive = false
            guard drainTurnsLeft == 0 else { return scheduleDrainTurn() }
            // Who sends all the time would be served for ever: what has been read is the rest.
            if let context { setReading(false, context) }
            finishDraining()
        }
    }

    /// After the last turn: closes, or closes after the one message that has come in part.
    private func finishDraining() {
        guard let context, phase == .serving, drainTurnsLeft == 0, !isPaused, !isEnlisted else { return }
        if input == nil { return closeLingering(context) }
        closesAfterNextMessage = true
        setReading(true, context)
    }

    /// Closes at once: TLS would wait for the client to agree.
    func abort() { (securing ?? context)?.close(promise: nil) }

    /// Closes at once; nothing leaves any more.
    func abandon() {
        if let writer = output.value.take() { loop.pool.give(writer.finish { _ in }) }
        abort()
    }

    // MARK: Reading

    /// Has the channel read or not. (Told only when that changes: it costs a system call.)
    func setReading(_ isOn: Bool, _ context: ChannelHandlerContext) {
        guard isOn == isReadingOff else { return }
        isReadingOff = !isOn
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .serving else { return }
        var bytes = unwrapInboundIn(data)
        wasActive = true
        let isBehindCalls = isPaused || isEnlisted && input != nil
        let time = isPaused ? loop.readClock() : loop.tickArrival()
        arrivals.add(
            bytes.readableBytes, at: time, unreadSince: unreadSince.take() ?? loop.unreadSince,
            isBehindCalls: isBehindCalls)
        if input == nil {
            input = bytes
            inputIsLent = true
        } else {
            // Behind calls there will be more of them.
            let count = bytes.readableBytes
            ownInput(room: isBehindCalls ? min(count * Self.roomFactor, BufferPool.bufferSizeMax / 2) : count)
            if var held = input.take() {
                if held.readerIndex > held.storageCapacity / 2 { held.discardReadBytes() }
                held.writeBuffer(&bytes)
                input = held
            }
        }
        if isPaused { return ownInput() }
        if isBehindCalls { boundInput(context, at: time) }
        loop.enlist(self)
    }

    /// How many more reads of the same size a buffer has room for, where there will be more.
    private static let roomFactor = 4
    /// What a connection that waits for its turn reads meanwhile, bytes; one read may exceed it.
    private static let inputBytesMax = 256 << 10

    /// Ends reading if what waits for its turn is enough.
    private func boundInput(_ context: ChannelHandlerContext, at now: MonotonicTime) {
        accountHeldBytes()
        guard let input, input.readableBytes >= Self.inputBytesMax, !isReadingOff else { return }
        unreadSince = now
        setReading(false, context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isSending { return }
        if isPaused || !queue.isEmpty, isWritable { loop.enlist(self) }
        noteProgress()
    }

    // MARK: A turn

    /// The longest that a connection's pipelined calls keep the other connections of the loop waiting.
    private static let turnNanosecondsMax: Int64 = 1_000_000

    /// Serves what has come, as far as one turn goes.
    /// - Parameter isUrgent: it comes before those of others, for one call.
    func serveTurn(isUrgent: Bool = false) {
        isEnlisted = false
        if late.mayLeave { moveLateAnswers() }
        guard let context, phase == .serving, var bytes = input.take() else { return }
        // A socket that breaks under a write is read to its end at once, and TLS replays what began it: `input` changes.
        let isLent = inputIsLent
        wasActive = true
        isPaused = false
        isPipelining = callsInTurn > 1
        callCount += callsInTurn
        callsInTurn = 0
        if !isUrgent { loop.admission.observe(wait: wait(until: loop.now), at: loop.now) }
        serve(&bytes, context, turnNanosecondsMax: isUrgent ? 0 : Self.turnNanosecondsMax)
        if phase == .serving, bytes.readableBytes > 0 {
            input = bytes
            inputIsLent = isLent
            ownInput()
        } else if !isLent {
            loop.pool.give(bytes)
        }
    }

    /// Sends the answers of the turn, and goes on with what had to wait for them.
    func finishTurn() {
        guard let context, phase == .serving || phase == .finishing else { return }
        if late.mayLeave { moveLateAnswers() }
        flushOutput(context)
        if !queue.isEmpty { sendPortion(context) }
        noteProgress()
        if phase == .finishing, late.isEmpty { return endServing(context) }
        guard phase == .serving else { return }
        setReading(!isPaused && (drainTurnsLeft != 0 || closesAfterNextMessage), context)
        if isPaused || isEnlisted || !queue.isEmpty { return }
        if inputIsClosed, late.isEmpty { return closeWhenWritten(context) }
        finishDraining()
    }

    /// How long the next call has waited, nanoseconds: since it was read, and half of the time that it may have waited to be.
    /// All of that would say of calls that just came that they are old.
    func wait(until now: MonotonicTime) -> Int64 {
        let inKernelMax = max(arrivals.arrival.nanoseconds(since: arrivals.unreadSince), 0)
        return now.nanoseconds(since: arrivals.arrival) + inKernelMax / 2
    }

    /// Looks at the call that the turn will serve and has the service fetch what it needs from memory. A client that
    /// pipelines gets this for itself, in its turn.
    func anticipateTurn() {
        if let input, phase == .serving, isWritable, callsInTurn <= 1 { anticipate(input, callsMax: 1) }
    }

    /// Keeps the input in a buffer of the pool, with room for more, so that the receive buffer is free for the next read.
    private func ownInput(room: Int = 0) {
        guard inputIsLent, let bytes = input else { return }
        var held = loop.pool.take(minimumCapacity: bytes.readableBytes + room)
        held.writeImmutableBuffer(bytes)
        input = held
        inputIsLent = false
    }

    func releaseInput() {
        if let held = input.take(), !inputIsLent { loop.pool.give(held) }
    }

    // MARK: Bounds

    /// Whether a message has come in part, or answers were not read or may not leave yet.
    var isHolding: Bool { heldBytes > 0 }

    /// Whether it is for the client to send or to read, and not for the service to answer.
    var waitsForClient: Bool {
        if unsentBytes > 0 || isHandshaking { return true }
        return input != nil && !isEnlisted && !(isPaused && !late.isEmpty)
    }

    /// Tells the loop what this connection holds.
    private func accountHeldBytes() {
        var bytes = (input?.storageCapacity ?? 0) + max(unsentBytes, unsentBatches.keptBytes) + late.bytesWaiting
        if isHandshaking { bytes += Self.handshakeBytes }
        guard bytes != heldBytes else { return }
        if heldBytes == 0 { heldSince = loop.now }
        let change = bytes - heldBytes
        heldBytes = bytes
        loop.hold(change)
    }

    /// Looks how many answers the client has left unread. Fewer than before is progress.
    func noteProgress() {
        var unsent = 0
        if let context, phase != .closed { unsent = queue.byteCount + unsentInChannel(context) }
        if unsent < unsentBytes { heldSince = loop.now }
        unsentBytes = unsent
        unsentBatches.note(unsentBytes: unsent)
        accountHeldBytes()
    }

    var logMetadata: Logger.Metadata { ["peer": "\(peer)"] }

    /// The client's address, as `127.0.0.1:1234`.
    var peer: String {
        guard let address = context?.remoteAddress else { return "unknown" }
        guard let host = address.ipAddress, let port = address.port else {
            return isLocal ? "unix socket" : "\(address)"
        }
        return address.protocol == .inet6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
