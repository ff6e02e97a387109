//! What the exit status says where no server helps: 0, 2 wrong usage, 3 no server.

internal import Foundation
internal import Testing

private let clientCommands = [
    ["get", "key"], ["put", "key", "value"], ["remove", "key"], ["multi-get", "key"], ["increment", "key"],
    ["touch", "key", "--ttl", "1s"], ["scan", "--prefix", ""], ["ping"],
]

extension CommandTests {
    @Suite struct ExitStatus {
        @Test(
            "--help ends with 0 and says how to use it",
            arguments: [
                [], ["serve"], ["config"], ["config", "print"], ["get"], ["put"], ["remove"], ["multi-get"],
                ["increment"],
                ["touch"], ["scan"], ["ping"], ["stats"], ["log"], ["log", "verify"], ["log", "dump"], ["backup"],
                ["restore"],
            ])
        func help(subcommand: [String]) throws {
            let result = try Command.run(subcommand + ["--help"])
            #expect(result.status == 0)
            #expect(result.output.contains("USAGE: needletail"))
            #expect(result.errors.isEmpty)
        }

        @Test("--version ends with 0 and prints a version")
        func version() throws {
            let result = try Command.run(["--version"])
            #expect(result.status == 0)
            #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\S*\n/) != nil)
        }

        @Test(
            "wrong usage ends with 2, names what is wrong, and prints nothing else",
            arguments: [
                (["nonsense"], "nonsense"),
                (["get"], "<key>"),
                (["get", "a", "b"], "b"),
                (["put", "key"], "<value>"),
                (["put", "key", "value", "--ttl", "soon"], "soon"),
                (["put", "key", "value", "--ttl", "0s"], "0s"),
                (["multi-get"], "<keys>"),
                (["increment", "key", "--by", "many"], "many"),
                (["increment", "key", "--by", "9223372036854775808"], "9223372036854775808"),
                (["touch", "key"], "--ttl"),
                (["scan", "--prefix"], "--prefix"),
                (["scan", "--prefix", "", "--limit", "0"], "--limit"),
                (["ping", "--timeout", "10"], "'10' is no duration"),
                (["ping", "--timeout", "0ms"], "0ms"),
                (["ping", "--timeout", "soon"], "500ms, 10s or 1h"),
                (["ping", "--protocol", "http"], "'thrift-compact', 'theader' or 'ttheader'"),
                (["ping", "--servers", "localhost"], "'localhost' is no server; expected host:port"),
                (["ping", "--servers", "a:7400,"], "'' is no server"),
                (["ping", "--servers", "a:70000"], "'a:70000' is no server"),
                (["ping", "--servers", "::1:7400"], "in brackets"),
                (["ping", "--servers", "a:7400", "--port", "7400"], "--servers stands in the place of"),
                (["ping", "--port", "many"], "many"),
                (["ping", "--port", "0"], "'0' is no port; expected 1 to 65535"),
                (["ping", "--port", "70000"], "'70000' is no port; expected 1 to 65535"),
                (["get", "key", "--port", "72936"], "'72936' is no port; expected 1 to 65535"),
                (["scan", "--port=-1"], "'-1' is no port; expected 1 to 65535"),
                (["stats", "--admin-port", "0"], "'0' is no port; expected 1 to 65535"),
                (["stats", "--admin-port", "70000"], "'70000' is no port; expected 1 to 65535"),
                (["ping", "--unknown"], "--unknown"),
                (["config", "print", "--unknown", "1"], "--unknown"),
                (["log", "verify"], "<directory>"),
                (["log", "dump", "a", "b"], "b"),
                (["backup"], "<directory>"),
                (["restore", "a", "--unknown"], "--unknown"),
            ])
        func usage(arguments: [String], part: String) throws {
            let result = try Command.run(arguments)
            #expect(result.status == 2)
            #expect(result.errors.contains(part))
            #expect(result.output.isEmpty)
        }

        @Test("without a server every client command ends with 3 and one line", arguments: clientCommands)
        func noServer(arguments: [String]) throws {
            let port = try freePort()
            let result = try Command.run(arguments + ["--port", "\(port)"])
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.contains("127.0.0.1:\(port)"))
            #expect(result.output.isEmpty)
        }

        @Test("stats without a server, and a Unix socket that is not there, end with 3 and one line")
        func noServerElsewhere() throws {
            let stats = try Command.run(["stats", "--admin-port", "\(freePort())"])
            #expect(stats.status == 3)
            #expect(stats.errorLines.count == 1)
            let socket = try Command.run(["ping", "--unix-socket", "nobody.sock"])
            #expect(socket.status == 3)
            #expect(socket.errorLines.count == 1)
            #expect(socket.errors.contains("nobody.sock"))
        }

        @Test("a server that never answers costs --timeout and ends with 3", arguments: clientCommands)
        func silentServer(arguments: [String]) throws {
            let (listener, port) = try RawSocket.listen()
            let result = try Command.run(arguments + ["--port", "\(port)", "--timeout", "200ms"])
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            withExtendedLifetime(listener) {}
        }

        /// A port that nobody listens on, until the kernel gives it away again.
        private func freePort() throws -> Int { try RawSocket.listen().port }
    }
}
