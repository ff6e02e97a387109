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
            // A flag replaces the port, and is seen where it stands.
            #expect(
                result.errorLines == [
                    "needletail: limits.maxDepth (33, file a.yaml:5) is replaced by environment "
                        + "NEEDLETAIL_LIMITS_MAX_DEPTH"
                ])
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

        @Test("the image's file is a configuration; no variable of the image beats one of the user's own")
        func imageFile() throws {
            let path = Surroundings.root.appending(path: "config/image.yaml").path
            let printed = try Command.run(["config", "print", "--config", path])
            #expect(printed.status == 0)
            #expect(printed.errors.isEmpty)
            let socket = "/dev/shm/needletail.sock"
            #expect(
                values(printed.outputLines.filter { $0.contains("image.yaml:") }.joined(separator: "\n")) == [
                    "  host: 0.0.0.0", "  unixSocket: \(socket)", "  host: 0.0.0.0",
                    "  directory: /var/lib/needletail/data", "  format: json",
                ])
            let image = try String(contentsOf: Surroundings.root.appending(path: "Dockerfile"), encoding: .utf8)
            let file = "/etc/needletail/needletail.yaml"
            #expect(image.contains("\nCOPY config/image.yaml \(file)\n"))
            #expect(image.contains("\nCMD [\"serve\", \"--config\", \"\(file)\"]\n"))
            #expect(image.contains("--unix-socket \"${NEEDLETAIL_RPC_UNIX_SOCKET:-\(socket)}\""))
            #expect(image.firstMatch(of: /NEEDLETAIL_[A-Z_]+=/) == nil)
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
