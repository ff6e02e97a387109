//! TLS to the nodes of a distributed engine: made from the configuration before anything is bound. Its files are read once.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailTLS
internal import RedisEngine
internal import StorageServer

/// Secures connections to nodes.
struct NodeSecurity: RedisTransportSecurity {
    private let tls: TLSClientSecurity

    /// Reads the files that the configuration names.
    /// - Returns: nil if nodes speak plaintext.
    /// - Throws: `ExitCode` after printing which key's file cannot be used.
    static func load(_ loaded: LoadedConfiguration) throws -> NodeSecurity? {
        guard let settings = loaded.server.engine.tls else { return nil }
        var identity: TLSIdentity?
        if let certificate = settings.certificatePath, let key = settings.keyPath {
            identity = TLSIdentity(certificatePath: certificate, keyPath: key)
        }
        do throws(TLSFileError) {
            return NodeSecurity(
                tls: try TLSClientSecurity(
                    authorityPath: settings.authorityPath, identity: identity,
                    verification: .init(settings.verification)))
        } catch {
            let key =
                switch error.role {
                case .certificate: "engine.tlsCertificate"
                case .key: "engine.tlsKey"
                case .authority: "engine.tlsCa"
                }
            throw ExitStatus.usage(
                "\(loaded.resolved.described(key)): \(error.reason); expected \(error.role.expectation)")
        }
    }

    func makeHandler(host: String) throws -> any ChannelHandler { try tls.makeHandler(host: host) }

    func reason(of error: any Error) -> String? {
        switch tls.failure(error) {
        case .handshake(let reason), .broken(let reason): return reason
        case .unannouncedEnd, .unrelated: return nil
        }
    }
}

extension TLSClientSecurity.Verification {
    fileprivate init(_ verification: NodeVerification) {
        self =
            switch verification {
            case .full: .full
            case .anyHost: .anyHost
            case .none: .none
            }
    }
}
