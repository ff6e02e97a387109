//! The server in front of a Redis that speaks TLS.

internal import Foundation
internal import RedisProcesses
internal import Testing

extension CommandTests {
    @Suite("TLS to nodes", .needsOpenSSL, .enabled(if: RedisServer.isInstalled, "needs redis-server"))
    struct NodeTLS {
        /// A Redis that asks its clients for certificates.
        private func redis(_ files: TLSFiles) throws -> RedisServer {
            try RedisServer(
                [
                    "--tls-cert-file", files.path("server.pem"), "--tls-key-file", files.path("server.key"),
                    "--tls-ca-cert-file", files.path("ca.pem"),
                ], speaksTLS: true)
        }

        private func serving(_ redis: RedisServer, _ more: [String]) -> [String] {
            ["--engine-kind", "redis", "--engine-endpoints", "127.0.0.1:\(redis.tlsPort)", "--engine-tls", "true"]
                + more
        }

        @Test("values go to a node and come back, with certificates on both sides")
        func bothSidesProveThemselves() throws {
            let files = try TLSFiles()
            let redis = try redis(files)
            let server = try RunningServer(
                serving(
                    redis,
                    [
                        "--engine-tls-ca", files.path("ca.pem"), "--engine-tls-certificate",
                        files.path("billing.pem"), "--engine-tls-key", files.path("billing.key"),
                    ]))
            #expect(try server.run(["put", "k", "v"]).status == 0)
            #expect(try server.run(["get", "k"]).output == "v\n")
            #expect(try redis.command("EXISTS", "k").contains("1"))
        }

        @Test("a node that is not who it should be gets nothing, and the client is told why")
        func untrustedNode() throws {
            let files = try TLSFiles()
            let redis = try redis(files)
            let server = try RunningServer(serving(redis, ["--engine-connect-timeout", "1s"]))
            let result = try server.run(["put", "k", "v", "--timeout", "5s"])
            #expect(result.status != 0)
            #expect(result.errors.contains("TLS failed"), "\(result.errors)")
            #expect(try redis.command("EXISTS", "k").contains("0"))
        }

        @Test("a file that cannot be used: key, file, what was expected, before anything is bound")
        func badFile() throws {
            let files = try TLSFiles()
            let result = try Command.run([
                "serve", "--engine-kind", "redis", "--engine-endpoints", "127.0.0.1:1", "--engine-tls", "true",
                "--engine-tls-ca", files.path("server.key"),
            ])
            #expect(result.status == 2)
            #expect(result.errors.contains("engine.tlsCa") && result.errors.contains("PEM file"), "\(result.errors)")
        }
    }
}
