//! Clients that write without pause while something happens to their server, each until it is refused.

internal import Dispatch
internal import Foundation
internal import StorageAPI

final class WritingClients: Sendable {
    /// Writes in flight at any time.
    private static let count = 8
    /// Writes of all that make a load.
    private static let busyWrites = 200
    private static let secondsMax = 30.0

    private let server: RunningServer
    private let name: String
    private let written = LockedBox(0)
    private let isBusy = DispatchSemaphore(value: 0)

    /// - Parameter name: what the keys begin with.
    init(_ server: RunningServer, _ name: String) {
        self.server = server
        self.name = name
    }

    /// Runs `fault` when the clients are busy, and returns what they were told once each of them was refused.
    func write(until fault: () throws -> Void) async throws -> WriteLedger {
        async let ledger = writeUntilRefused()
        do {
            try waitUntilBusy()
            try fault()
        } catch {
            server.send(SIGKILL)
            _ = try? await ledger
            throw error
        }
        return try await ledger
    }

    private func waitUntilBusy() throws {
        guard isBusy.wait(timeout: .now() + Self.secondsMax) == .success else {
            throw TestFailure("only \(written.value) writes were acknowledged")
        }
    }

    private func writeUntilRefused() async throws -> WriteLedger {
        try await withThrowingTaskGroup { group in
            for index in 0..<Self.count { group.addTask { try await self.writeUntilRefused(index) } }
            return try await group.reduce(into: WriteLedger()) { $0.add($1) }
        }
    }

    private func writeUntilRefused(_ index: Int) async throws -> WriteLedger {
        let client = LedgerClient(server)
        let end = Date(timeIntervalSinceNow: Self.secondsMax)
        var ledger = WriteLedger()
        var number = 0
        while ledger.refused.isEmpty, ledger.wrong.isEmpty {
            guard Date() < end else { throw TestFailure("a client was not refused") }
            let key = "\(name)-\(index)-\(number)"
            if ledger.add(key, await client.put(key)) { countWrite() }
            number += 1
        }
        await client.close()
        return ledger
    }

    private func countWrite() {
        let count = written.update {
            $0 += 1
            return $0
        }
        if count == Self.busyWrites { isBusy.signal() }
    }
}
