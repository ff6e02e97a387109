//! TLS for a client's connections: version 1.2 or later, by BoringSSL.

public import NIOCore
package import NIOSSL
public import NeedletailRPC

/// Secures a client, which checks the server's certificate and shows its own if it has one.
public struct TLSClientSecurity: ClientSecurity {
    /// What a server's certificate must prove.
    public enum Verification: Sendable, Hashable {
        /// That it leads to an authority that is trusted, and that it is the certificate of the host that was asked for.
        case full
        /// Only the first: whoever has a certificate of such an authority may answer for any host.
        case anyHost
        /// Nothing. Who stands between the two sides can read and change everything.
        case none
    }

    private let context: NIOSSLContext
    private let serverName: String?

    /// Reads the files.
    /// - Parameters:
    ///   - authorityPath: a PEM file with the certificates of authorities; nil for those that the system trusts.
    ///   - identity: what the client shows when it is asked who it is.
    ///   - serverName: what the server's certificate has to prove, in place of the host that is connected to: a DNS name.
    public init(
        authorityPath: String? = nil, identity: TLSIdentity? = nil, serverName: String? = nil,
        verification: Verification = .full
    ) throws(TLSFileError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorityPath {
            configuration.trustRoots = .certificates(try TLSFile.certificates(authorityPath, .authority))
        }
        if let identity {
            let own = try LoadedIdentity(identity)
            configuration.certificateChain = own.certificates
            configuration.privateKey = .privateKey(own.key)
        }
        switch verification {
        case .full: configuration.certificateVerification = .fullVerification
        case .anyHost: configuration.certificateVerification = .noHostnameVerification
        case .none: configuration.certificateVerification = .none
        }
        context = try NIOSSLContext(configuration, identity, authorityPath: authorityPath)
        self.serverName = serverName
    }

    /// The same for an HTTP client.
    package var configuration: TLSConfiguration { context.configuration }

    /// - Throws: a server name or host that no certificate can prove.
    public func makeHandler(host: String) throws -> any ChannelHandler {
        // An address is not told to the server, but compared with those in its certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: serverName ?? (isAddress ? nil : host))
    }

    public func failure(_ error: any Error) -> SecurityFailure { SecurityFailure(error) }
}
