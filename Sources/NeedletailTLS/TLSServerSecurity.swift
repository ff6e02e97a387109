//! TLS for a server's connections: version 1.2 or later, by BoringSSL. Used on all event loops, each connection with the
//! certificate that was there when it began; `reload` is called on any other thread.

public import NIOCore
internal import NIOSSL
public import NeedletailRPC
internal import Synchronization
package import Timing

/// Secures a server with a certificate from files, and asks clients for theirs if it is to.
public final class TLSServerSecurity: ServerSecurity {
    /// Whose certificates clients show.
    public enum ClientCertificates: Sendable, Hashable {
        /// None are asked for.
        case none
        /// Who shows one must prove it, by an authority of this file; who does not is served without a name.
        case optional(authorityPath: String)
        /// Every client must show one that leads to an authority of this file.
        case required(authorityPath: String)

        var authorityPath: String? {
            switch self {
            case .none: nil
            case .optional(let path), .required(let path): path
            }
        }
    }

    /// What was read from the files.
    package struct Loaded: Sendable {
        fileprivate let context: NIOSSLContext
        fileprivate let certificate: TLSCertificate
    }

    public let isRequired: Bool
    private let identity: TLSIdentity
    private let clientCertificates: ClientCertificates
    private let clock: Clock
    private let loaded: Mutex<Loaded>

    /// How long a connection that we end waits for the client to end it, too.
    private static var closeMax: TimeAmount { .seconds(1) }

    /// Reads the files.
    /// - Parameter isRequired: connections that do not begin with TLS are refused.
    public convenience init(
        _ identity: TLSIdentity, clientCertificates: ClientCertificates = .none, isRequired: Bool = true
    ) throws(TLSFileError) {
        try self.init(identity, clientCertificates: clientCertificates, isRequired: isRequired, clock: .system)
    }

    /// The same, with a clock that a test may hold.
    package init(
        _ identity: TLSIdentity, clientCertificates: ClientCertificates, isRequired: Bool = true, clock: Clock
    ) throws(TLSFileError) {
        self.identity = identity
        self.clientCertificates = clientCertificates
        self.isRequired = isRequired
        self.clock = clock
        loaded = Mutex(try Self.load(identity, clientCertificates))
    }

    /// The certificate that new connections are shown.
    public var certificate: TLSCertificate { loaded.withLock { $0.certificate } }

    /// Reads the files again. Connections that are open keep what they began with.
    /// - Returns: the certificate that new connections are shown from now on.
    /// - Throws: what is wrong; all stays as it was then.
    @discardableResult
    public func reload() throws(TLSFileError) -> TLSCertificate {
        use(try fresh())
        return certificate
    }

    /// What the files hold now, for `use`: so that several ports change together, or none.
    package func fresh() throws(TLSFileError) -> Loaded { try Self.load(identity, clientCertificates) }

    /// Shows it to new connections from now on.
    package func use(_ fresh: Loaded) { loaded.withLock { $0 = fresh } }

    private static func load(
        _ identity: TLSIdentity, _ clientCertificates: ClientCertificates
    ) throws(TLSFileError) -> Loaded {
        let own = try LoadedIdentity(identity)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: own.certificates, privateKey: .privateKey(own.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = closeMax
        if let path = clientCertificates.authorityPath {
            configuration.trustRoots = .certificates(try TLSFile.certificates(path, .authority))
            // A client that has several certificates is told which of them will do.
            configuration.sendCANameList = true
        }
        switch clientCertificates {
        case .none: configuration.certificateVerification = .none
        case .optional: configuration.certificateVerification = .optionalVerification
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        return Loaded(
            context: try NIOSSLContext(configuration, identity, authorityPath: clientCertificates.authorityPath),
            certificate: TLSCertificate(own.chain[0]))
    }

    // MARK: For connections

    public func makeHandler() -> any ChannelHandler {
        NIOSSLServerHandler(context: loaded.withLock { $0.context })
    }

    public func peerNames(_ handler: any ChannelHandler) throws -> [String] {
        guard let certificate = (handler as? NIOSSLHandler)?.peerCertificate else { return [] }
        // A session that is resumed brings a certificate that nobody looked at again.
        if clock.wallNow().milliseconds / 1_000 > Int64(certificate.notValidAfter) { throw ExpiredCertificate() }
        let names = certificate.provenNames
        if names.isEmpty { throw NamelessCertificate() }
        return names
    }

    public func failure(_ error: any Error) -> SecurityFailure { SecurityFailure(error) }
}

/// A client's certificate that was valid when its session began, and no longer is.
struct ExpiredCertificate: Error, CustomStringConvertible {
    var description: String { "the client's certificate has expired" }
}

/// A client's certificate that its authority vouches for, and that says nothing.
struct NamelessCertificate: Error, CustomStringConvertible {
    var description: String {
        "the client's certificate has neither a DNS name nor a URI nor a common name that says who it is"
    }
}
