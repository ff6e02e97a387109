//! TLS from outside: OpenSSL's client, the client commands, the admin port, files that are wrong. (Python's library is
//! asked in Tests/Python/suite/test_tls.py: reload, shutdown, resumption, stalls.)

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite(.needsOpenSSL) struct TLS {
        private let files: TLSFiles

        init() throws { files = try TLSFiles() }

        /// A ping, and a byte that is no MessagePack: the server answers the one and closes at the other.
        private static let ping: [UInt8] = [0x94, 0x00, 0x01, 0xA4] + Array("ping".utf8) + [0x90, 0xC1]
        private static let pong: [UInt8] = [0x94, 0x01, 0x01, 0xC0, 0xA4] + Array("pong".utf8)

        @Test("openssl s_client calls with a client certificate", arguments: ["-tls1_2", "-tls1_3"])
        func openSSLWithCertificate(version: String) throws {
            try RunningServer.with(files.serving(asksClients: true)) { server throws in
                let result = try files.openSSLClient(
                    port: server.port, as: "billing", sending: Self.ping, [version])
                #expect(result.outputBytes == Self.pong, "\(result.errors)")
                #expect(result.errors.contains("CN = server"))
            }
        }

        @Test("openssl s_client without a certificate, or with a stranger's, is refused", arguments: [nil, "stranger"])
        func openSSLWithoutCertificate(name: String?) throws {
            let server = try RunningServer(files.serving(asksClients: true))
            let result = try files.openSSLClient(port: server.port, as: name, sending: Self.ping)
            #expect(result.outputBytes.isEmpty)
            try server.waitForLog("TLS failed")
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }

        @Test("TLS before 1.2 is refused")
        func oldVersion() throws {
            try RunningServer.with(files.serving()) { server throws in
                let result = try files.openSSLClient(
                    port: server.port, sending: Self.ping, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
                #expect(result.outputBytes.isEmpty && result.status != 0)
            }
        }

        @Test("the client commands speak TLS in each protocol", arguments: ["msgpack", "thrift", "thrift-compact"])
        func clientCommands(wire: String) throws {
            try RunningServer.with(files.serving(asksClients: true)) { server throws in
                let tls = ["--protocol", wire] + files.calling(as: "billing")
                #expect(try server.run(["put", "key", "value"] + tls).status == 0)
                #expect(try server.run(["get", "key"] + tls).output == "value\n")
            }
        }

        @Test("a client command says what TLS failed of")
        func clientErrors() throws {
            try RunningServer.with(files.serving("elsewhere", asksClients: true)) { server throws in
                let cases = [
                    ([], "TLS is required"),
                    (["--tls"], "certificate verify failed"),
                    (files.calling(as: "billing"), "TLS failed"),
                ]
                for (options, reason) in cases {
                    let result = try server.run(["ping"] + options)
                    #expect(result.status == 3)
                    #expect(result.errorLines.count == 1 && result.errors.contains(reason), "\(result.errors)")
                }
                let named = files.calling(as: "billing") + ["--tls-server-name", "elsewhere.example"]
                #expect(try server.run(["ping"] + named).status == 0)
            }
        }

        @Test("TLS options that do not go together, or files that are not there, are wrong usage")
        func clientUsage() throws {
            let cases = [
                (["--tls-ca", "x"], "--tls-ca is of no use without --tls"),
                (["--tls", "--tls-key", "x"], "only together"),
                (["--tls", "--tls-ca", "gone.pem"], "--tls-ca: 'gone.pem': No such file"),
            ]
            for (options, reason) in cases {
                let result = try Command.run(["ping"] + options)
                #expect(result.status == 2)
                #expect(result.errors.contains(reason), "\(result.errors)")
            }
        }

        @Test("the admin port speaks HTTPS, and asks for no certificate")
        func admin() throws {
            try RunningServer.with(files.serving(asksClients: true) + ["--admin-tls"]) { server throws in
                let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
                let answer = try files.openSSLClient(port: server.adminPort, sending: request)
                #expect(answer.output.hasPrefix("HTTP/1.1 200 OK"), "\(answer.errors)")
                let stats = ["stats", "--admin-port", "\(server.adminPort)"]
                for name in [[], ["--tls-server-name", "localhost"]] {
                    let result = try Command.run(stats + files.calling() + name)
                    #expect(result.status == 0 && result.output.contains("ready"), "\(result.errors)")
                }
                #expect(try Command.run(stats).status == 3)
                let untrusting = try Command.run(stats + ["--tls"])
                #expect(untrusting.status == 3 && untrusting.errors.contains("certificate verify failed"))
            }
        }

        @Test("the admin port takes a new certificate on SIGHUP, also where RPC has no TLS")
        func adminReload() throws {
            try files.replace("current", by: "elsewhere")
            let server = try RunningServer(["--admin-tls"] + files.serving("current", mode: "off"))
            let stats = ["stats", "--admin-port", "\(server.adminPort)"] + files.calling()
            #expect(try Command.run(stats).status == 3)
            try files.replace("current", by: "server")
            server.send(SIGHUP)
            try server.waitForLog("read again")
            #expect(try Command.run(stats).status == 0)
            #expect(try server.run(["ping"]).status == 0)
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }

        @Test("a Unix socket takes plaintext where TCP takes none")
        func unixSocket() throws {
            let path = files.path("s")
            try RunningServer.with(files.serving() + ["--unix-socket", path]) { server throws in
                #expect(try Command.run(["ping", "--unix-socket", path]).status == 0)
                #expect(try Command.run(["ping", "--unix-socket", path] + files.calling()).status == 0)
                #expect(try server.run(["ping"]).status == 3)
            }
        }

        @Test("refusals are counted, and the log says why")
        func metrics() throws {
            let server = try RunningServer(files.serving())
            #expect(try server.run(["ping"]).status == 3)
            try server.waitForLog("did not begin with TLS, which is required")
            let metrics = try HTTPAnswer.get("/metrics", port: server.adminPort).body
            #expect(metrics.contains("needletail_connections_rejected_total{reason=\"plaintext\"} 1\n"))
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }

        @Test("a log line at start says whom the certificate names and when it expires, and warns when it has")
        func announcement() throws {
            let server = try RunningServer(files.serving("expired"))
            try server.waitForLog("has expired")
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let log = try server.completeLog().map(JSONValue.object)
            let line = try #require(log.first { $0["message"] == .string("certificates were read") })
            #expect(line["names"] == .array([.string("localhost")]))
            #expect(line["expires"]?.string?.hasSuffix("Z") == true)
            #expect(log.contains { $0["tls"] == .string("required") }, "the ready line")
        }

        @Test(
            "files that cannot be used: key, origin, file, what was expected, before anything is bound",
            arguments: [
                ("gone.pem", "server.key", "ca.pem", "tls.certificate", "gone.pem", "No such file"),
                ("server.key", "server.key", "ca.pem", "tls.certificate", "server.key", "no certificate"),
                ("server.pem", "encrypted.key", "ca.pem", "tls.key", "encrypted.key", "no private key"),
                ("server.pem", "billing.key", "ca.pem", "tls.key", "billing.key", "not the key of the certificate"),
                ("server.pem", "server.key", "gone.pem", "tls.ca", "gone.pem", "No such file"),
            ])
        func wrongFiles(
            certificate: String, key: String, authority: String, name: String, file: String, reason: String
        ) throws {
            let (rpc, port) = try RawSocket.listen()
            defer { withExtendedLifetime(rpc) {} }
            let result = try Command.run([
                "serve", "--port", "\(port)", "--admin-port", "0", "--tls-mode", "optional",
                "--tls-certificate", files.path(certificate), "--tls-key", files.path(key),
                "--tls-ca", files.path(authority),
            ])
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            let flag = "flag --" + name.replacing(".", with: "-")
            for part in [name, flag, files.path(file), reason, "expected a PEM file"] {
                #expect(result.errors.contains(part), "\(result.errors)")
            }
        }

        @Test("a certificate that nothing uses is one warning")
        func unused() throws {
            let server = try RunningServer(files.serving(mode: "off"))
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let warnings = try server.completeLog().map(JSONValue.object).filter { $0["level"] == .string("warning") }
            #expect(warnings.count == 1)
            #expect(warnings.first?["message"]?.string?.contains("is not used by tls.mode") == true)
        }
    }
}
