//! The page on tools for data directories is run as it is written, and says what they print.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct ToolsDocument {
        private static let page = "Sources/WriteAheadLog/Documentation.docc/Tools.md"

        /// The page's commands, each with what it prints.
        private static func blocks() throws -> [(commands: String, output: String)] {
            let text = try String(contentsOf: Surroundings.root.appending(path: page), encoding: .utf8)
            return text.matches(of: /```sh\n((?:.|\n)*?)```\n(?:\n```text\n((?:.|\n)*?)```)?/)
                .map { (String($0.1), String($0.2 ?? "")) }
        }

        @Test("the walk of the page: backup, verify, dump, damage, restore, salvage")
        func walk() throws {
            let directory = try TemporaryDirectory()
            var server: RunningServer?
            for (commands, output) in try Self.blocks() {
                if commands.hasPrefix("needletail serve ") {
                    let flags = commands.split(whereSeparator: \.isWhitespace).dropFirst(2).map(String.init)
                    server = try RunningServer(flags, in: directory)
                } else {
                    if commands.contains(" dd ") { try stop(&server) }
                    let result = try run(commands, port: server?.port, in: directory)
                    #expect(result.status == 0, "\(commands)\(result.errors)")
                    #expect(Self.withoutNumbers(result.output) == Self.withoutNumbers(output), "\(result.output)")
                }
            }
            let isServing = server != nil
            #expect(isServing, "the page ends with a server")
            try server?.waitForLog("salvaged")
            try stop(&server)
        }

        private func stop(_ server: inout RunningServer?) throws {
            server?.send(SIGTERM)
            #expect(try server?.wait() == 0)
            server = nil
        }

        private func run(_ commands: String, port: Int?, in directory: TemporaryDirectory) throws -> CommandResult {
            let needletail = """
                needletail() {
                    case $1 in
                    put | get | remove) "$BINARY" "$@" --port "$PORT" ;;
                    *) "$BINARY" "$@" ;;
                    esac
                }

                """
            let names = ["BINARY": Surroundings.binary.path, "PORT": "\(port ?? 0)"]
            return try Command.run(
                URL(filePath: "/bin/bash"), ["-euc", needletail + commands],
                environment: Surroundings.environment(names), in: directory.url, secondsMax: 60)
        }

        /// Versions are times, and differ.
        private static func withoutNumbers(_ text: String) -> String { text.replacing(/\d{16}/, with: "#") }
    }
}
