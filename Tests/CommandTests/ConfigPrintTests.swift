//! `config print`: what a server would run with, and why.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct ConfigPrint {
        /// The lines without what stands behind `#`.
        private func values(_ text: String) -> [String] {
            text.split(separator: "\n").map { line in
                String(line.prefix { $0 != "#" }).trimmingSuffix(while: \.isWhitespace)
            }.filter { !$0.isEmpty }
        }

        @Test("every value names its origin; a flag beats the environment beats the file beats the default")
        func origins() throws {
            let directory = try TemporaryDirectory()
            try directory.write(
                """
                rpc:
                  port: 7001
                  backlog: 77
                limits:
                  maxDepth: 33
                  maxKeySize: 1KiB
                """, to: "a.yaml")
            let result = try Command.run(
                ["config", "print", "--config", "a.yaml", "--port", "7003"],
                environment: ["NEEDLETAIL_RPC_PORT": "7002", "NEEDLETAIL_LIMITS_MAX_DEPTH": "44"], in: directory.url)
            #expect(result.status == 0)
            #expect(result.errors.isEmpty)
            func line(_ key: String) -> String { result.outputLines.first { $0.contains(" \(key):") } ?? "" }
            #expect(line("port").contains("7003") && line("port").contains("--port"))
            #expect(line("backlog").contains("77") && line("backlog").contains("a.yaml:3"))
            #expect(line("maxDepth").contains("44") && line("maxDepth").contains("NEEDLETAIL_LIMITS_MAX_DEPTH"))
            #expect(line("maxKeySize").contains("1KiB") && line("maxKeySize").contains("a.yaml:6"))
            #expect(line("maxValueSize").contains("16MiB") && line("maxValueSize").contains("default"))
        }

        @Test("what it prints is a file that gives the same values")
        func roundTrip() throws {
            let directory = try TemporaryDirectory()
            let first = try Command.run(
                [
                    "config", "print", "--port", "0", "--event-loops", "3", "--limits-max-value-size", "1MiB",
                    "--rpc-shutdown-timeout", "1500ms", "--memory-eviction", "s3fifo", "--data-dir", "a b: #c",
                    "--unix-socket", "s.sock", "--engine-endpoints", "a:1,b:2",
                ])
            #expect(first.status == 0)
            try directory.write(first.output, to: "b.yaml")
            let second = try Command.run(["config", "print", "--config", "b.yaml"], in: directory.url)
            #expect(second.status == 0)
            #expect(values(first.output) == values(second.output))
            #expect(values(first.output).count > 30)
            // What was printed, printed again, names the file for every value.
            let keys = second.outputLines.filter { $0.hasPrefix("  ") }
            #expect(keys.allSatisfy { $0.contains("b.yaml:") })
        }

        @Test("a server runs with the printed file")
        func printedFileServes() throws {
            let directory = try TemporaryDirectory()
            let printed = try Command.run(["config", "print", "--event-loops", "1"])
            let path = try directory.write(printed.output, to: "b.yaml")
            try RunningServer.with(["--config", path]) { server throws in
                #expect(try server.run(["ping"]).status == 0)
                let stats = try HTTPAnswer.get("/stats", port: server.adminPort)
                #expect(try JSONValue.object(stats.body)["eventLoops"] == .integer(1))
            }
        }

        @Test("it checks as serve does, and warns of unknown variables")
        func problems() throws {
            let wrong = try Command.run(["config", "print", "--port", "70000", "--event-loops", "x"])
            #expect(wrong.status == 2)
            #expect(wrong.errorLines.count == 2)
            let warned = try Command.run(["config", "print"], environment: ["NEEDLETAIL_UNKNOWN_NAME": "1"])
            #expect(warned.status == 0)
            #expect(warned.errorLines.count == 1)
            #expect(warned.errors.contains("NEEDLETAIL_UNKNOWN_NAME"))
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while holds: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, holds(last) { text.removeLast() }
        return String(text)
    }
}
