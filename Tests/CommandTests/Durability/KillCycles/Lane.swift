//! A client of kill cycles. It makes one call after the other, at random: mostly on keys of its own, of which its model
//! knows what they hold; now and then on keys that all clients share.

internal import StorageAPI

struct Lane: Sendable {
    private static let valueLengthMax = 70_000

    let number: Int
    var model = LaneModel()
    /// Calls on shared keys since the store was started.
    var sharedCalls: [(call: StoreCall, answer: StoreAnswer?, survives: Bool)] = []
    /// Answers since the store was started.
    var answerCount = 0
    private var generator: SeededGenerator
    private var valueCount = 0
    /// The last versions that were read of shared keys: within a run they grow.
    private var sharedVersions: [String: Int64] = [:]

    /// What writes ask for; nil: what the store was started with.
    private let levels: [Durability?]
    /// What the store was started with.
    private let configuredLevel: Durability
    private let plainKeys: [String]
    private let expiringKeys: [String]
    private let counters: [String]
    var keys: [String] { plainKeys + expiringKeys + counters }

    init(number: Int, _ shape: KillCycleShape, generator: SeededGenerator) {
        levels = shape.levels[number % shape.levels.count]
        configuredLevel = shape.configuredLevel
        self.number = number
        self.generator = generator
        plainKeys = (0..<4).map { "lane/\(number)/plain/\($0)" }
        expiringKeys = (0..<3).map { "lane/\(number)/expiring/\($0)" }
        counters = (0..<2).map { "lane/\(number)/counter/\($0)" }
    }

    // MARK: Calls

    /// Calls until the store ends.
    /// - Throws: `Contradiction` if an answer cannot be, or a store that nobody ended leaves a call without one.
    mutating func call(_ store: some KillableStore, _ board: CycleBoard) async throws {
        answerCount = 0
        sharedCalls = []
        sharedVersions = [:]
        while true {
            let call = anyCall()
            let asked = levels.randomElement(using: &generator) ?? nil
            let start = store.now
            let outcome = await store.perform(call, asked, lane: number)
            let time = start - store.clockLagMax...max(start, store.now)
            switch outcome {
            case .answered(let answer, let reached):
                try note(call, answer, asked, reached, at: time)
                answerCount += 1
                try await board.noteAnswer(of: store)
            case .unanswered(let reason), .refused(let reason):
                guard board.isEnding else { throw Contradiction("\(call) of a store that runs: \(reason)") }
                guard case .unanswered = outcome else { return }
                if isShared(call) {
                    sharedCalls.append((call, nil, false))
                } else {
                    model.noteUnanswered(call, at: time)
                }
                return
            }
        }
    }

    private mutating func note(
        _ call: StoreCall, _ answer: StoreAnswer, _ asked: Durability?, _ reached: Durability?, at time: CallTime
    ) throws(Contradiction) {
        if answer.tellsOfAChange {
            guard let reached, reached.rawValue >= (asked ?? configuredLevel).rawValue else {
                throw Contradiction(
                    "\(call) asked for \(asked ?? configuredLevel) and got \(reached.map { "\($0)" } ?? "nothing")")
            }
        }
        let survives = reached?.survivesKill ?? false
        guard isShared(call) else { return try model.note(call, answer, survives: survives, at: time) }
        sharedCalls.append((call, answer, survives))
        let version: Int64? =
            switch answer {
            case .read(let entry): entry?.version ?? 0
            case .written(_, let version): version
            case .notApplied(let version): version ?? 0
            default: nil
            }
        guard let key = call.keys.first, let version else { return }
        guard version >= sharedVersions[key] ?? 0 else {
            throw Contradiction("\(key) went back from version \(sharedVersions[key] ?? 0) to \(version)")
        }
        sharedVersions[key] = version
        model.raise(versionMax: version)
    }

    private func isShared(_ call: StoreCall) -> Bool { call.keys.contains { SharedKey.names.contains($0) } }

    // MARK: Which

    private mutating func anyCall() -> StoreCall {
        let key = any(plainKeys)
        return switch Int.random(in: 0..<100, using: &generator) {
        case 0..<18: .put(key, value: newValue())
        case 18..<30: .get(any(keys))
        case 30..<42: .put(any(expiringKeys), value: newValue(), ttlMillis: anyTTL())
        case 42..<48: .touch(any(expiringKeys), ttlMillis: anyTTL())
        case 48..<50: .touch(any(counters), ttlMillis: generator.chance(50) ? anyLongTTL() : nil)
        case 50..<58: .remove(any(keys))
        case 58..<68: .increment(any(counters), by: .random(in: -3...3, using: &generator))
        case 68..<76: .put(key, value: newValue(), .ifVersion(anyVersion(of: key)))
        case 76..<80: .put(key, value: newValue(), .ifAbsent)
        case 80..<88: .putTogether(some(plainKeys + expiringKeys), value: newValue())
        case 88..<92: .multiRemove(some(keys))
        default: anySharedCall()
        }
    }

    private mutating func anySharedCall() -> StoreCall {
        let key = any(SharedKey.names)
        if generator.chance(25) { return .get(key) }
        if SharedKey.isCounter(key) { return .increment(key, by: 1) }
        return .put(
            key, value: newValue(), generator.chance(50) ? .ifVersion(sharedVersions[key] ?? 0) : .always)
    }

    /// A value that is put once only; some are long, so that segments fill, and that such are kept apart from keys.
    private mutating func newValue() -> String {
        valueCount += 1
        let length =
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<75: 0
            case 75..<95: Int.random(in: 0...4_000, using: &generator)
            default: Int.random(in: 4_000...Self.valueLengthMax, using: &generator)
            }
        return "\(number)-\(valueCount)" + String(repeating: ".", count: length)
    }

    /// Ends within a cycle, or after all of them; or never.
    private mutating func anyTTL() -> Int64? {
        let short = Int64.random(in: 1...500, using: &generator)
        return [short, anyLongTTL(), nil].randomElement(using: &generator) ?? nil
    }

    private mutating func anyLongTTL() -> Int64 { .random(in: 3_600_000...36_000_000, using: &generator) }

    /// Mostly the right one.
    private mutating func anyVersion(of key: String) -> Int64 {
        (model.version(of: key) ?? 0) + (generator.chance(25) ? 1 : 0)
    }

    private mutating func any(_ keys: [String]) -> String { keys[Int.random(in: keys.indices, using: &generator)] }

    private mutating func some(_ keys: [String]) -> [String] {
        Array(keys.shuffled(using: &generator).prefix(.random(in: 2...5, using: &generator)))
    }
}

extension StoreCall {
    var keys: [String] {
        switch self {
        case .get(let key), .put(let key, _, _, _), .remove(let key), .increment(let key, _), .touch(let key, _): [key]
        case .putTogether(let keys, _), .multiRemove(let keys): keys
        }
    }
}
