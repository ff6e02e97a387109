//! The page on TLS is run as it is written: what it tells people to type works.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite(.needsOpenSSL) struct TLSDocument {
        private static let page = "Sources/StorageServer/Documentation.docc/TLS.md"

        /// The page's blocks of shell commands: certificates, the server, its clients.
        private static func blocks() throws -> [String] {
            let text = try String(contentsOf: Surroundings.root.appending(path: page), encoding: .utf8)
            return text.matches(of: /```sh\n((?:.|\n)*?)```/).map { String($0.1) }
        }

        @Test("the certificates, the server and the calls of the page")
        func walk() throws {
            let blocks = try Self.blocks()
            try #require(blocks.count == 3)
            let directory = try TemporaryDirectory()
            let made = try Command.run(
                URL(filePath: "/bin/bash"), ["-euc", blocks[0]], environment: Surroundings.environment(),
                in: directory.url, secondsMax: 30)
            try #require(made.status == 0, "\(made.errors)")
            let flags = try #require(Self.commands(blocks[1], "needletail serve ").first)
            let server = try RunningServer(flags, in: directory)
            let calls = Self.commands(blocks[2], "needletail ")
            #expect(calls.map(\.first) == ["put", "get"])
            for call in calls {
                let result = try Command.run(call + ["--port", "\(server.port)"], in: directory.url)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output == (call.first == "get" ? "hello\n" : ""))
            }
            #expect(try server.run(["ping"]).errors.contains("TLS is required"))
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }

        /// The arguments of each line that begins with `start`.
        private static func commands(_ block: String, _ start: String) -> [[String]] {
            block.split(separator: "\n").filter { $0.hasPrefix(start) }
                .map { $0.dropFirst(start.count).split(separator: " ").map(String.init) }
        }
    }
}
