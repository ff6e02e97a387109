//! Clients of a real server that work on the same keys at once see histories that some order explains, kills among them.
//! What that means, and what a kill may take back, says Linearizability.swift.
//!
//! `TEST_SCALE=full` records 10,000 histories, half of them through kills; `TEST_SEED` repeats the choices of a run.

internal import Foundation
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct HistoryTests {
        /// Histories of each kind.
        private static let count = Surroundings.isFullScale ? 5_000 : 250
        private static let callers = 8

        /// Gives `body` connections of its own for each caller.
        private func withStores<Result>(
            port: Int, _ body: ([ClientStore]) async throws -> Result
        ) async throws -> Result {
            let stores = (0..<Self.callers).map { _ in ClientStore(port: port) }
            let result: Result
            do { result = try await body(stores) } catch {
                for store in stores { await store.close() }
                throw error
            }
            for store in stores { await store.close() }
            return result
        }

        /// Few keys, so that the callers get into each other's way.
        private func recordRounds(_ count: Int, using generator: inout SeededGenerator) async throws -> [KeyHistory] {
            let server = try RunningServer(DurableServer.arguments)
            var histories: [KeyHistory] = []
            try await withStores(port: server.port) { stores in
                while histories.count < count {
                    var round = HistoryRound(keyCount: 4, using: &generator)
                    try await round.runEra(stores, levels: DurableServer.levels)
                    histories += round.histories
                }
            }
            return histories
        }

        private func expectLinearizable(_ histories: [KeyHistory]) {
            for history in histories {
                guard let era = Linearizability.unexplainedEra(of: history) else { continue }
                Issue.record("era \(era), seed \(Surroundings.seed):\n\(history)")
            }
        }

        @Test func callersAtOnceSeeLinearizableHistories() async throws {
            var generator = SeededGenerator(seed: Surroundings.seed)
            let histories = try await recordRounds(Self.count, using: &generator)
            expectLinearizable(histories)
            let figures = HistoryFigures(histories)
            print("\(histories.count) histories: \(figures)")
            #expect(figures.overlapping * 4 > figures.calls, "calls were made at once")
            #expect(figures.unanswered == 0)
        }

        @Test func callersAtOnceSeeLinearizableHistoriesThroughKills() async throws {
            /// Keys that see the same kill.
            let keysPerKill = 25
            var generator = SeededGenerator(seed: Surroundings.seed)
            var histories: [KeyHistory] = []
            let directory = try TemporaryDirectory()
            var server = try RunningServer(DurableServer.arguments, in: directory)
            while histories.count < Self.count {
                var round = HistoryRound(keyCount: keysPerKill, using: &generator)
                let answers = Int.random(in: 1..<keysPerKill * HistoryRound.callsPerKey * 9 / 10, using: &generator)
                try await withStores(port: server.port) { [server] stores in
                    try await round.runEra(
                        stores, levels: DurableServer.levels, killAfter: answers, kill: { server.send(SIGKILL) })
                }
                #expect(try server.wait() == -SIGKILL)
                server = try RunningServer(DurableServer.arguments, in: directory)
                try await withStores(port: server.port) { stores in
                    try await round.runEra(stores, levels: DurableServer.levels)
                }
                histories += round.histories
            }
            expectLinearizable(histories)
            let figures = HistoryFigures(histories)
            print("\(histories.count) histories through \(histories.count / keysPerKill) kills: \(figures)")
            #expect(figures.overlapping > 0)
            #expect(figures.unanswered > 0, "kills met calls")
        }

        @Test func aStaleReadThatIsPlantedInARealHistoryIsFound() async throws {
            var generator = SeededGenerator(seed: Surroundings.seed)
            let spoiled = try await recordRounds(20, using: &generator).compactMap { $0.withAStaleRead() }
            #expect(spoiled.count > 10, "most histories have a read to spoil")
            for history in spoiled {
                #expect(
                    Linearizability.unexplainedEra(of: history) == 0, "seed \(Surroundings.seed):\n\(history)")
            }
        }
    }
}

/// What recorded histories are made of.
private struct HistoryFigures: CustomStringConvertible {
    var calls = 0
    /// Calls that began before the one in front of them was answered.
    var overlapping = 0
    var unanswered = 0

    init(_ histories: [KeyHistory]) {
        for era in histories.flatMap(\.eras) {
            calls += era.count
            unanswered += era.count { $0.answer == nil }
            let sorted = era.sorted { $0.start < $1.start }
            overlapping += zip(sorted, sorted.dropFirst()).count { $1.start < $0.end }
        }
    }

    var description: String {
        "\(calls) calls, \(overlapping) at once with another one, \(unanswered) without an answer"
    }
}

extension KeyHistory {
    /// This history with one read that answers what was overwritten before it was asked: a state that a write had
    /// replaced whose answer was there already. nil if there is no such read.
    fileprivate func withAStaleRead() -> KeyHistory? {
        for (index, read) in eras[0].enumerated() where read.call.isRead {
            let before = eras[0].compactMap { call -> StoredEntry? in
                guard call.end < read.start, case .written(let value, let version) = call.answer else { return nil }
                return StoredEntry(value: value, version: version)
            }
            .sorted { $0.version < $1.version }
            guard before.count >= 2 else { continue }
            var history = self
            history.eras[0][index] = RecordedCall(
                read.call, .read(before[before.count - 2]), start: read.start, end: read.end)
            return history
        }
        return nil
    }
}
