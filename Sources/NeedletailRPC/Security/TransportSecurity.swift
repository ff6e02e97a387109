//! The door through which TLS comes in: whoever has a TLS library hands handlers to connections that know none.

public import NIOCore

/// Secures the connections of a server. Used on their event loops; what it hands out may change while it is used.
public protocol ServerSecurity: Sendable {
    /// Connections that do not begin with TLS are refused.
    var isRequired: Bool { get }

    /// The handler that decrypts one connection, to stand before ours.
    /// - Throws: whatever makes it impossible; the connection is closed then.
    func makeHandler() throws -> any ChannelHandler

    /// The names that the client's certificate proves, once the handshake is over; empty without a certificate.
    /// - Parameter handler: the connection's, as `makeHandler` made it.
    func peerNames(_ handler: any ChannelHandler) -> [String]
}

/// Secures the connections of a client.
public protocol ClientSecurity: Sendable {
    /// The handler that encrypts one connection, to stand before ours.
    /// - Parameter host: the server's, which its certificate has to prove.
    func makeHandler(host: String) throws -> any ChannelHandler
}
