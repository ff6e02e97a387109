//! Calls over TLS: every protocol, large values, many at once, plaintext beside it.

import NIOCore
import NeedletailRPC
import NeedletailTLS
import NeedletailWire
import StorageAPI
import Testing

@Suite(.needsOpenSSL) struct ServingTests {
    private let certificates: Certificates
    private let client: TLSClientSecurity

    init() throws {
        certificates = try Certificates.shared()
        client = try TLSClientSecurity(authorityPath: certificates.authority)
    }

    private func server(isRequired: Bool = true) throws -> TLSServerSecurity {
        try TLSServerSecurity(certificates.identity("server"), isRequired: isRequired)
    }

    @Test(arguments: allWires) func everyProtocolIsServedOverTLS(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(client, wire) { storage async throws in
                #expect(try await storage.ping() == "pong")
                #expect(try await storage.put(PutRequest(key: .text("k"), value: .text("v"))).applied)
                #expect(try await storage.get(GetRequest(key: .text("k"))).value == .text("v"))
            }
            #expect(server.count(.connectionsTLSFailed) == 0)
        }
    }

    @Test(arguments: [RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact, .framed)])
    func valuesOfManyRecordsComeWhole(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(client, wire) { storage async throws in
                for size in [16_383, 16_384, 16_385, 65_537, 1 << 20, 16 << 20] {
                    let value = pattern(size)
                    #expect(try await storage.put(PutRequest(key: .text("k"), value: value)).applied)
                    let answer = try await storage.get(GetRequest(key: .text("k"))).value
                    #expect(answer == value, "\(size) bytes")
                }
            }
        }
    }

    /// Numbered blocks of 4 KiB.
    private func pattern(_ count: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count + 4_096)
        for block in 0..<(count + 4_095) / 4_096 {
            buffer.writeInteger(UInt32(block))
            buffer.writeRepeatingByte(UInt8(truncatingIfNeeded: block), count: 4_092)
        }
        return buffer.getSlice(at: 0, length: count) ?? buffer
    }

    @Test(arguments: allWires) func callsInFlightAreAllAnswered(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(client, wire) { storage async throws in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask { () async throws in
                            let key = ByteBuffer.text("k\(number)")
                            let value = ByteBuffer(repeating: UInt8(number % 251), count: number * 40)
                            #expect(try await storage.put(PutRequest(key: key, value: value)).applied)
                            #expect(try await storage.get(GetRequest(key: key)).value == value)
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test(arguments: allWires) func plaintextIsRefusedWhereTLSIsRequired(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server()) { server async throws in
            try await server.withClient(nil, wire) { storage async throws in
                do throws(CallFailure<StorageError>) {
                    _ = try await storage.get(GetRequest(key: .text("k")))
                    Issue.record("it was served")
                } catch {
                    switch error {
                    case .exception(let error):
                        #expect(error.code == .unauthenticated && error.effect == .notExecuted)
                    case .call(let error): #expect("\(error)".contains("TLS is required"))
                    }
                }
            }
            #expect(server.count(.connectionsPlaintext) == 1)
        }
    }

    @Test(arguments: allWires) func bothAreServedWhereTLSIsOptional(_ wire: RPCWire) async throws {
        try await SecuredServer.with(try server(isRequired: false)) { server async throws in
            for security in [nil, client] {
                try await server.withClient(security, wire) { storage async throws in
                    #expect(try await storage.ping() == "pong")
                }
            }
        }
    }

    @Test func whereThereIsNoTLSAClientIsToldSo() async throws {
        try await SecuredServer.with(nil) { server async throws in
            await #expect(throws: RPCClientError.self) { try await server.withClient(client) { _ in } }
            #expect(server.count(.connectionsForeign) == 1)
        }
    }

    @Test func theServersCertificateMustProveItsHost() async throws {
        let elsewhere = try TLSServerSecurity(certificates.identity("elsewhere"))
        try await SecuredServer.with(elsewhere) { server async throws in
            for host in ["127.0.0.1", "localhost"] {
                await #expect(throws: RPCClientError.self, "\(host)") {
                    try await server.withClient(client, host: host) { _ in }
                }
            }
            let named = try TLSClientSecurity(authorityPath: certificates.authority, serverName: "elsewhere.example")
            let anyHost = try TLSClientSecurity(authorityPath: certificates.authority, verification: .anyHost)
            let blind = try TLSClientSecurity(verification: .none)
            for security in [named, anyHost, blind] {
                try await server.withClient(security) { storage async throws in
                    #expect(try await storage.ping() == "pong")
                }
            }
        }
    }

    @Test(arguments: ["other-ca.pem", nil]) func theServersCertificateMustLeadToATrustedAuthority(
        _ authority: String?
    ) async throws {
        let stranger = try TLSClientSecurity(authorityPath: authority.map(certificates.path))
        try await SecuredServer.with(try server()) { server async throws in
            do {
                try await server.withClient(stranger) { _ in }
                Issue.record("it connected")
            } catch let error as RPCClientError {
                #expect("\(error)".contains("certificate verify failed"))
            }
        }
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        let expired = try TLSServerSecurity(certificates.identity("expired"))
        try await SecuredServer.with(expired) { server async throws in
            await #expect(throws: RPCClientError.self) { try await server.withClient(client) { _ in } }
        }
    }
}
