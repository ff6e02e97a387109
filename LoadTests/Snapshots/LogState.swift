//! What Needletail says of its log's snapshots, and how it is asked for one.

internal import Foundation

/// `log` in `/stats`, as far as it is about snapshots.
struct LogState: Hashable, Codable, Sendable {
    /// Whether a snapshot is being written.
    var snapshotRunning: Bool
    /// Snapshots that were written since the server started.
    var snapshots: Int

    private struct Statistics: Codable {
        var log: LogState?
    }

    init(snapshotRunning: Bool, snapshots: Int) {
        self.snapshotRunning = snapshotRunning
        self.snapshots = snapshots
    }

    /// - Throws: `ServerError` if `/stats` does not have it: the server keeps no log.
    init(statistics: String) throws(ServerError) {
        guard let all = try? JSONDecoder().decode(Statistics.self, from: Data(statistics.utf8)), let log = all.log
        else {
            throw ServerError("/stats says nothing of snapshots: \(statistics)")
        }
        self = log
    }

    static func read(adminPort: Int) throws -> LogState {
        try LogState(statistics: AdminPort.ask("GET", "/stats", port: adminPort).body)
    }

    /// Asks for a snapshot, which is then written while the server answers.
    /// - Throws: `ServerError` if it will not be written.
    static func askForSnapshot(adminPort: Int) throws {
        let answer = try AdminPort.ask("POST", "/snapshot", port: adminPort)
        guard answer.status == 202 else {
            throw ServerError("a snapshot was refused with status \(answer.status): \(answer.body)")
        }
    }
}
