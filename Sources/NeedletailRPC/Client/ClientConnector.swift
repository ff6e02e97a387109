//! How a client gets its connections: the door to the network, which tests hold.

internal import NIOCore
internal import NIOPosix

/// Makes connections.
protocol ClientConnector: Sendable {
    /// Where they lead.
    var target: RPCTarget { get }

    /// Connects; the handler is in the channel's pipeline before anything can come.
    /// - Parameter handler: the connection's, made on the event loop.
    func connect(
        on eventLoop: any EventLoop, timeout: Duration, _ handler: @escaping @Sendable () -> ClientConnection
    ) -> EventLoopFuture<Void>
}

/// Connects to a server over TCP or a Unix socket.
struct SocketConnector: ClientConnector {
    let target: RPCTarget
    let security: (any ClientSecurity)?

    func connect(
        on eventLoop: any EventLoop, timeout: Duration, _ handler: @escaping @Sendable () -> ClientConnection
    ) -> EventLoopFuture<Void> {
        let (target, security) = (target, security)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.maxMessagesPerRead, value: 1)
            // A channel is writable exactly while everything that was given to it has left.
            .channelOption(.writeBufferWaterMark, value: .init(low: 1, high: 1))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(security.makeHandler(host: target.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
        let channel =
            switch target {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        return channel.map { _ in }
    }
}

extension RPCTarget {
    /// What the server's certificate has to prove.
    fileprivate var host: String {
        switch self {
        case .tcp(let host, _): host
        case .unixSocket: "localhost"
        }
    }
}
