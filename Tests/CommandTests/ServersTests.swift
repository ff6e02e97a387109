//! The client commands over several servers that share the keys.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Servers {
        private func address(_ server: RunningServer) -> String { "127.0.0.1:\(server.port)" }

        @Test("--servers finds each key on its server")
        func sharing() throws {
            try RunningServer.with { first throws in
                try RunningServer.with { second throws in
                    let servers = ["--servers", "\(address(first)),\(address(second))"]
                    func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments + servers) }
                    let keys = (0..<12).map { "key:\($0)" }
                    for key in keys { #expect(try run("put", key, "value of \(key)").status == 0) }
                    let parts = try [first, second].map { Set(try $0.run(["scan", "--keys-only"]).outputLines) }
                    #expect(parts[0].isDisjoint(with: parts[1]) && parts[0].union(parts[1]) == Set(keys))
                    #expect(parts.allSatisfy { !$0.isEmpty })

                    #expect(try run("get", "key:3").output == "value of key:3\n")
                    let all = try Command.run(["multi-get"] + keys + servers)
                    #expect(all.status == 0)
                    #expect(all.outputLines == keys.map { "\($0)\tvalue of \($0)" })
                    #expect(Set(try run("scan", "--keys-only").outputLines) == Set(keys))
                    #expect(try run("increment", "n", "--by", "3").output == "3\n")
                    #expect(try run("touch", "n", "--ttl", "1h").status == 0)
                    #expect(try run("remove", "key:3").status == 0)
                    #expect(try run("get", "key:3").status == 1)
                    #expect(try run("ping").output == "pong\n")
                }
            }
        }

        @Test("of a server that does not answer in time the others' keys are printed, and it is named")
        func silentServer() throws {
            try RunningServer.with { server throws in
                let (listener, port) = try RawSocket.listen()
                let servers = ["--servers", "\(address(server)),127.0.0.1:\(port)", "--timeout", "2s"]
                let keys = (0..<12).map { "key:\($0)" }
                for key in keys { #expect(try server.run(["put", key, "there"]).status == 0) }
                let result = try Command.run(["multi-get"] + keys + servers)
                #expect(result.status == 3)
                let found = result.outputLines.count
                #expect((1..<12).contains(found))
                #expect(result.errorLines.filter { $0.hasSuffix("\tDEADLINE_EXCEEDED") }.count == 12 - found)
                #expect(result.errorLines.last == "needletail: 127.0.0.1:\(port): no answer in time")
                withExtendedLifetime(listener) {}
            }
        }

        @Test("a server that is not there is named")
        func missingServer() throws {
            try RunningServer.with { server throws in
                let nobody = try RawSocket.listen().port
                let result = try Command.run(
                    ["ping", "--servers", "\(address(server)),127.0.0.1:\(nobody)", "--timeout", "2s"])
                #expect(result.status == 3)
                #expect(result.errorLines.count == 1)
                #expect(result.errors.contains("127.0.0.1:\(nobody)"))
            }
        }

        @Test("--from-service and --log-id travel with a call")
        func context() throws {
            let (listener, port) = try RawSocket.listen()
            let result = try Command.run([
                "get", "key", "--port", "\(port)", "--timeout", "500ms", "--from-service", "orders", "--log-id", "4711",
            ])
            #expect(result.status == 3)
            let call = String(decoding: try listener.accept().receive(), as: UTF8.self)
            #expect(call.contains("fromService") && call.contains("orders"))
            #expect(call.contains("logID") && call.contains("4711"))
        }
    }
}
