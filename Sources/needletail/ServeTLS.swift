//! TLS of `serve`: made from the configuration before anything is bound, and made anew on SIGHUP.

internal import Foundation
internal import Logging
internal import NeedletailTLS
internal import ServiceLifecycle
internal import StorageServer
internal import UnixSignals

/// The server's certificates, for whichever port asks for them.
struct ServerCertificates: Sendable {
    private let rpc: TLSServerSecurity?
    private let admin: TLSServerSecurity?

    /// Reads the files that the configuration names.
    /// - Throws: `ExitCode` after printing which key's file cannot be used.
    init(_ loaded: LoadedConfiguration) throws {
        let tls = loaded.server.tls
        guard let certificate = tls.certificatePath, let key = tls.keyPath else {
            (rpc, admin) = (nil, nil)
            return
        }
        let identity = TLSIdentity(certificatePath: certificate, keyPath: key)
        do throws(TLSFileError) {
            rpc =
                tls.mode == .off
                ? nil
                : try TLSServerSecurity(
                    identity, clientCertificates: .init(tls), isRequired: tls.mode == .required)
            admin = loaded.server.admin.tls ? try TLSServerSecurity(identity) : nil
        } catch {
            throw ExitStatus.usage(
                "\(loaded.resolved.described(error.role.configurationKey)): \(error.reason); expected \(error.role.expectation)"
            )
        }
    }

    /// What the server is given.
    var ports: PortSecurity { PortSecurity(rpc: rpc, admin: admin) }

    /// Whether any port speaks TLS.
    var areUsed: Bool { rpc != nil || admin != nil }

    /// Says which certificate is shown to new connections.
    func announce(_ message: Logger.Message, _ logger: Logger) {
        guard let certificate = (rpc ?? admin)?.certificate else { return }
        let metadata: Logger.Metadata = [
            "names": .array(certificate.names.map { .string($0) }), "serialNumber": .string(certificate.serialNumber),
            "expires": .string(certificate.expiryText),
        ]
        logger.info(message, metadata: metadata)
        if Double(certificate.expiry) < Date().timeIntervalSince1970 {
            logger.warning("the server's certificate has expired", metadata: metadata)
        }
    }

    /// Reads all files again; what cannot be read leaves what there was.
    func reload(_ logger: Logger) {
        do throws(TLSFileError) {
            // Both are read before either changes.
            let (freshRPC, freshAdmin) = (try rpc?.fresh(), try admin?.fresh())
            if let freshRPC { rpc?.use(freshRPC) }
            if let freshAdmin { admin?.use(freshAdmin) }
            announce("certificates were read again: new connections get them", logger)
        } catch {
            logger.error(
                "certificates were not read again, and stay as they were: \(error.role.configurationKey): \(error)")
        }
    }
}

/// Reads the certificates again on each SIGHUP.
struct CertificateReload: Service {
    let certificates: ServerCertificates
    let hangups: UnixSignalsSequence
    let logger: Logger

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() { certificates.reload(logger) }
    }
}

extension TLSServerSecurity.ClientCertificates {
    fileprivate init(_ tls: ServerConfiguration.TLS) {
        guard let authority = tls.authorityPath else {
            self = .none
            return
        }
        self =
            switch tls.clientCertificates {
            case .optional: .optional(authorityPath: authority)
            case .required: .required(authorityPath: authority)
            }
    }
}

extension TLSFileError.Role {
    /// The key that names such a file.
    fileprivate var configurationKey: String {
        switch self {
        case .certificate: "tls.certificate"
        case .key: "tls.key"
        case .authority: "tls.ca"
        }
    }
}
