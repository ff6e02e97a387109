//! Ports and sockets that are taken: a second server says so in one line and leaves the first alone.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Binding {
        private func expectRefused(_ arguments: [String], names address: String) throws {
            let result = try Command.run(["serve", "--log-format", "json"] + arguments)
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.contains("cannot listen on \(address)"))
            #expect(result.output.isEmpty)
        }

        @Test("a second server on the RPC port")
        func samePort() throws {
            try RunningServer.with { server throws in
                try expectRefused(
                    ["--port", "\(server.port)", "--admin-port", "0"], names: "127.0.0.1:\(server.port)")
                #expect(try server.run(["ping"]).status == 0)
            }
        }

        @Test("a second server on the admin port")
        func sameAdminPort() throws {
            try RunningServer.with { server throws in
                try expectRefused(
                    ["--port", "0", "--admin-port", "\(server.adminPort)"], names: "127.0.0.1:\(server.adminPort)")
                #expect(try server.run(["ping"]).status == 0)
                #expect(try HTTPAnswer.get("/healthz", port: server.adminPort).status == 200)
            }
        }

        @Test("a second server on the Unix socket")
        func sameUnixSocket() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path("s")
            try RunningServer.with(["--unix-socket", path]) { server throws in
                try expectRefused(["--port", "0", "--admin-port", "0", "--unix-socket", path], names: path)
                #expect(try Command.run(["ping", "--unix-socket", path]).status == 0)
                #expect(try server.run(["ping"]).status == 0)
            }
        }

        @Test("a socket file that nobody listens on is replaced")
        func staleUnixSocket() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path("s")
            try RawSocket.leaveStaleUnixSocket(at: path)
            #expect(FileManager.default.fileExists(atPath: path))
            try RunningServer.with(["--unix-socket", path]) { _ throws in
                #expect(try Command.run(["ping", "--unix-socket", path]).status == 0)
            }
        }

        @Test("a killed server's socket is replaced by the next one")
        func killedServersSocket() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path("s")
            let first = try RunningServer(["--unix-socket", path])
            first.send(SIGKILL)
            #expect(try first.wait() == -SIGKILL)
            try RunningServer.with(["--unix-socket", path]) { _ throws in
                #expect(try Command.run(["ping", "--unix-socket", path]).status == 0)
            }
        }

        @Test("a file that is no socket is not replaced")
        func fileAtSocketPath() throws {
            let directory = try TemporaryDirectory()
            let path = try directory.write("somebody's data", to: "s")
            try expectRefused(["--port", "0", "--admin-port", "0", "--unix-socket", path], names: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "somebody's data")
        }
    }
}
