//! A server that is to speak TLS and was given none does not start: it would serve plaintext.

import Logging
import StorageServer
import Testing

@Suite struct PortSecurityTests {
    private func start(_ change: (inout ServerConfiguration) -> Void) throws(StartError) {
        var configuration = ServerConfiguration.defaults
        configuration.memory.maxMemoryBytes = 1 << 20
        configuration.log.durability = .memory
        change(&configuration)
        _ = try StorageServer.embedded(configuration, logger: Logger(label: "test"))
    }

    @Test(arguments: [TLSMode.optional, .required]) func aServerThatIsGivenNoTLSDoesNotStart(_ mode: TLSMode) throws {
        try start { _ in }
        let error = #expect(throws: StartError.self) { try start { $0.tls.mode = mode } }
        #expect(error?.description.contains("tls.mode is '\(mode.rawValue)'") == true)
    }

    @Test func anAdminPortThatIsGivenNoTLSDoesNotStart() {
        let error = #expect(throws: StartError.self) { try start { $0.admin.tls = true } }
        #expect(error?.description.contains("admin.tls") == true)
    }
}
