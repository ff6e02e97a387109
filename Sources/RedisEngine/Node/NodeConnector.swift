//! How the engine gets its connections: the door to the network, which tests hold.

internal import NIOCore
internal import NIOPosix

protocol NodeConnector: Sendable {
    /// Connects; the handler is in the channel's pipeline before anything can come.
    /// - Parameter handler: the connection's, made on the event loop.
    func connect(
        to endpoint: RedisEndpoint, on eventLoop: any EventLoop, timeout: Duration,
        _ handler: @escaping @Sendable () -> NodeConnection
    ) -> EventLoopFuture<Void>
}

struct SocketNodeConnector: NodeConnector {
    let security: (any RedisTransportSecurity)?

    func connect(
        to endpoint: RedisEndpoint, on eventLoop: any EventLoop, timeout: Duration,
        _ handler: @escaping @Sendable () -> NodeConnection
    ) -> EventLoopFuture<Void> {
        let security = security
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A channel is writable exactly while everything that was given to it has left.
            .channelOption(.writeBufferWaterMark, value: .init(low: 1, high: 1))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(security.makeHandler(host: endpoint.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
            .connect(host: endpoint.host, port: endpoint.port).map { _ in }
    }
}
