//! The door through which TLS comes in: whoever has a TLS library hands handlers to connections that know none. The
//! handlers tell the end of their handshake with SwiftNIO's `TLSUserEvent.handshakeCompleted`, and close their channel
//! themselves after an error that leaves nothing to secure.

public import NIOCore

/// What an error means that a securing handler passed on.
public enum SecurityFailure: Sendable, Hashable {
    /// The two sides did not agree, so that nothing was called; why, for a log line.
    case handshake(String)
    /// What came is not what was agreed; why, for a log line.
    case broken(String)
    /// The peer ended its side without saying so in TLS. Calls and answers tell their own ends, so that none is cut short
    /// unnoticed: it is taken as an end.
    case unannouncedEnd
    /// It has nothing to do with TLS.
    case unrelated
}

/// Secures the connections of a server. Used on their event loops; what it hands out may change while it is used.
public protocol ServerSecurity: Sendable {
    /// Connections over TCP that do not begin with TLS are refused.
    var isRequired: Bool { get }

    /// The handler that decrypts one connection, to stand before ours.
    /// - Throws: whatever makes it impossible; the connection is closed then.
    func makeHandler() throws -> any ChannelHandler

    /// The names that the client's certificate proves, once the handshake is over; empty without a certificate.
    /// - Parameter handler: the connection's, as `makeHandler` made it.
    /// - Throws: a certificate that proves no name, which would be nobody's, or that has expired; the connection is closed
    ///   then.
    func peerNames(_ handler: any ChannelHandler) throws -> [String]

    /// What an error means that a handler of `makeHandler` passed on.
    func failure(_ error: any Error) -> SecurityFailure
}

/// Secures the connections of a client.
public protocol ClientSecurity: Sendable {
    /// The handler that encrypts one connection, to stand before ours.
    /// - Parameter host: the server's name or address, which its certificate has to prove; over a Unix socket `localhost`.
    func makeHandler(host: String) throws -> any ChannelHandler

    /// What an error means that a handler of `makeHandler` passed on.
    func failure(_ error: any Error) -> SecurityFailure
}
