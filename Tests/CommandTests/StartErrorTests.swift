//! What keeps a server from starting: said before anything is bound, one line for each problem, exit status 2.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct StartErrors {
        /// Runs `serve`, which must not start, on ports that are taken: who binds before checking stumbles over them.
        private func refused(
            _ arguments: [String] = [], environment: [String: String] = [:], in directory: URL? = nil
        ) throws -> CommandResult {
            let (rpc, admin) = (try RawSocket.listen(), try RawSocket.listen())
            defer { withExtendedLifetime((rpc.socket, admin.socket)) {} }
            let result = try Command.run(
                ["serve"] + arguments,
                environment: ["NEEDLETAIL_RPC_PORT": "\(rpc.port)", "NEEDLETAIL_ADMIN_PORT": "\(admin.port)"]
                    .merging(environment) { _, new in new }, in: directory)
            #expect(result.output.isEmpty)
            #expect(!result.errors.contains("cannot listen"))
            return result
        }

        @Test("an unknown key in the file: file, line and key")
        func unknownKey() throws {
            let directory = try TemporaryDirectory()
            try directory.write("rpc:\n  backlog: 5\n  prot: 7400\n", to: "a.yaml")
            let result = try refused(["--config", "a.yaml"], in: directory.url)
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.contains("a.yaml:3"))
            #expect(result.errors.contains("rpc.prot"))
        }

        @Test("a wrong value in the file: file, line, key, value, expectation")
        func wrongValueInFile() throws {
            let directory = try TemporaryDirectory()
            try directory.write("limits:\n  maxValueSize: 5 apples\n", to: "a.yaml")
            let result = try refused(["--config", "a.yaml"], in: directory.url)
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            for part in ["a.yaml:2", "limits.maxValueSize", "5 apples", "expected a size"] {
                #expect(result.errors.contains(part))
            }
        }

        @Test("a file that is no YAML, or no mapping")
        func brokenFile() throws {
            let directory = try TemporaryDirectory()
            try directory.write("rpc: [\n", to: "broken.yaml")
            try directory.write("- rpc\n", to: "list.yaml")
            for name in ["broken.yaml", "list.yaml"] {
                let result = try refused(["--config", name], in: directory.url)
                #expect(result.status == 2)
                #expect(result.errorLines.count == 1)
                #expect(result.errors.contains(name))
            }
        }

        @Test("a file that is not there")
        func missingFile() throws {
            let result = try refused(["--config", "nobody.yaml"])
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.contains("nobody.yaml"))
        }

        @Test("a wrong value in the environment: variable, value, expectation")
        func wrongEnvironment() throws {
            let result = try refused(environment: ["NEEDLETAIL_LIMITS_MAX_VALUE_SIZE": "big"])
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            for part in ["NEEDLETAIL_LIMITS_MAX_VALUE_SIZE", "'big'", "expected a size"] {
                #expect(result.errors.contains(part))
            }
        }

        @Test(
            "flags: unknown, out of range, of the wrong type, without a value, twice, a word",
            arguments: [
                (["--nope", "3"], ["--nope", "unknown"]),
                (["--rpc-backlogg", "3"], ["--rpc-backlogg", "--rpc-backlog"]),
                (["--port", "70000"], ["--port", "70000", "65535"]),
                (["--port", "-1"], ["--port", "expected"]),
                (["--port", "http"], ["--port", "'http'", "whole number"]),
                (["--rpc-shutdown-timeout", "10"], ["--rpc-shutdown-timeout", "'10'", "10s"]),
                (["--durability", "eternal"], ["--durability", "'eternal'", "synced"]),
                (["--log-format", "xml"], ["--log-format", "'xml'", "json"]),
                (["--limits-max-value-size", "1XB"], ["--limits-max-value-size", "'1XB'", "64KiB"]),
                (["--limits-max-value-size"], ["limits", "expected a size"]),
                (["--event-loops", "1", "--event-loops", "2"], ["--event-loops", "twice"]),
                (["word"], ["word"]),
            ])
        func wrongFlag(arguments: [String], parts: [String]) throws {
            let result = try refused(arguments)
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            for part in parts { #expect(result.errors.contains(part)) }
        }

        @Test("all problems of all sources are reported at once")
        func severalProblems() throws {
            let directory = try TemporaryDirectory()
            try directory.write("rpc:\n  prot: 7400\n", to: "a.yaml")
            let result = try refused(
                ["--config", "a.yaml", "--event-loops", "many"],
                environment: ["NEEDLETAIL_LIMITS_MAX_DEPTH": "deep"], in: directory.url)
            #expect(result.status == 2)
            #expect(result.errorLines.count == 3)
            for part in ["rpc.prot", "--event-loops", "NEEDLETAIL_LIMITS_MAX_DEPTH"] {
                #expect(result.errorLines.count { $0.contains(part) } == 1)
            }
        }

        @Test("one port for both is refused")
        func samePorts() throws {
            let result = try refused(["--port", "7500", "--admin-port", "7500"])
            #expect(result.status == 2)
            #expect(result.errorLines.count == 1)
            for part in ["rpc.port", "admin.port", "7500"] { #expect(result.errors.contains(part)) }
        }

        @Test(
            "a data directory that is something else, is of another version, or cannot be made",
            arguments: [
                ("notes.txt", "hello", "'notes.txt'"),
                ("FORMAT", "needletail-data 99 0123456789abcdef\n", "version 99"),
                ("FORMAT", "who knows", "FORMAT"), (nil, "", "cannot"),
            ])
        func wrongDirectory(file: String?, content: String, part: String) throws {
            let directory = try TemporaryDirectory()
            if let file { try directory.write(content, to: file) }
            let path = file == nil ? "/dev/null/data" : directory.url.path
            let result = try refused(["--data-dir", path])
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            for part in ["log.directory", part, path] { #expect(result.errors.contains(part), "\(result.errors)") }
        }

        @Test("what keeps the server from starting is said also where spans were to be posted")
        func withTracing() throws {
            let arguments = ["--data-dir", "/dev/null/data", "--tracing-endpoint", "http://127.0.0.1:1/v1/traces"]
            let result = try refused(arguments)
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.contains("log.directory"), "\(result.errors)")
        }

        @Test("a data directory that another server uses")
        func usedDirectory() throws {
            let directory = try TemporaryDirectory()
            let arguments = ["--data-dir", directory.path("data")]
            try RunningServer.with(arguments, in: directory) { server throws in
                let result = try refused(arguments)
                #expect(result.status == 3)
                #expect(result.errorLines.count == 1)
                #expect(result.errors.contains("used by another process"))
            }
        }

        @Test("an unknown NEEDLETAIL_ variable is one warning, and the server starts")
        func unknownVariable() throws {
            let server = try RunningServer(environment: [
                "NEEDLETAIL_PORT_7400_TCP_ADDR": "10.0.0.1", "NEEDLETAIL_SERVICE_HOST": "10.0.0.1",
            ])
            #expect(try server.run(["ping"]).status == 0)
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let warnings = try server.completeLog().map(JSONValue.object).filter { $0["level"] == .string("warning") }
            #expect(warnings.count == 1)
            let message = warnings.first?["message"]?.string ?? ""
            #expect(message.contains("NEEDLETAIL_PORT_7400_TCP_ADDR"))
            #expect(message.contains("NEEDLETAIL_SERVICE_HOST"))
        }
    }
}
