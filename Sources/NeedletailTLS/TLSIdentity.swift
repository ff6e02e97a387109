internal import NIOSSL

/// Who one side is: where its certificate and its private key are.
public struct TLSIdentity: Sendable, Hashable {
    /// A PEM file with the certificate, and after it those of its issuers.
    public var certificatePath: String
    /// A PEM file with the certificate's private key, not encrypted.
    public var keyPath: String

    public init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}

/// An identity that was read.
struct LoadedIdentity {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init(_ identity: TLSIdentity) throws(TLSFileError) {
        chain = try TLSFile.certificates(identity.certificatePath, .certificate)
        key = try TLSFile.privateKey(identity.keyPath)
    }

    var certificates: [NIOSSLCertificateSource] { chain.map { .certificate($0) } }
}

extension NIOSSLContext {
    /// A context of files that were read: what may still be wrong is that an identity's two parts are not one.
    convenience init(
        _ configuration: TLSConfiguration, _ identity: TLSIdentity?, authorityPath: String?
    ) throws(TLSFileError) {
        do {
            try self.init(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw TLSFileError(
                .key, identity?.keyPath ?? "",
                "it is not the key of the certificate '\(identity?.certificatePath ?? "")'")
        } catch {
            // Without a file of authorities it can only be the certificate.
            let role: TLSFileError.Role = authorityPath == nil && identity != nil ? .certificate : .authority
            throw TLSFileError(
                role, authorityPath ?? identity?.certificatePath ?? "the system's", "it cannot be used: \(error)")
        }
    }
}
