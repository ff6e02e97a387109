//! A real server as kill cycles see it: the process, and a connection for each client.

internal import Foundation
internal import StorageAPI

final class ServerStore: KillableStore {
    private struct State {
        var directory: TemporaryDirectory
        var server: RunningServer?
        var end: StoreEnd?
        var connections: [ClientStore] = []
        var snapshotsWritten = 0
    }

    /// How long a start may go on before it is killed: some are over by then.
    private static let startSecondsMax = 0.2

    private let arguments: [String]
    private let laneCount: Int
    private let state: LockedBox<State>

    /// - Parameter arguments: those of `serve` that say what is kept and where: in the directory that it is run in.
    init(_ arguments: [String], laneCount: Int) throws {
        self.arguments = arguments
        self.laneCount = laneCount
        state = LockedBox(State(directory: try TemporaryDirectory()))
    }

    /// As the servers' logs say; a snapshot that was asked for may have been killed with its server.
    var snapshotsWritten: Int { state.value.snapshotsWritten }

    var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// The server reads its clock once in a turn of its event loop, and may have to wait for its core then.
    var clockLagMax: Int64 { 300 }

    func clear() throws {
        let directory = try TemporaryDirectory()
        state.update { $0.directory = directory }
    }

    func startAndKill(using generator: inout SeededGenerator) throws {
        try RunningServer.startAndKill(
            arguments, in: state.value.directory, after: .random(in: 0...Self.startSecondsMax, using: &generator))
    }

    func start() throws {
        let server = try RunningServer(arguments, in: state.value.directory)
        state.update { [laneCount] in
            $0.server = server
            $0.end = nil
            $0.connections = (0..<laneCount).map { _ in ClientStore(port: server.port) }
        }
    }

    func perform(_ call: StoreCall, _ durability: Durability?, lane: Int) async -> CallOutcome {
        await state.value.connections[lane].perform(call, durability)
    }

    func requestSnapshot() throws -> Bool {
        guard let server = state.value.server else { return false }
        let status = try HTTPAnswer.post("/snapshot", port: server.adminPort).status
        guard status == (arguments.contains("memory") ? 409 : 202) else {
            throw TestFailure("a snapshot was asked for: \(status)")
        }
        return status == 202
    }

    func end(_ end: StoreEnd) {
        state.update {
            $0.end = end
            $0.server?.send(end == .kill ? SIGKILL : SIGTERM)
        }
    }

    /// - Throws: `TestFailure` if it ended otherwise than it was to.
    func waitUntilGone() async throws {
        let (server, end, connections) = state.update {
            let gone = $0
            ($0.server, $0.connections) = (nil, [])
            return (gone.server, gone.end, gone.connections)
        }
        for connection in connections { await connection.close() }
        let status = try server?.wait()
        let written = try server?.completeLog().count { $0.contains("wrote a snapshot") } ?? 0
        state.update { $0.snapshotsWritten += written }
        guard status == (end == .kill ? -SIGKILL : 0) else {
            throw TestFailure("the server ended with \(status.map { "\($0)" } ?? "nothing")")
        }
    }
}
