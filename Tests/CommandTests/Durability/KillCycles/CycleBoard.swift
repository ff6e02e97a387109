//! What the clients of one cycle share: when the store ends. And what cycles are like, and what came of them.

internal import StorageAPI

/// How kill cycles are made.
struct KillCycleShape: Sendable {
    var laneCount = 8
    /// After so many cycles the next one is on a fresh store.
    var cyclesPerStore = 25
    /// The store ends after 1 to so many answers ...
    var answersMax = 1_500
    /// ... and a pause of up to so long.
    var pauseMax: Duration = .milliseconds(3)
    /// How many of a hundred cycles end in order.
    var stopPercent = 20
    /// In front of how many of a hundred cycles a start is killed.
    var killedStartPercent = 15
    /// What the store is started with.
    var configuredLevel = Durability.synced
    /// What writes ask for, lane by lane; nil: nothing. Of some lanes a kill may take back more than of others.
    var levels: [[Durability?]] = [
        [.synced, nil, .logged, .memory], [.memory, .memory, .memory, .memory, .logged], [.synced],
    ]
}

/// What kill cycles have done.
struct KillCycleFigures: Sendable {
    var answers = 0
    var unanswered = 0
    var kills = 0
    var stops = 0
    var killedStarts = 0
    var snapshots = 0
    /// Answered writes, not promised to survive, that did not.
    var lost = 0
}

/// Ends a store, by the hand of the client that got the answer after which it is to end.
final class CycleBoard: Sendable {
    /// How many snapshots are asked for in a cycle, at most.
    private static let snapshotsMax = 3

    private struct State {
        var answers = 0
        var isEnding = false
        var snapshotCount = 0
    }

    private let end: StoreEnd
    private let endAfter: Int
    private let pause: Duration
    private let snapshotsAfter: Set<Int>
    private let state = LockedBox(State())

    init(_ end: StoreEnd, after endAfter: Int, pauseMax: Duration, generator: SeededGenerator) {
        var generator = generator
        self.end = end
        self.endAfter = endAfter
        pause = pauseMax * Double.random(in: 0...1, using: &generator)
        snapshotsAfter = Set(
            (0..<Int.random(in: 0...Self.snapshotsMax, using: &generator))
                .map { _ in Int.random(in: 1...endAfter, using: &generator) })
    }

    var isEnding: Bool { state.value.isEnding }
    var snapshotCount: Int { state.value.snapshotCount }

    func noteAnswer(of store: some KillableStore) async throws {
        let answers = state.update {
            $0.answers += 1
            return $0.answers
        }
        if snapshotsAfter.contains(answers) {
            do {
                if try store.requestSnapshot() { state.update { $0.snapshotCount += 1 } }
            } catch {
                guard isEnding else { throw error }
            }
        }
        guard answers == endAfter else { return }
        // The pause is for the sake of the instant: mostly it is not the one just after an answer.
        if pause > .zero { try await Task.sleep(for: pause) }
        state.update { $0.isEnding = true }
        store.end(end)
    }
}
