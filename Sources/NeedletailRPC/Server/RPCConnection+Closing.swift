//! How a connection ends that is not simply gone: its answers leave first, and the client gets to read them.

internal import NIOCore

extension RPCConnection {
    /// Closes after everything written has left; the client has already ended its side.
    func closeWhenWritten(_ context: ChannelHandlerContext) {
        guard phase == .serving else { return }
        // A handshake whose other side says no more never ends.
        if isHandshaking { return abort() }
        sendAll(context)
        phase = .discarding
        abortLater(RPCLoop.lastAnswersMax)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    /// Serves no more. Once every call that was served has been answered, ends our side after everything written has left,
    /// and reads on for a moment: closing with unread bytes would reset the connection and destroy answers that the client
    /// has not read yet.
    func closeLingering(_ context: ChannelHandlerContext) {
        guard phase == .serving else { return }
        // Nothing was served, and nothing can be said before the handshake is over.
        if isHandshaking { return abort() }
        releaseInput()
        isPaused = false
        setReading(true, context)
        if late.isEmpty { return endServing(context) }
        phase = .finishing
        // A server that shuts down has its own limit.
        if drainTurnsLeft == nil { abortLater(RPCLoop.lastAnswersMax) }
    }

    func endServing(_ context: ChannelHandlerContext) {
        sendAll(context)
        guard phase != .closed else { return }
        phase = .discarding
        abortLater(RPCLoop.lastAnswersMax)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in endOutput() }
    }

    private func endOutput() {
        guard let context, phase == .discarding else { return }
        outputIsClosed = true
        if inputIsClosed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        abortLater(RPCLoop.lingerMax)
    }

    /// A client that neither reads nor goes away does not hold its connection for ever.
    private func abortLater(_ delay: TimeAmount) {
        abortion?.cancel()
        abortion = context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in self?.abort() }
    }
}
