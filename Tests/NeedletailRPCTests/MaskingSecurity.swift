//! A security without cryptography, so that a connection's part in it can be tested without a TLS library: a greeting of
//! eight bytes that begins as TLS does, an answer to it, and from then on every byte is masked.

import NIOCore
import NIOTLS

@testable import NeedletailRPC

struct MaskingSecurity: ServerSecurity {
    /// The client's first bytes; the last of them tells what the handshake comes to.
    static func greeting(_ end: UInt8 = 1) -> ByteBuffer { ByteBuffer(bytes: [0x16, 0x03, 0, 0, 0, 0, 0, end]) }
    static let welcome = ByteBuffer(string: "welcome")
    /// As the last byte of a greeting: the handshake fails.
    static let refused: UInt8 = 2

    struct Failed: Error {}
    struct EndedUnannounced: Error {}
    struct Nameless: Error {}

    var isRequired = true
    /// Nil: the client's certificate names nobody.
    var names: [String]? = []

    static func masked(_ bytes: ByteBuffer) -> ByteBuffer {
        ByteBuffer(bytes: bytes.readableBytesView.map { $0 ^ 0x5a })
    }

    func makeHandler() -> any ChannelHandler { MaskingHandler() }

    func peerNames(_ handler: any ChannelHandler) throws -> [String] {
        guard handler is MaskingHandler, let names else { throw Nameless() }
        return names
    }

    func failure(_ error: any Error) -> SecurityFailure {
        switch error {
        case is Failed: .handshake("as the test wants it")
        case is EndedUnannounced: .unannouncedEnd
        default: .unrelated
        }
    }
}

private final class MaskingHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var greeting: ByteBuffer? = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if var greeting {
            greeting.writeBuffer(&bytes)
            self.greeting = greeting
            guard let whole = greeting.readSlice(length: MaskingSecurity.greeting().readableBytes) else { return }
            if whole == MaskingSecurity.greeting(MaskingSecurity.refused) {
                context.fireErrorCaught(MaskingSecurity.Failed())
                return context.close(promise: nil)
            }
            self.greeting = nil
            context.writeAndFlush(wrapOutboundOut(MaskingSecurity.welcome), promise: nil)
            context.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
            bytes = greeting
        }
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(MaskingSecurity.masked(bytes))) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(MaskingSecurity.masked(unwrapOutboundIn(data))), promise: promise)
    }

    /// As TLS does, it would wait for the client before it closes; ours never agrees.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { context.close(mode: mode, promise: promise) }
    }
}
