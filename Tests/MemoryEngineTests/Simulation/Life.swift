//! One life of a server without its threads and connections: an engine over a log, from recovery to the crash. Everything
//! that threads would do is done here by turns, as a generator has it.

import LogSimulation
import NIOCore
import NeedletailWire
import StorageEngine
import Timing

@testable import MemoryEngine
@testable import WriteAheadLog

final class Life {
    let storage: SimulatedLogStorage
    let store: Store
    let recovered: RecoveredLog
    let report: RecoveryReport
    let log: WriteAheadLog
    private let directory: LogDirectory
    private let line: LifeLine
    private let desk = UpkeepDesk()
    private let findings = Findings()
    private var upkeep: LogUpkeep<LifeSource>

    /// What the upkeep found in files that nobody had damaged.
    private final class Findings {
        var damage: LogDamage?
        var sources: UInt64 = 0
    }

    static let keyCount = 24
    private static let segmentBytes = 4_096

    /// Recovers.
    /// - Parameter now: milliseconds since the story began.
    init(_ storage: SimulatedLogStorage, now: Int64, shards: Int, workers: Int) throws {
        self.storage = storage
        store = Store(MemoryEngineConfiguration(shardCount: shards, seed: 1, isLogged: true))
        store.time.advance(byMilliseconds: now)
        let clock = Clock.manual(store.time)
        directory = try LogDirectory.open(storage)
        (recovered, report) = try LogRecovery(directory, clock: clock).run(
            into: MemoryReplay(into: store.engine, now: clock.wallNow()), workers: workers)
        var configuration = LogConfiguration()
        configuration.segmentBytes = Self.segmentBytes
        configuration.bufferBytesMax = 64 << 10
        configuration.snapshotBytes = 8 * Self.segmentBytes
        configuration.snapshotIntervalMillis = 5_000
        configuration.scrubIntervalMillis = 300
        log = try WriteAheadLog(
            storage, configuration: configuration, after: recovered,
            firstLSN: max(recovered.greatestLSN + 1, clock.wallNow().milliseconds * 1_000), clock: clock)
        store.engine.attach(log)
        line = LifeLine(log)
        let (store, findings) = (store, findings)
        upkeep = LogUpkeep(
            log, directory, after: recovered, desk,
            source: {
                findings.sources += 1
                return LifeSource(store, seed: findings.sources)
            },
            report: { event in
                if case .foundDamage(let damage) = event { findings.damage = damage }
            })
    }

    var loggedLSN: Int64 { log.loggedLSN }
    var syncedLSN: Int64 { log.syncedLSN }

    // MARK: Turns of threads

    /// One turn of somebody.
    func turn(_ history: inout History, _ generator: inout SimulationGenerator, _ trace: inout Trace) throws {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<50:
            try change(&history, &generator, &trace)
        case 50..<65:
            log.commit()
            trace.note(1, log.loggedLSN, log.syncedLSN)
        case 65..<84:
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                _ = upkeep.turn(Clock.manual(store.time).now())
                // So long a snapshot waits for the log, or because of its pace.
                store.time.advance(byMilliseconds: 5)
            }
            trace.note(2, log.syncedLSN)
            if let damage = findings.damage { throw Violation(description: "the scrub took for damage: \(damage)") }
        case 84..<87:
            desk.wantSnapshot()
        case 87..<90:
            line.endTurn()
        case 90..<92:
            store.time.advance(byMilliseconds: .random(in: 1...400, using: &generator))
            store.maintain()
        default:
            try check(Self.key(&generator), history)
        }
        if line.isWoken { line.drain() }
        for (level, mark) in [(LogLevel.logged, log.loggedLSN), (.synced, log.syncedLSN)] {
            if let told = line.told[level], told > mark {
                throw Violation(description: "LSN \(told) was acknowledged before it was \(level)")
            }
        }
    }

    /// The end in good order.
    /// - Returns: whether everything is on disk.
    func close() -> Bool {
        upkeep.abandon()
        return log.close() == nil
    }

    /// Takes a snapshot to its end.
    func takeSnapshot() throws {
        var snapshot = LogSnapshot(log, directory, source: MemorySnapshot(of: store.engine), after: nil)
        while true {
            if case .done = try snapshot.step() { return }
            log.commit()
        }
    }

    /// Snapshots that were taken.
    var snapshots: Int { desk.statistics.snapshots }

    // MARK: Comparing

    /// Compares all that is there with what should be.
    func check(_ history: History) throws {
        for number in 0..<Self.keyCount { try check("key\(number)", history) }
        let expected = history.entries.keys.filter { history.live($0, store.now) != nil }
        let found = try store.scan()
        if Set(found) != Set(expected) {
            throw Violation(description: "there are \(found.sorted()) instead of \(expected.sorted())")
        }
        store.engine._checkInvariants()
    }

    private func check(_ key: String, _ history: History) throws {
        let result = store.get(key)
        let found =
            result.status == .found
            ? History.Entry(value: result.value, version: result.version, expiry: result.expiry) : nil
        let expected = history.live(key, store.now)
        guard found != expected else { return }
        throw Violation(description: "\(key) is \(Self.text(found)) instead of \(Self.text(expected))")
    }

    private static func text(_ entry: History.Entry?) -> String {
        entry.map { "\($0.value.prefix(8)) (\($0.value.count) bytes), version \($0.version), \($0.expiry)" }
            ?? "missing"
    }

    private static func key(_ generator: inout SimulationGenerator) -> String {
        "key\(Int.random(in: 0..<keyCount, using: &generator))"
    }

    // MARK: Changes

    /// A random write. What it did is judged by the LSNs that it took.
    private func change(
        _ history: inout History, _ generator: inout SimulationGenerator, _ trace: inout Trace
    ) throws {
        let before = log.appendedLSN
        let edits = attempt(history, &generator)
        let taken = log.appendedLSN - before
        trace.note(3, before, taken)
        guard taken <= edits.count else { throw Violation(description: "\(taken) changes instead of \(edits.count)") }
        for (index, edits) in edits.prefix(Int(taken)).enumerated() {
            try history.add(before + 1 + Int64(index), edits)
        }
        guard taken > 0, let level = [nil, LogLevel.logged, .synced].randomElement(using: &generator) ?? nil else {
            return
        }
        line.wait(log.appendedLSN, level)
        if Bool.random(using: &generator) { line.endTurn() }
    }

    /// Writes; what is refused is no error.
    /// - Returns: what each LSN that it may have taken stands for.
    private func attempt(
        _ history: History, _ generator: inout SimulationGenerator
    ) -> [[(key: String, edit: History.Edit)]] {
        let key = Self.key(&generator)
        let ttl: Int64? =
            Int.random(in: 0..<4, using: &generator) == 0 ? .random(in: 1...2_000, using: &generator) : nil
        let expiry = ttl.map { store.expiry(in: $0) } ?? .distantFuture
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<45:
            let value = Self.value(&generator)
            let condition = [WriteCondition.always, .ifAbsent, .ifPresent].randomElement(using: &generator) ?? .always
            _ = try? store.put(key, value, ttl: ttl, condition: condition)
            return [[(key, .put(Array(value.utf8), expiry: expiry))]]
        case 45..<60:
            _ = try? store.remove(key)
            return [[(key, .remove)]]
        case 60..<70:
            _ = try? store.touch(key, ttl: ttl)
            return [[(key, .touch(expiry: expiry))]]
        case 70..<80:
            // An entry that is no number stays what it is.
            guard let outcome = try? store.increment(key) else { return [] }
            let expiry = history.live(key, store.now)?.expiry ?? .distantFuture
            return [[(key, .put(Array("\(outcome.value)".utf8), expiry: expiry))]]
        case 80..<86:
            let keys = (0..<3).map { _ in Self.key(&generator) }
            _ = try? store.engine.multiRemove(BinaryList(strings: keys), now: store.now, session: store.session)
            var seen: Set<String> = []
            let present = keys.filter { history.live($0, store.now) != nil && seen.insert($0).inserted }
            return present.map { [($0, .remove)] }
        default:
            let isAtomic = Bool.random(using: &generator)
            let entries = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                (key: Self.key(&generator), value: Self.value(&generator))
            }
            let puts = entries.map {
                EngineEntry(key: ByteBuffer(string: $0.key), value: ByteBuffer(string: $0.value), expiry: expiry)
            }
            _ = try? store.engine.multiPut(puts, atomic: isAtomic, now: store.now, session: store.session)
            let edits = entries.map { (key: $0.key, edit: History.Edit.put(Array($0.value.utf8), expiry: expiry)) }
            return isAtomic ? [edits] : edits.map { [$0] }
        }
    }

    /// Mostly short, now and then longer than a segment, or than what the engine keeps in its own memory.
    private static func value(_ generator: inout SimulationGenerator) -> String {
        let kind = Int.random(in: 0..<100, using: &generator)
        if kind < 10 { return "\(Int.random(in: 0..<1_000, using: &generator))" }
        let longest = kind < 90 ? 300 : kind < 97 ? 5_000 : 20_000
        let letter = ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
        return String(repeating: letter, count: .random(in: 0...longest, using: &generator))
    }
}
