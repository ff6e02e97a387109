//! Certificates, and OpenSSL's own client: what both sides of TLS look like to somebody else.

internal import Foundation
internal import Testing

/// Certificates in a directory of one test.
final class TLSFiles: Sendable {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let script = Surroundings.root.appending(path: "Tests/Certificates/make.sh")
        let result = try Command.run(
            script, [directory.url.path], environment: Surroundings.environment(), secondsMax: 30)
        guard result.status == 0 else { throw TestFailure("no certificates: \(result.errors)") }
    }

    func path(_ name: String) -> String { directory.path(name) }

    /// Has the files of `name` hold the certificate `other` from now on.
    func replace(_ name: String, by other: String) throws {
        for ending in ["pem", "key"] {
            try Data(contentsOf: URL(filePath: path("\(other).\(ending)")))
                .write(to: URL(filePath: path("\(name).\(ending)")), options: .atomic)
        }
    }

    /// Flags of `serve` for a port that speaks TLS.
    func serving(_ name: String = "server", mode: String = "required", asksClients: Bool = false) -> [String] {
        ["--tls-mode", mode, "--tls-certificate", path("\(name).pem"), "--tls-key", path("\(name).key")]
            + (asksClients ? ["--tls-ca", path("ca.pem")] : [])
    }

    /// Flags of the client commands.
    func calling(as name: String? = nil) -> [String] {
        let identity = name.map { ["--tls-certificate", path("\($0).pem"), "--tls-key", path("\($0).key")] }
        return ["--tls", "--tls-ca", path("ca.pem")] + (identity ?? [])
    }

    /// Sends `bytes` through `openssl s_client` and returns what comes back until the server ends the connection.
    func openSSLClient(port: Int, as name: String? = nil, sending bytes: [UInt8], _ more: [String] = []) throws
        -> CommandResult
    {
        let identity = name.map { ["-cert", path("\($0).pem"), "-key", path("\($0).key")] } ?? []
        return try Command.run(
            Self.openSSL,
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", path("ca.pem"), "-verify_return_error"]
                + ["-verify_ip", "127.0.0.1", "-quiet"] + identity + more,
            input: bytes, environment: Surroundings.environment(), secondsMax: 30)
    }

    static let openSSL = Surroundings.program("openssl")
}

extension Trait where Self == ConditionTrait {
    /// Tests with certificates; without OpenSSL there are none.
    static var needsOpenSSL: Self {
        .enabled(if: FileManager.default.isExecutableFile(atPath: TLSFiles.openSSL.path), "needs the command openssl")
    }
}
