//! A network that breaks: passes bytes between a client and a server, and cuts each connection after a random number of
//! them, which is mostly in the middle of a message.

import NIOCore
import NIOPosix

/// Listens on a port of its own. Every connection is passed on until as many bytes went through, in both directions
/// together, as `bytesMax` says at most; then both ends are closed.
final class FaultyProxy: Sendable {
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }

    private init(_ listener: any Channel) { self.listener = listener }

    static func start(to port: Int, bytesMax: Int, on group: any EventLoopGroup) async throws -> FaultyProxy {
        let bootstrap = ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop).channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: port)
                    .flatMap { server in
                        client.eventLoop.makeCompletedFuture {
                            let budget = Budget(Int.random(in: 1...bytesMax))
                            try client.pipeline.syncOperations.addHandler(Passing(to: server, budget))
                            try server.pipeline.syncOperations.addHandler(Passing(to: client, budget))
                            try client.syncOptions?.setOption(.autoRead, value: true)
                            try server.syncOptions?.setOption(.autoRead, value: true)
                        }
                    }
            }
        return FaultyProxy(try await bootstrap.bind(host: "127.0.0.1", port: 0).get())
    }

    func stop() async throws { try await listener.close() }
}

/// What a connection may still pass. Used on its event loop.
private final class Budget {
    var bytesLeft: Int

    init(_ bytes: Int) { bytesLeft = bytes }
}

/// Passes what one end sends to the other.
private final class Passing: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let budget: Budget

    init(to other: any Channel, _ budget: Budget) {
        self.other = other
        self.budget = budget
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        let count = min(bytes.readableBytes, budget.bytesLeft)
        budget.bytesLeft -= count
        if let part = bytes.readSlice(length: count) { other.writeAndFlush(part, promise: nil) }
        guard budget.bytesLeft == 0 else { return }
        other.close(promise: nil)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
