//! Mutual TLS: who gets in, and as whom it may call.

import NIOCore
import NeedletailRPC
import NeedletailTLS
import NeedletailWire
import StorageAPI
import Testing
import Timing

@Suite(.needsOpenSSL) struct ClientCertificateTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.shared() }

    private func server(isOptional: Bool = false) throws -> TLSServerSecurity {
        let authority = certificates.authority
        return try TLSServerSecurity(
            certificates.identity("server"),
            clientCertificates: isOptional ? .optional(authorityPath: authority) : .required(authorityPath: authority))
    }

    private func client(_ name: String?) throws -> TLSClientSecurity {
        try TLSClientSecurity(
            authorityPath: certificates.authority, identity: name.map { certificates.identity($0) })
    }

    private func get(from service: String?) -> GetRequest {
        GetRequest(key: .text("k"), context: RequestContext(fromService: service))
    }

    @Test(arguments: allWires) func aCallMayNameOnlyWhatItsCertificateNames(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(try client("billing"), wire) { storage async throws in
                for service in ["billing", "spiffe://example.org/billing", "", nil] {
                    #expect(try await storage.get(get(from: service)).value == nil)
                }
                for service in ["ledger", "ignored", "Billing", "billing\0", "billing."] {
                    let error = await exception { _ = try await storage.get(get(from: service)) }
                    #expect(error?.code == .permissionDenied && error?.effect == .notExecuted, "'\(service)'")
                }
            }
        }
    }

    @Test func everyMethodThatSaysWhoCallsIsChecked() async throws {
        let key = ByteBuffer.text("k")
        let keys = BinaryList([key])
        let liar = RequestContext(fromService: "ledger")
        let calls: [@Sendable (StorageClient) async throws -> Void] = [
            { client in _ = try await client.get(GetRequest(key: key, context: liar)) },
            { client async throws in
                _ = try await client.put(PutRequest(key: key, value: key, context: liar))
            },
            { client in _ = try await client.remove(RemoveRequest(key: key, context: liar)) },
            { client async throws in
                _ = try await client.multiGet(MultiGetRequest(keys: keys, context: liar))
            },
            { client async throws in
                _ = try await client.multiPut(
                    MultiPutRequest(entries: [Entry(key: key, value: key)], context: liar))
            },
            { client async throws in
                _ = try await client.multiRemove(MultiRemoveRequest(keys: keys, context: liar))
            },
            { client async throws in
                _ = try await client.increment(IncrementRequest(key: key, delta: 1, context: liar))
            },
            { client in _ = try await client.touch(TouchRequest(key: key, context: liar)) },
            { client in _ = try await client.scan(ScanRequest(context: liar)) },
        ]
        #expect(calls.count == StorageMethod.allCases.count - 1, "all but ping")
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(try client("billing")) { storage async throws in
                for (index, call) in calls.enumerated() {
                    let error = await exception { try await call(storage) }
                    #expect(error?.code == .permissionDenied, "call \(index)")
                }
                #expect(try await storage.get(GetRequest(key: key)).value == nil, "nothing was executed")
            }
        }
    }

    @Test func theCommonNameCountsWhereThereAreNoOthers() async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(try client("ledger")) { storage async throws in
                #expect(try await storage.get(get(from: "ledger")).value == nil)
                let error = await exception { _ = try await storage.get(get(from: "billing")) }
                #expect(error?.code == .permissionDenied)
            }
        }
    }

    @Test(arguments: [nil, "stranger", "nameless"])
    func whoeverProvesNoNameIsNotServed(_ name: String?) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            // With TLS 1.3 the server looks at the certificate when the client has finished already: the call may be sent.
            await #expect(throws: (any Error).self) {
                try await server.withClient(try client(name)) { storage async throws in
                    _ = try await storage.put(PutRequest(key: .text("k"), value: .text("v")))
                }
            }
            #expect(server.keyCount == 0)
            // The client may have tried again after a pause.
            #expect(server.count(.connectionsTLSFailed) >= 1)
        }
    }

    /// BoringSSL's clock is the system's and finds the certificate valid, as it was when a session began.
    @Test func aCertificateThatHasExpiredSinceItsSessionBeganIsNotServed() async throws {
        let days: Int64 = 86_400_000
        for (later, isServed) in [(1 * days, true), (3 * days, false)] {
            let time = ManualTime(wall: Clock.system.wallNow().advanced(byMilliseconds: later))
            let security = try TLSServerSecurity(
                certificates.identity("server"),
                clientCertificates: .required(authorityPath: certificates.authority), clock: .manual(time))
            try await SecuredServer.with(security) { server async throws in
                let answer = try? await server.withClient(try client("billing")) { storage async throws in
                    try await storage.ping()
                }
                #expect(answer == (isServed ? "pong" : nil))
                #expect((server.count(.connectionsTLSFailed) == 0) == isServed)
            }
        }
    }

    @Test func anOptionalCertificateCountsIfItIsShown() async throws {
        try await SecuredServer.with(try server(isOptional: true)) { server async throws in
            try await server.withClient(try client(nil)) { storage async throws in
                #expect(try await storage.get(get(from: "whoever")).value == nil)
            }
            try await server.withClient(try client("billing")) { storage async throws in
                let error = await exception { _ = try await storage.get(get(from: "ledger")) }
                #expect(error?.code == .permissionDenied)
            }
            await #expect(throws: (any Error).self) {
                try await server.withClient(try client("stranger")) { storage async throws in
                    _ = try await storage.ping()
                }
            }
        }
    }

    @Test func aServerThatAsksForNoneTakesNoNames() async throws {
        let security = try TLSServerSecurity(certificates.identity("server"))
        try await SecuredServer.with(security) { server async throws in
            try await server.withClient(try client("billing")) { storage async throws in
                #expect(try await storage.get(get(from: "ledger")).value == nil)
            }
        }
    }
}
