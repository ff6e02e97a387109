//! Clients call; the store is killed at a random instant and started again on what it has left; everything is read back
//! and held against what the clients know. Over and over, on the same store, now and then on a fresh one.
//!
//! The instant is random in calls (after so many answers) and in time (a short while after that). Some cycles end in
//! order, where what was answered must not be lost; some starts are killed before the store is there.
//!
//! What each client's keys may be says LaneModel.swift. Beyond that, over all clients: a version that was ever seen is
//! smaller than all that are given after the next start, and what is lost is an end of the log: no write is lost that has
//! a smaller version than one that is there.

struct KillCycles<Store: KillableStore> {
    private let store: Store
    private let shape: KillCycleShape
    private var generator: SeededGenerator
    private var lanes: [Lane] = []
    private var shared: [String: SharedKey] = [:]
    private var versionMax: Int64 = 0
    private(set) var figures = KillCycleFigures()

    init(_ store: Store, _ shape: KillCycleShape, seed: UInt64) {
        self.store = store
        self.shape = shape
        generator = SeededGenerator(seed: seed)
    }

    /// - Throws: `Contradiction` if the store is none that keeps what it promises.
    mutating func run(_ count: Int) async throws {
        for cycle in 0..<count {
            if cycle.isMultiple(of: shape.cyclesPerStore) {
                if cycle > 0 { try await readBackAndStop() }
                try begin()
            }
            if generator.chance(shape.killedStartPercent) {
                try store.startAndKill(using: &generator)
                figures.killedStarts += 1
            }
            try await store.start()
            try await readBack()
            try await load()
        }
        try await readBackAndStop()
    }

    private mutating func begin() throws {
        try store.clear()
        lanes = (0..<shape.laneCount).map { Lane(number: $0, shape, generator: generator.split()) }
        shared = SharedKey.names.reduce(into: [:]) { $0[$1] = SharedKey($1) }
    }

    private mutating func readBackAndStop() async throws {
        try await store.start()
        try await readBack()
        store.end(.stop)
        try await store.waitUntilGone()
    }

    // MARK: Load

    private mutating func load() async throws {
        let end: StoreEnd = generator.chance(shape.stopPercent) ? .stop : .kill
        let board = CycleBoard(
            end, after: .random(in: 1...shape.answersMax, using: &generator), pauseMax: shape.pauseMax,
            generator: generator.split())
        lanes = try await withThrowingTaskGroup(of: Lane.self) { [lanes, store] tasks in
            for var lane in lanes {
                tasks.addTask {
                    try await lane.call(store, board)
                    return lane
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        try await store.waitUntilGone()
        try noteEnd(end)
        figures.snapshots += board.snapshotCount
    }

    private mutating func noteEnd(_ end: StoreEnd) throws(Contradiction) {
        if end == .kill { figures.kills += 1 } else { figures.stops += 1 }
        for index in lanes.indices {
            figures.answers += lanes[index].answerCount
            if lanes[index].model.unanswered != nil { figures.unanswered += 1 }
            versionMax = max(versionMax, lanes[index].model.versionMax)
            for (call, answer, survives) in lanes[index].sharedCalls {
                guard let key = call.keys.first else { continue }
                if let answer {
                    try shared[key]?.note(answer, survives: survives)
                } else {
                    shared[key]?.noteUnanswered(call)
                    figures.unanswered += 1
                }
            }
            if end == .stop { lanes[index].model.noteStop() }
        }
        if end == .stop { for key in shared.keys { shared[key]?.noteStop() } }
    }

    // MARK: Reading back

    private mutating func readBack() async throws {
        let observed = try await withThrowingTaskGroup(of: [String: Observation].self) { [lanes, store] tasks in
            for lane in lanes { tasks.addTask { try await Self.read(lane.keys, of: store, lane.number) } }
            return try await tasks.reduce(into: [:]) { $0.merge($1) { old, _ in old } }
        }
        var end = LogEnd()
        for index in lanes.indices {
            let keys = Set(lanes[index].keys)
            try end.join(try lanes[index].model.recover(observed.filter { keys.contains($0.key) }))
        }
        for (key, seen) in try await Self.read(SharedKey.names, of: store, 0) {
            if let lost = try shared[key]?.recover(seen.entry) { try end.join(lost) }
        }
        figures.lost += end.lostCount
        for index in lanes.indices { lanes[index].model.raise(versionMax: versionMax) }
    }

    private static func read(
        _ keys: [String], of store: Store, _ lane: Int
    ) async throws -> [String: Observation] {
        var observed: [String: Observation] = [:]
        for key in keys {
            let start = store.now
            let outcome = await store.perform(.get(key), nil, lane: lane)
            guard case .answered(.read(let entry), _) = outcome else {
                throw Contradiction("a read of a store that was started: \(outcome)")
            }
            observed[key] = Observation(entry: entry, time: start - store.clockLagMax...max(start, store.now))
        }
        return observed
    }
}
