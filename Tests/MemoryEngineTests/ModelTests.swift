//! Random operations against a dictionary: every answer is compared, and the invariants are checked on the way.

import NIOCore
import NeedletailWire
import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

/// What the engine should hold.
private struct Model {
    struct Entry {
        var value: String
        var version: Int64
        var expiry: WallTime
    }

    var entries: [String: Entry] = [:]

    func live(_ key: String, _ now: WallTime) -> Entry? {
        guard let entry = entries[key], entry.expiry > now else { return nil }
        return entry
    }
}

@Suite struct ModelTests {
    @Test(arguments: [(1, MemoryEngineConfiguration.EvictionPolicy.none), (4, .none), (64, .s3fifo)])
    func randomOperationsAnswerLikeADictionary(shards: Int, policy: MemoryEngineConfiguration.EvictionPolicy) throws {
        for seed in 0..<UInt64(Scale.pick(3, full: 50)) {
            var generator = SeededGenerator(seed: seed)
            let store = Store(
                MemoryEngineConfiguration(shardCount: shards, evictionPolicy: policy, seed: generator.next()))
            var model = Model()
            var highestVersion: Int64 = 0
            for step in 0..<Scale.pick(8_000, full: 30_000) {
                // The set of keys grows and shrinks, so that tables do.
                let phase = step / 2_000 % 2
                let key = "key\(Int.random(in: 0..<(phase == 0 ? 1_500 : 200), using: &generator))"
                let removes = phase == 0 ? 5 : 40
                switch Int.random(in: 0..<100, using: &generator) {
                case 0..<removes:
                    let expected = model.live(key, store.now) != nil
                    #expect(try store.remove(key) == expected)
                    model.entries[key] = nil
                case removes..<70:
                    try put(key, store, &model, &highestVersion, &generator)
                case 70..<75:
                    try increment(key, store, &model, &highestVersion, &generator)
                case 75..<80:
                    let ttl: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...2_000, using: &generator)
                    let expected = model.live(key, store.now)
                    #expect(try store.touch(key, ttl: ttl) == (expected != nil))
                    if var entry = expected {
                        entry.expiry = ttl.map { store.expiry(in: $0) } ?? .distantFuture
                        entry.version = store.get(key).version
                        #expect(entry.version > highestVersion)
                        highestVersion = entry.version
                        model.entries[key] = entry
                    }
                case 80..<90:
                    let names = (0..<50).map { _ in "key\(Int.random(in: 0..<1_500, using: &generator))" }
                    for (name, result) in zip(names, store.get(BinaryList(strings: names))) {
                        expect(result, model.live(name, store.now), name)
                    }
                case 90..<98:
                    expect(store.get(key), model.live(key, store.now), key)
                case 98:
                    store.time.advance(byMilliseconds: .random(in: 0...500, using: &generator))
                default:
                    store.maintain()
                }
                if step % 1_000 == 999 {
                    store.engine._checkInvariants()
                    let expected = Set(model.entries.keys.filter { model.live($0, store.now) != nil })
                    let found = try store.scan(limit: .random(in: 1...500, using: &generator))
                    #expect(Set(found) == expected && found.count == expected.count)
                }
            }
        }
    }

    private func expect(_ result: CollectingSink.Result, _ entry: Model.Entry?, _ key: String) {
        #expect(result.status == (entry == nil ? .missing : .found), "\(key)")
        #expect(result.value == Array((entry?.value ?? "").utf8) && result.version == entry?.version ?? 0)
        #expect(result.expiry == entry?.expiry ?? .distantFuture)
    }

    private func put(
        _ key: String, _ store: Store, _ model: inout Model, _ highest: inout Int64,
        _ generator: inout SeededGenerator
    ) throws {
        let current = model.live(key, store.now)
        let condition =
            [WriteCondition.always, .always, .ifAbsent, .ifPresent].randomElement(using: &generator) ?? .always
        let wanted: Int64? = [nil, nil, 0, current?.version].randomElement(using: &generator) ?? nil
        let ttl: Int64? = Bool.random(using: &generator) ? nil : .random(in: 1...2_000, using: &generator)
        let isLarge = Int.random(in: 0..<200, using: &generator) == 0
        let length = Int.random(in: isLarge ? 10_000...40_000 : 0...120, using: &generator)
        let value = String(repeating: "\(Int.random(in: 0...9, using: &generator))", count: length)
        let outcome = try store.put(key, value, ttl: ttl, condition: condition, ifVersion: wanted, previous: true)
        let allowed =
            (condition == .always || (condition == .ifAbsent) == (current == nil))
            && (wanted == nil || wanted == current?.version ?? 0)
        #expect(outcome.applied == allowed)
        #expect(outcome.previous.map { String(buffer: $0) } == current?.value)
        guard allowed else {
            #expect(outcome.version == current?.version)
            return
        }
        let version = try #require(outcome.version)
        #expect(version > highest)
        highest = version
        model.entries[key] = Model.Entry(
            value: value, version: version, expiry: ttl.map { store.expiry(in: $0) } ?? .distantFuture)
    }

    private func increment(
        _ key: String, _ store: Store, _ model: inout Model, _ highest: inout Int64,
        _ generator: inout SeededGenerator
    ) throws {
        let current = model.live(key, store.now)
        let delta = Int64.random(in: -5...5, using: &generator)
        let base = current.map { entry in Int64(entry.value).flatMap { String($0) == entry.value ? $0 : nil } } ?? 100
        let sum = base.map { $0.addingReportingOverflow(delta) }
        guard let sum, !sum.overflow else {
            #expect(throws: EngineError.self) { try store.increment(key, by: delta, initial: 100) }
            return
        }
        let outcome = try store.increment(key, by: delta, initial: 100)
        let version = try #require(outcome.version)
        #expect(outcome.value == sum.partialValue && version > highest)
        highest = version
        model.entries[key] = Model.Entry(
            value: String(sum.partialValue), version: version, expiry: current?.expiry ?? .distantFuture)
    }
}
