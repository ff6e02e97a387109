//! A store that has a log in memory, and one fault: kill cycles must find it. Without a fault they must find nothing.
//!
//! It executes one call at a time. A write is a record of the log; one that asks to survive makes all that is in the log
//! survive. A kill leaves some records beyond that, from the front; calls that come after it are executed, or not, and
//! never answered.

internal import StorageAPI

/// What a fake store does wrong.
enum StoreFault: String, CaseIterable, Sendable {
    /// A kill takes writes that were to survive.
    case losesWhatSurvives
    /// A kill tears the last batch: only its first key is there.
    case tearsBatches
    /// After a kill the last removal has not happened.
    case undoesRemovals
    /// A kill takes a write and leaves the next one.
    case leavesHoles
    /// After a start it goes on with the version after the last one that it finds.
    case reusesVersions
    /// After a start what was to expire stays.
    case forgetsExpiry
    /// After a start what was to expire is gone.
    case expiresEarly
    /// A write with a condition is executed whether it holds or not.
    case ignoresConditions
    /// An increment without an answer is executed twice.
    case countsTwice
    /// An increment clears the expiry.
    case forgetsExpiryOfSums
    /// A stop in order takes what a kill takes.
    case stopsLikeAKill
    /// Reads after a start see the value before the last one.
    case readsStale
    /// It says that it has written to the log, and has not.
    case promisesTooMuch
}

final class FakeStore: KillableStore {
    /// An entry, or none, under each key that the write changes.
    private struct Record {
        var changes: [(key: String, entry: FakeEntry?)]
        let version: Int64
    }

    private struct FakeEntry {
        var value: String
        var version: Int64
        var expiry: Int64?
    }

    private struct State {
        var log: [Record] = []
        /// So many records survive any kill.
        var surviving = 0
        var entries: [String: FakeEntry] = [:]
        var versionMax: Int64 = 0
        /// Each call takes some milliseconds of this clock.
        var now: Int64 = 1_000_000
        var end: StoreEnd?
        var generator: SeededGenerator
    }

    private let fault: StoreFault?
    private let state: LockedBox<State>

    init(_ fault: StoreFault?, seed: UInt64) {
        self.fault = fault
        state = LockedBox(State(generator: SeededGenerator(seed: seed)))
    }

    var now: Int64 { state.value.now }
    let clockLagMax: Int64 = 0

    func clear() {
        state.update {
            $0.log = []
            $0.surviving = 0
        }
    }

    func startAndKill(using generator: inout SeededGenerator) {}

    func requestSnapshot() -> Bool { false }

    func end(_ end: StoreEnd) { state.update { $0.end = end } }

    func waitUntilGone() { state.update { die(&$0) } }

    private func die(_ state: inout State) {
        var kept = state.log.count
        if state.end == .kill || fault == .stopsLikeAKill {
            kept = .random(in: state.surviving...max(state.surviving, kept), using: &state.generator)
            if fault == .losesWhatSurvives { kept = max(0, kept - 20) }
        }
        if fault == .leavesHoles, kept + 1 < state.log.count {
            state.log.remove(at: kept)
            kept = state.log.count
        }
        state.log.removeSubrange(kept...)
        if fault == .tearsBatches, let last = state.log.lastIndex(where: { $0.changes.count > 1 }) {
            state.log[last].changes.removeSubrange(1...)
        }
        if fault == .undoesRemovals,
            let last = state.log.lastIndex(where: { $0.changes.contains { $0.entry == nil } })
        {
            state.log[last].changes.removeAll { $0.entry == nil }
        }
        state.surviving = state.log.count
        state.end = nil
        // Some time passes until it is started again.
        state.now += .random(in: 0...200, using: &state.generator)
    }

    func start() {
        state.update { state in
            state.entries = [:]
            let log = fault == .readsStale ? state.log.dropLast() : state.log[...]
            for (key, entry) in log.flatMap(\.changes) {
                state.entries[key] = entry
                if fault == .forgetsExpiry { state.entries[key]?.expiry = nil }
                if fault == .expiresEarly, entry?.expiry != nil { state.entries[key] = nil }
            }
            if fault == .reusesVersions { state.versionMax = state.log.last?.version ?? 0 }
        }
    }

    // MARK: Calls

    func perform(_ call: StoreCall, _ durability: Durability?, lane: Int) async -> CallOutcome {
        // Others have their turn.
        await Task.yield()
        return state.update { state in
            state.now += .random(in: 0...3, using: &state.generator)
            guard state.end == nil else {
                if state.generator.chance(30) { return .refused("it is gone") }
                if state.generator.chance(50) {
                    _ = execute(call, &state)
                    if fault == .countsTwice, case .increment = call { _ = execute(call, &state) }
                }
                return .unanswered("it was killed")
            }
            let answer = execute(call, &state)
            guard answer.tellsOfAChange else { return .answered(answer, nil) }
            let level = durability ?? .synced
            if level.survivesKill, fault != .promisesTooMuch || state.generator.chance(90) {
                state.surviving = state.log.count
            }
            return .answered(answer, level)
        }
    }

    private func execute(_ call: StoreCall, _ state: inout State) -> StoreAnswer {
        for (key, entry) in state.entries where entry.expiry.map({ $0 <= state.now }) ?? false {
            state.entries[key] = nil
        }
        switch call {
        case .get(let key):
            let entry = state.entries[key]
            let (now, read) = (state.now, entry.map { StoredEntry(value: $0.value, version: $0.version) })
            return .read(
                read.map {
                    StoredEntry(value: $0.value, version: $0.version, ttlMillis: entry?.expiry.map { $0 - now })
                })
        case .put(let key, let value, let ttlMillis, let condition):
            let version = state.entries[key]?.version
            let isAllowed =
                switch condition {
                case .always: true
                case .ifAbsent: version == nil
                case .ifVersion(let asked): asked == version ?? 0
                }
            guard isAllowed || fault == .ignoresConditions else { return .notApplied(version: version) }
            return write([(key, value, ttlMillis)], &state)
        case .increment(let key, let delta):
            let sum = (state.entries[key].flatMap { Int64($0.value) } ?? 0) + delta
            let (now, expiry) = (state.now, state.entries[key]?.expiry)
            return write([(key, "\(sum)", fault == .forgetsExpiryOfSums ? nil : expiry.map { $0 - now })], &state)
        case .touch(let key, let ttlMillis):
            guard let entry = state.entries[key] else { return .done(wasThere: false) }
            _ = write([(key, entry.value, ttlMillis)], &state)
            return .done(wasThere: true)
        case .putTogether(let keys, let value):
            _ = write(keys.map { ($0, value, nil) }, &state)
            return .storedTogether
        case .remove(let key): return .done(wasThere: remove([key], &state) > 0)
        case .multiRemove(let keys): return .removed(remove(keys, &state))
        }
    }

    private func write(
        _ entries: [(key: String, value: String, ttlMillis: Int64?)], _ state: inout State
    ) -> StoreAnswer {
        state.versionMax += 1
        let (version, now) = (state.versionMax, state.now)
        let changes = entries.map { entry in
            (
                entry.key,
                Optional(FakeEntry(value: entry.value, version: version, expiry: entry.ttlMillis.map { $0 + now }))
            )
        }
        for (key, entry) in changes { state.entries[key] = entry }
        state.log.append(Record(changes: changes, version: version))
        return .written(value: entries[0].value, version: version)
    }

    private func remove(_ keys: [String], _ state: inout State) -> Int {
        let present = keys.filter { state.entries[$0] != nil }
        state.versionMax += 1
        for key in present {
            state.entries[key] = nil
            state.log.append(Record(changes: [(key, nil)], version: state.versionMax))
        }
        return present.count
    }
}
