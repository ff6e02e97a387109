//! How the tests of this folder start their servers: on the directory `data`, with files of the log so small that a test
//! fills several.

internal import Foundation

enum DataServer {
    static let arguments = ["--data-dir", "data", "--log-segment-size", "1MiB"]
    /// The size of a value of which five fill a segment.
    static let longBytes = 200 << 10

    /// Runs `body` with a server, and ends it by `signal`.
    static func run<Result>(
        _ arguments: [String] = [], in directory: TemporaryDirectory, until signal: Int32 = SIGTERM,
        _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let server = try RunningServer(Self.arguments + arguments, in: directory)
        let result = try await body(server)
        server.send(signal)
        let status = try server.wait()
        guard status == (signal == SIGTERM ? 0 : -signal) else { throw TestFailure("the server ended with \(status)") }
        return result
    }

    /// A start that is refused.
    static func refuse(_ arguments: [String] = [], in directory: TemporaryDirectory) throws -> CommandResult {
        try Command.run(
            ["serve", "--port", "0", "--admin-port", "0", "--log-format", "text"] + Self.arguments + arguments,
            in: directory.url)
    }

    /// Puts keys, one after the other, and returns which versions they have.
    static func put(_ keys: [String], valueBytes: Int = 0, to server: RunningServer) async throws -> WriteLedger {
        let client = LedgerClient(server)
        var ledger = WriteLedger()
        for key in keys { ledger.add(key, await client.put(key, valueBytes: valueBytes)) }
        await client.close()
        guard ledger.kept.count == keys.count else { throw TestFailure("not all was kept: \(ledger.wrong)") }
        return ledger
    }
}
