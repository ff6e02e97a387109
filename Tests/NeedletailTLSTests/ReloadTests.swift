//! Files that are wrong, and files that change.

import NIOCore
import NeedletailRPC
import NeedletailTLS
import StorageAPI
import Testing

@Suite(.needsOpenSSL) struct ReloadTests {
    private let certificates: Certificates
    private let client: TLSClientSecurity

    init() throws {
        certificates = try Certificates.shared()
        client = try TLSClientSecurity(authorityPath: certificates.authority)
    }

    @Test func aCertificateSaysWhomItNamesAndHowLong() throws {
        let certificate = try TLSServerSecurity(certificates.identity("billing")).certificate
        #expect(certificate.names == ["billing", "spiffe://example.org/billing"])
        #expect(certificate.serialNumber.count == 40)
        #expect(certificate.expiryText.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    }

    @Test func newConnectionsGetWhatWasReadAgainAndOldOnesLiveOn() async throws {
        try certificates.replace("renewing", by: "server")
        let security = try TLSServerSecurity(certificates.identity("renewing"))
        let first = security.certificate
        try await SecuredServer.with(security) { server async throws in
            try await server.withClient(client) { old async throws in
                try certificates.replace("renewing", by: "elsewhere")
                #expect(try security.reload().names == ["elsewhere.example"])
                #expect(security.certificate != first)
                await #expect(throws: RPCClientError.self, "the new certificate proves another host") {
                    try await server.withClient(client) { _ in }
                }
                let named = try TLSClientSecurity(
                    authorityPath: certificates.authority, serverName: "elsewhere.example")
                try await server.withClient(named) { storage async throws in #expect(try await storage.ping() == "pong")
                }
                #expect(try await old.ping() == "pong")
            }
        }
    }

    @Test func aReloadThatFailsChangesNothing() async throws {
        try certificates.replace("spoilt", by: "server")
        let security = try TLSServerSecurity(certificates.identity("spoilt"))
        let first = security.certificate
        try certificates.write("no certificate", to: "spoilt.pem")
        #expect(throws: TLSFileError.self) { try security.reload() }
        #expect(security.certificate == first)
        try await SecuredServer.with(security) { server async throws in
            try await server.withClient(client) { storage async throws in #expect(try await storage.ping() == "pong") }
        }
    }

    @Test(arguments: [
        ("gone.pem", "server.key", TLSFileError.Role.certificate, "No such file"),
        ("server.key", "server.key", .certificate, "no certificate"),
        ("server.pem", "gone.key", .key, "No such file"),
        ("server.pem", "server.pem", .key, "no private key"),
        ("server.pem", "encrypted.key", .key, "no private key"),
        ("server.pem", "billing.key", .key, "not the key of the certificate"),
        ("unusable.pem", "server.key", .certificate, "cannot be used"),
    ])
    func aFileThatCannotBeUsedIsNamed(
        _ certificate: String, _ key: String, _ role: TLSFileError.Role, _ reason: String
    ) throws {
        let identity = TLSIdentity(
            certificatePath: certificates.path(certificate), keyPath: certificates.path(key))
        for error in [
            fileError { _ = try TLSServerSecurity(identity) },
            fileError { _ = try TLSClientSecurity(identity: identity) },
        ] {
            #expect(error?.role == role)
            #expect(error?.path == certificates.path(role == .key ? key : certificate))
            #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "no error")")
            #expect(error?.description.contains("expected a PEM file") == true)
        }
    }

    @Test(arguments: ["gone.pem", "server.key", "."]) func anAuthorityThatCannotBeReadIsNamed(_ name: String) throws {
        let path = certificates.path(name)
        let client = fileError { _ = try TLSClientSecurity(authorityPath: path) }
        let server = fileError {
            _ = try TLSServerSecurity(
                certificates.identity("server"), clientCertificates: .required(authorityPath: path))
        }
        for error in [client, server] { #expect(error?.role == .authority && error?.path == path) }
    }

    /// What is wrong with a file; nil if nothing is.
    private func fileError(_ load: () throws -> Void) -> TLSFileError? {
        do {
            try load()
            return nil
        } catch {
            return error as? TLSFileError
        }
    }
}
