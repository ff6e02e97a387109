//! Draws the calls of a soak. Half of the draws go to an eighth of the entries, so that calls meet at the same keys, and
//! eviction has something to tell apart.

internal import NeedletailRPC

struct SoakMix: Sendable {
    private static let hotShare: UInt64 = 8
    /// Draws before a call is made another one, because all drawn entries are being written.
    private static let drawsMax = 8

    private(set) var random: WyRand
    private let entryCount: UInt64

    init(entries: Int, seed: UInt64) {
        random = WyRand(seed: seed)
        entryCount = UInt64(entries)
    }

    /// Uniform in `range`.
    mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func wire() -> RPCWire {
        switch draw(0...2) {
        case 0: RPCWire(.messagePack)
        case 1: RPCWire(.thriftBinary, .framed)
        default: RPCWire(.thriftCompact, .framed)
        }
    }

    mutating func ending() -> SoakEnding {
        // Half of them in order.
        draw(0...1) == 0 ? .orderly : [.inRequest, .inAnswer, .unanswered][draw(0...2)]
    }

    private mutating func entry() -> UInt32 {
        let isHot = draw(0...1) == 0
        let count = isHot ? max(entryCount / Self.hotShare, 1) : entryCount
        return UInt32(UInt64.random(in: 0..<count, using: &random))
    }

    private mutating func blob(_ content: SoakContent) -> UInt32 {
        let entry = entry()
        return content.isCounter(entry) ? entry - 1 : entry
    }

    private mutating func counter(_ content: SoakContent) -> UInt32 { content.counter(near: entry()) }

    /// An entry that may be written; nil: none of those drawn.
    private mutating func writable(_ model: SoakModel, _ draw: (inout SoakMix) -> UInt32) -> UInt32? {
        for _ in 0..<Self.drawsMax {
            let entry = draw(&self)
            if model.mayWrite(entry) { return entry }
        }
        return nil
    }

    /// The next call of the mix, begun in the model.
    mutating func next(_ model: inout SoakModel, at now: SoakTime) -> SoakCall {
        if let entry = model.nextDoubtful(at: now) { return .get(model.beginRead(entry, at: now)) }
        var left = draw(0...99)
        let operation =
            SoakPlan.mix.first { share in
                left -= share.share
                return left < 0
            }?.operation ?? .get
        return next(operation, &model, at: now) ?? .get(model.beginRead(entry(), at: now))
    }

    /// A write, for who wants to break it off.
    mutating func nextPut(_ model: inout SoakModel, at now: SoakTime) -> SoakCall? { next(.put, &model, at: now) }

    mutating func nextMultiGet(keys: Int, _ model: inout SoakModel, at now: SoakTime) -> SoakCall {
        let starts = (0..<keys).map { _ in model.beginRead(entry(), at: now) }
        return .multiGet(starts, withVersions: draw(0...1) == 0)
    }

    /// nil where no entry was found that may be written now.
    private mutating func next(
        _ operation: SoakOperation, _ model: inout SoakModel, at now: SoakTime
    ) -> SoakCall? {
        let content = model.content
        switch operation {
        case .get: return .get(model.beginRead(entry(), at: now))
        case .multiGet: return nextMultiGet(keys: SoakPlan.keysPerCall, &model, at: now)
        case .put, .expiringPut, .conditionalPut:
            guard let entry = writable(model, { $0.blob(content) }) else { return nil }
            let condition = operation == .conditionalPut ? condition(model.version(of: entry)) : .none
            let ttlMillis =
                operation == .expiringPut ? Int64.random(in: SoakPlan.ttlMillis, using: &random) : nil
            let write = model.beginWrite(
                entry, .store(ttlNanoseconds: ttlMillis.map { $0 * 1_000_000 }), at: now)
            return .put(write, ttlMillis: ttlMillis, condition)
        case .remove:
            guard let entry = writable(model, { $0.entry() }) else { return nil }
            return .remove(model.beginWrite(entry, .remove, at: now))
        case .increment:
            guard let entry = writable(model, { $0.counter(content) }) else { return nil }
            let from = model.settled(entry)
            return .increment(model.beginWrite(entry, .store(ttlNanoseconds: nil), at: now), from: from)
        }
    }

    private mutating func condition(_ version: Int64?) -> SoakCondition {
        guard let version else { return .ifAbsent }
        return switch draw(0...2) {
        case 0: .ifAbsent
        case 1: .ifVersion(version)
        default: .ifOldVersion(version - 1)
        }
    }

    /// The write that stores entry `entry` before the run.
    func filling(_ entry: UInt32, _ model: inout SoakModel, at now: SoakTime) -> SoakCall {
        let write = model.beginWrite(entry, .store(ttlNanoseconds: nil), at: now)
        return model.content.isCounter(entry) ? .increment(write, from: 0) : .put(write, ttlMillis: nil, .none)
    }
}
