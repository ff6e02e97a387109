//! The code of `Client.md`, between `// snippet` and `// end`: run here, compared with the page where its other code is.

import NeedletailRPC
import NeedletailTLS
import StorageAPI
import Testing

@Suite(.needsOpenSSL) struct SecuredClientTests {
    @Test func theClientOfThePageCallsAndIsKnown() async throws {
        let certificates = try Certificates.shared()
        let security = try TLSServerSecurity(
            certificates.identity("server"), clientCertificates: .required(authorityPath: certificates.authority))
        try await SecuredServer.with(security) { server async throws in
            let files = (
                authority: certificates.authority, certificate: certificates.path("billing.pem"),
                key: certificates.path("billing.key")
            )
            let storage = try secured(.tcp(host: "127.0.0.1", port: server.port), files)
            #expect(try await storage.ping() == "pong")
            await storage.rpc.close()
        }
    }
}

private func secured(
    _ target: RPCTarget, _ files: (authority: String, certificate: String, key: String)
) throws -> StorageClient {
    // snippet
    let security = try TLSClientSecurity(
        authorityPath: files.authority,
        identity: TLSIdentity(certificatePath: files.certificate, keyPath: files.key))
    let storage = StorageClient(RPCClient(to: target, RPCClientConfiguration(security: security)))
    // end
    return storage
}
