//! TLS on a connection. Where the server has a security, a connection whose first bytes are TLS gets the handler that
//! decrypts it in front of its own, and those bytes once more, through that handler; what comes out is detected like the
//! first bytes of any connection. Where TLS is required, plaintext calls are refused in their own protocol.
//!
//! Always true: a connection that has begun with TLS never writes to its socket itself, and serves no call before the
//! handshake is over and the client's names are known. A Unix socket takes plaintext in any case: who may open its file is
//! decided by the file's permissions, and nobody else can listen in.

internal import Logging
internal import NIOCore
internal import NIOTLS

extension RPCConnection {
    /// How far the connection is secured; with where the securing handler stands.
    enum Privacy {
        case plaintext
        case handshaking(ChannelHandlerContext)
        case secured(ChannelHandlerContext)
    }

    /// What a TLS handler keeps for a handshake: two records of 16 KiB. So many bytes a client holds that does not finish
    /// it, which bounds how many there are, and for how long.
    static var handshakeBytes: Int { 32 << 10 }

    var isHandshaking: Bool {
        if case .handshaking = privacy { true } else { false }
    }

    /// Where the securing handler stands, if there is one.
    var securing: ChannelHandlerContext? {
        switch privacy {
        case .plaintext: nil
        case .handshaking(let securing), .secured(let securing): securing
        }
    }

    /// Whether first bytes that are TLS begin it here. TLS within TLS is not served.
    var canBeSecured: Bool { loop.security != nil && securing == nil }

    /// Whether calls may come as they are.
    private var takesPlaintext: Bool { isLocal || securing != nil || loop.security?.isRequired != true }

    /// Puts the securing handler in front, and has `bytes`, the first of the connection, arrive there.
    func beginSecurity(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        let greeting = bytes
        bytes.moveReaderIndex(to: bytes.writerIndex)
        let pipeline = context.pipeline.syncOperations
        do {
            guard let handler = try loop.security?.makeHandler() else { return }
            try pipeline.addHandler(handler, position: .before(self))
            privacy = .handshaking(try pipeline.context(handler: handler))
        } catch {
            return refuse("TLS is not available: \(error)")
        }
        writeThroughHandlers()
        pipeline.fireChannelRead(NIOAny(greeting))
        pipeline.fireChannelReadComplete()
    }

    /// The most that is encrypted for one flush: three records, which fit 64 KiB with what is around them. NIOSSL keeps a
    /// buffer as large as the most that it ever encrypted for one flush, as long as the connection lives, and the setting
    /// that is to bound it has no effect (2.37.6): 8.8 MiB for each connection that was sent a value of 8 MiB once.
    private static var encryptedBytesMax: Int { 48 << 10 }

    /// Hands `bytes` to the channel's handlers, and flushes as often as TLS needs it.
    /// - Parameter unflushedBytes: of what was handed over before.
    func write(_ bytes: ByteBuffer, unflushedBytes: inout Int, _ context: ChannelHandlerContext) {
        guard securing != nil else { return context.write(wrapOutboundOut(bytes), promise: nil) }
        var rest = bytes
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.encryptedBytesMax - unflushedBytes)),
            piece.readableBytes > 0
        {
            context.write(wrapOutboundOut(piece), promise: nil)
            unflushedBytes += piece.readableBytes
            if unflushedBytes == Self.encryptedBytesMax {
                context.flush()
                unflushedBytes = 0
            }
        }
    }

    /// Told by the securing handler that the handshake is over.
    func securityEstablished() {
        guard case .handshaking(let securing) = privacy, let security = loop.security else { return }
        privacy = .secured(securing)
        do {
            let names = try security.peerNames(securing.handler)
            if !names.isEmpty { origin = CallOrigin(peerNames: names) }
        } catch {
            refuse("\(error)")
        }
        noteProgress()
    }

    /// Whether an error leaves the connection as it is.
    func isHarmless(_ error: any Error) -> Bool {
        guard securing != nil, let security = loop.security else { return false }
        switch security.failure(error) {
        case .handshake(let reason), .broken(let reason):
            // What goes wrong while it closes is nothing new.
            if phase == .serving || phase == .finishing { refuse(reason) }
            return false
        case .unannouncedEnd: return true
        case .unrelated: return false
        }
    }

    /// Closes a connection on which TLS does not come about.
    private func refuse(_ reason: String) {
        metrics.add(to: .connectionsTLSFailed)
        loop.complaints.warning("closed a connection: TLS failed: \(reason)", metadata: logMetadata)
        // Calls that have been decrypted already are not to be served in the meantime.
        phase = .discarding
        abort()
    }

    /// The most bytes of a plaintext connection in which the head of its first call is looked for, where plaintext is
    /// refused: several times what a head with the longest name takes. Headers have limits of their own.
    private static var insecureHeadBytesMax: Int { 2 << 10 }

    /// Lets a plaintext connection be served, where it may; else answers its first call, as soon as its head has come, that
    /// it may not, and closes. A head that does not end is not waited for.
    /// - Returns: false if it is not served, or not yet.
    func admitPlaintext(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        if takesPlaintext { return true }
        let outcome: MessageOutcome
        var isHeaded = false
        switch framing {
        case .undecided: return false
        case .framed(let format):
            guard let head = bytes.getSlice(at: bytes.readerIndex + 4, length: bytes.readableBytes - 4) else {
                return false
            }
            outcome = answer(head, format, isFramed: true, .insecure)
        case .unframed(let format):
            outcome = answer(bytes, format, isFramed: false, .insecure)
        case .headed(let kind):
            outcome = refuseInsecure(bytes, kind)
            isHeaded = true
        }
        if case .truncated = outcome, isHeaded || bytes.readableBytes <= Self.insecureHeadBytesMax {
            // Detected anew with the next bytes, and so led here again.
            framing = .undecided
            return false
        }
        metrics.add(to: .connectionsPlaintext)
        loop.complaints.warning(
            "refused a connection that did not begin with TLS, which is required", metadata: logMetadata)
        closeLingering(context)
        return false
    }
}
