//! The door through which TLS comes in: whoever has a TLS library hands out handlers, so that the engine needs none.

public import NIOCore

/// Secures connections to nodes. Used on their event loops.
public protocol RedisTransportSecurity: Sendable {
    /// The handler that encrypts one connection, to stand before the engine's. It tells the end of its handshake with
    /// SwiftNIO's `TLSUserEvent.handshakeCompleted`.
    /// - Parameter host: the node's name or address, which its certificate has to prove.
    func makeHandler(host: String) throws -> any ChannelHandler

    /// What is wrong, for people, if `error` is one that such a handler passed on; nil if it is not.
    func reason(of error: any Error) -> String?
}
