//! A writer of a stress run: some keys that nobody else writes, and a dictionary of what they must hold.
//!
//! Every answer is compared with the dictionary. Two things are not the owner's to know: the clock moves while it works,
//! so that an entry whose time ends between the moment it asked and the moment it was answered may be there or not; and
//! an engine that evicts may have evicted. The answer settles both.

import NIOCore
import NeedletailWire
import StorageEngine
import Timing

@testable import MemoryEngine

/// One thread's keys. Used by one thread at a time.
final class KeyOwner: @unchecked Sendable {
    struct Entry {
        var stamp: Int
        var length: Int
        var version: Int64
        var expiry: WallTime
    }

    let run: StressRun
    private let index: Int
    private let session: MemorySession
    private(set) var model: [Int: Entry] = [:]
    private var generator: SeededGenerator
    /// The newest version that this owner was told of; each later one is greater.
    private var newest: Int64 = 0
    /// Numbers the owner's writes.
    private var turn = 0
    private(set) var refusedWrites = 0

    init(_ index: Int, of run: StressRun) {
        self.run = run
        self.index = index
        session = run.engine.makeSession()
        generator = SeededGenerator(seed: run.seed &* 31 &+ UInt64(index))
    }

    /// The owner's keys.
    var numbers: [Int] { Array(stride(from: index, to: StressRun.keyCount, by: StressRun.writers)) }

    private func random(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    private func chance(_ percent: Int) -> Bool { random(1...100) <= percent }

    /// One of the owner's keys; while the store shrinks, from a tenth of them.
    private func pick(shrinks: Bool) -> Int {
        let count = StressRun.keyCount / StressRun.writers / (shrinks && chance(80) ? 10 : 1)
        return random(0...count - 1) * StressRun.writers + index
    }

    // MARK: Steps

    /// Writes the permanent keys.
    func begin() {
        for number in numbers where number < StressRun.permanentKeys { put(number, PutOptions()) }
    }

    func step(shrinks: Bool) {
        let number = pick(shrinks: shrinks)
        switch random(1...100) {
        case 1...4: putMany(shrinks: shrinks, atomic: true)
        case 5...6: putMany(shrinks: shrinks, atomic: false)
        case 7...10: removeMany(count: shrinks ? 30 : 3)
        case 11...25: read((0..<random(1...40)).map { _ in pick(shrinks: false) })
        case 26...30: read([number])
        case 31...(shrinks ? 60 : 40): remove(number)
        case 61...66: touch(number)
        default: write(number)
        }
        if chance(2) { run.time.advance(byMilliseconds: Int64(random(0...30))) }
    }

    private func write(_ number: Int) {
        if number >= StressRun.firstCounter { return increment(number) }
        var options = PutOptions(expiry: expiry(number), returnPrevious: true)
        if number >= StressRun.permanentKeys || chance(50) {
            options.condition = [.always, .always, .ifAbsent, .ifPresent][random(0...3)]
            options.ifVersion = [nil, nil, nil, 0, model[number]?.version, 1][random(0...5)]
        }
        put(number, options)
    }

    /// No expiry for a permanent key; else none, a near or a far one.
    private func expiry(_ number: Int) -> WallTime {
        guard number >= StressRun.permanentKeys, chance(50) else { return .distantFuture }
        return run.now.advanced(byMilliseconds: Int64(chance(80) ? random(1...300) : random(1...100_000)))
    }

    private func newValue(_ number: Int) -> (bytes: ByteBuffer, stamp: Int, length: Int) {
        turn += 1
        let extra = chance(99) ? random(0...250) : random(2_000...40_000)
        let length = StressRun.valueBytesMin + extra
        return (StressRun.value(number, stamp: turn, length: length), turn, length)
    }

    // MARK: What must hold

    /// Settles whether the key was there when the engine was asked, not before `asked`.
    private func settle(_ number: Int, found: Bool, asked: WallTime) {
        guard let entry = model[number] else {
            return run.check(!found, "key \(number) is there, and was removed or has expired")
        }
        if found {
            run.check(entry.expiry > asked, "key \(number) is there after its expiry")
        } else {
            run.check(
                run.evicts || entry.expiry <= run.now,
                "key \(number) of version \(entry.version) is missing")
            model[number] = nil
        }
    }

    private func expect(newer version: Int64?, _ number: Int) -> Int64 {
        guard let version, version > newest else {
            fatalError("stress, seed \(run.seed): key \(number) got version \(version ?? 0) after \(newest)")
        }
        newest = version
        return version
    }

    /// Withdraws what is known of a key, runs `body`, and claims what is known then. A write that finds no memory must
    /// have changed nothing.
    private func writing(_ numbers: [Int], _ body: () throws(EngineError) -> Void) {
        turn += 1
        for number in numbers { run.board.withdraw(number) }
        do {
            try body()
        } catch .outOfMemory {
            run.check(run.engine.shared.account.limitBytes > 0, "out of memory without a limit")
            refusedWrites += 1
        } catch {
            fatalError("stress, seed \(run.seed): \(error)")
        }
        for number in numbers {
            let entry = model[number]
            let claim: Board.Claim =
                switch entry?.expiry {
                case nil: .missing(turn: turn)
                case WallTime.distantFuture?: .live(entry?.version ?? 0)
                default: .none
                }
            run.board.make(claim, number, floor: entry?.version)
        }
    }

    // MARK: Writes of one key

    private func put(_ number: Int, _ options: PutOptions) {
        let (bytes, stamp, length) = newValue(number)
        let now = run.now
        let key = run.keys[number]
        writing([number]) { () throws(EngineError) in
            let outcome = try run.engine.put(
                key.readableBytesSpan, value: bytes.readableBytesSpan, options: options, now: now, session: session)
            if options.returnPrevious {
                settle(number, found: outcome.previous != nil, asked: now)
                let before = model[number].map { StressRun.value(number, stamp: $0.stamp, length: $0.length) }
                run.check(outcome.previous == before, "key \(number) had another value than \(model[number] as Any)")
                run.check(
                    outcome.applied == allows(options, model[number]?.version),
                    "key \(number): applied is \(outcome.applied), of \(model[number] as Any) with \(options)")
            }
            guard outcome.applied else {
                return run.check(outcome.version == model[number]?.version, "key \(number) has another version")
            }
            let version = expect(newer: outcome.version, number)
            model[number] = Entry(stamp: stamp, length: length, version: version, expiry: options.expiry)
        }
    }

    private func allows(_ options: PutOptions, _ version: Int64?) -> Bool {
        (options.condition == .always || (options.condition == .ifAbsent) == (version == nil))
            && (options.ifVersion == nil || options.ifVersion == version ?? 0)
    }

    private func increment(_ number: Int) {
        let now = run.now
        let delta = StressRun.keyCount * random(-5...5)
        let expiry = chance(70) ? nil : expiry(number)
        let key = run.keys[number]
        writing([number]) { () throws(EngineError) in
            // No other count of this key is near.
            let initial = number + StressRun.keyCount * 1_000_000 * turn
            let outcome = try run.engine.increment(
                key.readableBytesSpan, by: Int64(delta), initial: Int64(initial), expiry: expiry, now: now,
                session: session)
            let isNew = Int(outcome.value) == initial + delta
            settle(number, found: !isNew, asked: now)
            run.check(
                isNew || Int(outcome.value) == model[number].map { $0.stamp + delta },
                "counter \(number) is \(outcome.value), was \(model[number] as Any) and grew by \(delta)")
            model[number] = Entry(
                stamp: Int(outcome.value), length: 0, version: expect(newer: outcome.version, number),
                expiry: expiry ?? model[number]?.expiry ?? .distantFuture)
        }
    }

    private func touch(_ number: Int) {
        let now = run.now
        let expiry = expiry(number)
        let key = run.keys[number]
        writing([number]) { () throws(EngineError) in
            let found = try run.engine.touch(
                key.readableBytesSpan, expiry: expiry, now: now, session: session)
            settle(number, found: found, asked: now)
            guard found else { return }
            model[number]?.expiry = expiry
            readNewVersions([number])
        }
    }

    private func remove(_ number: Int) {
        guard number >= StressRun.permanentKeys else { return read([number]) }
        let now = run.now
        let version = chance(80) ? nil : [0, 1, model[number]?.version ?? 1][random(0...2)]
        let key = run.keys[number]
        writing([number]) { () throws(EngineError) in
            let removed =
                try run.engine.remove(key.readableBytesSpan, ifVersion: version, now: now, session: session).removed > 0
            if version == nil || version == model[number]?.version {
                settle(number, found: removed, asked: now)
                model[number] = nil
            } else {
                run.check(!removed, "key \(number) was removed at another version")
            }
        }
    }

    // MARK: Writes of many keys

    private func putMany(shrinks: Bool, atomic: Bool) {
        let numbers = (0..<random(1...12)).map { _ in pick(shrinks: shrinks) }.filter { $0 < StressRun.firstCounter }
        var written: [(number: Int, entry: Entry)] = []
        let entries = numbers.map { number in
            let (bytes, stamp, length) = newValue(number)
            let expiry = expiry(number)
            written.append((number, Entry(stamp: stamp, length: length, version: 0, expiry: expiry)))
            return EngineEntry(key: run.keys[number], value: bytes, expiry: expiry)
        }
        let now = run.now
        writing(numbers) { () throws(EngineError) in
            let statuses = try run.engine.multiPut(entries, atomic: atomic, now: now, session: session)
            run.check(statuses.count == entries.count, "statuses are missing")
            var stored: Set<Int> = []
            for ((number, entry), status) in zip(written, statuses) {
                run.check(status == .stored || (status == .failed && !atomic), "key \(number) is \(status)")
                if status == .stored {
                    model[number] = entry
                    stored.insert(number)
                }
            }
            let versions = readNewVersions(stored.sorted())
            run.check(!atomic || versions.count <= 1, "an atomic batch has the versions \(versions)")
        }
    }

    private func removeMany(count: Int) {
        let numbers = Set((0..<count).map { _ in pick(shrinks: false) }.filter { $0 >= StressRun.permanentKeys })
        remove(numbers.sorted())
    }

    private func remove(_ numbers: [Int]) {
        let now = run.now
        writing(numbers) { () throws(EngineError) in
            let removed = try run.engine.multiRemove(
                BinaryList(numbers.map { run.keys[$0] }), now: now, session: session
            ).removed
            let entries = numbers.compactMap { model[$0] }
            let later = run.now
            let certain = run.evicts ? 0 : entries.count { $0.expiry > later }
            let possible = entries.count { $0.expiry > now }
            run.check((certain...possible).contains(removed), "removed \(removed) of \(certain) to \(possible)")
            for number in numbers { model[number] = nil }
        }
    }

    /// Removes everything, permanent keys included.
    func end() { remove(numbers) }

    // MARK: Reads

    /// Reads own keys: every answer is known.
    func read(_ numbers: [Int]) {
        look(numbers) { number, found in
            run.check(found.version == model[number]?.version, "key \(number) has another version")
        }
    }

    /// Takes over the versions that a write gave `numbers` without telling; returns them.
    @discardableResult
    private func readNewVersions(_ numbers: [Int]) -> Set<Int64> {
        var versions: Set<Int64> = []
        let before = newest
        look(numbers) { number, found in
            run.check(found.version > before, "key \(number) kept an old version")
            model[number]?.version = found.version
            newest = max(newest, found.version)
            versions.insert(found.version)
        }
        return versions
    }

    private func look(_ numbers: [Int], _ found: (Int, ReadItem) -> Void) {
        let now = run.now
        var next = 0
        run.engine.read(BinaryList(numbers.map { run.keys[$0] }), now: now, session: session) { batch in
            for index in 0..<batch.count {
                let item = batch[index]
                let number = numbers[next]
                next += 1
                settle(number, found: item.status == .found, asked: now)
                guard item.status == .found, let entry = model[number] else { continue }
                run.check(run.stamp(of: item, number) == entry.stamp, "key \(number) has an older value")
                run.check(item.expiry == entry.expiry, "key \(number) has another expiry")
                found(number, item)
            }
        }
        run.check(next == numbers.count, "answers are missing")
    }
}
