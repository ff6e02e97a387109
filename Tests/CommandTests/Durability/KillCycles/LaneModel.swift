//! What a client knows of the keys that only it writes, and what may be there after a kill.
//!
//! The client makes one call after the other, and there is one log: what a kill leaves of its calls is a *prefix* of them,
//! so the keys must be, all together, as they were after some call. That call is not in front of the last one whose
//! answer promises that it survives; what came after it (written with MEMORY, or never answered) may be lost, from the
//! end. So the model keeps the states since that call, and one of them has to explain all that is read after the kill: no
//! acknowledged write is lost, no removal undone, no batch torn, no write kept whose predecessor is gone.
//!
//! Versions: an answer tells that of a put and of an increment, a later read those of the others. They grow from call to
//! call, and keys that were written by one call have one.
//!
//! Time: all that is known is when a call was made and when its answer was there (`CallTime`). An entry whose expiry lies
//! between may be there or not; else it must, or must not.

/// Between which times of the server's clock, in milliseconds since 1970, a call was executed.
typealias CallTime = ClosedRange<Int64>

/// Answers that cannot all be true of one store.
struct Contradiction: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct LaneModel: Sendable {
    struct Entry: Hashable, Sendable {
        var value: String
        /// The number of the call that gave it its version.
        var writer: Int
        /// The largest version that was known when that call was made: its own is larger.
        var versionBound: Int64
        /// When it expires; nil: never.
        var expiry: CallTime?
    }

    /// What the keys hold that are there.
    typealias State = [String: Entry]

    /// The state after a call.
    struct Step: Sendable {
        var state: State
        let call: Int
        /// A kill leaves all of the call or nothing; else what it does to each key by itself.
        let isAtomic: Bool
    }

    /// The first one survives any kill; an answered call each.
    var steps = [Step(state: [:], call: 0, isAtomic: true)]
    /// What the call that was not answered would have done.
    var unanswered: Step?
    /// The versions that calls gave, by their numbers, as far as an answer told.
    var versions: [Int: Int64] = [:]
    /// Every further write has a larger version.
    private(set) var versionMax: Int64 = 0
    var callCount = 0

    var state: State { steps[steps.count - 1].state }

    /// The version of what `key` holds, if the key is there and its version was told.
    func version(of key: String) -> Int64? { state[key].flatMap { versions[$0.writer] } }

    // MARK: Calls

    /// - Throws: `Contradiction` if the answer cannot be.
    mutating func note(
        _ call: StoreCall, _ answer: StoreAnswer, survives: Bool, at time: CallTime
    ) throws(Contradiction) {
        guard try allows(call, answer, at: time) else {
            throw Contradiction("\(call) at \(time) was answered with \(answer); the keys held \(describe(state))")
        }
        guard answer.tellsOfAChange else { return }
        callCount += 1
        let step = step(call, callCount, at: time)
        if case .written(_, let version) = answer {
            guard version > versionMax else {
                throw Contradiction("\(call) gave version \(version), but there was \(versionMax)")
            }
            learn(version, of: callCount)
        }
        steps = survives ? [step] : steps + [step]
    }

    /// The call may have been executed, or not; until the store was started again, no further one is to be made.
    mutating func noteUnanswered(_ call: StoreCall, at time: CallTime) {
        callCount += 1
        unanswered = call.isRead ? nil : step(call, callCount, at: time)
    }

    /// The store was stopped in order: nothing that was answered may be lost.
    mutating func noteStop() { steps = [steps[steps.count - 1]] }

    /// Versions up to this one were given, to whomever.
    mutating func raise(versionMax other: Int64) { versionMax = max(versionMax, other) }

    mutating func learn(_ version: Int64, of call: Int) {
        versions[call] = version
        raise(versionMax: version)
    }

    /// What `call` does if it is executed now.
    private func step(_ call: StoreCall, _ number: Int, at time: CallTime) -> Step {
        var state = state
        func entry(_ value: String, _ ttlMillis: Int64? = nil) -> Entry {
            Entry(
                value: value, writer: number, versionBound: versionMax,
                expiry: ttlMillis.map { time.lowerBound + $0...time.upperBound + $0 })
        }
        var isAtomic = true
        switch call {
        case .get: break
        case .put(let key, let value, let ttlMillis, _): state[key] = entry(value, ttlMillis)
        case .remove(let key): state[key] = nil
        case .increment(let key, let delta):
            let expiry = state[key]?.expiry
            state[key] = entry(sum(key, delta))
            state[key]?.expiry = expiry
        case .touch(let key, let ttlMillis): state[key] = state[key].map { entry($0.value, ttlMillis) }
        case .putTogether(let keys, let value): for key in keys { state[key] = entry(value) }
        case .multiRemove(let keys):
            for key in keys { state[key] = nil }
            isAtomic = false
        }
        return Step(state: state, call: number, isAtomic: isAtomic)
    }

    private func sum(_ key: String, _ delta: Int64) -> String {
        "\((state[key].flatMap { Int64($0.value) } ?? 0) + delta)"
    }

    // MARK: Answers

    /// Whether the answer can be. What it tells of the state is known since.
    private mutating func allows(
        _ call: StoreCall, _ answer: StoreAnswer, at time: CallTime
    ) throws(Contradiction) -> Bool {
        switch (call, answer) {
        case (.get(let key), .read(let read)): return sees(key, read, at: time)
        case (.put(let key, let value, _, let condition), .written(let stored, _)):
            guard value == stored else { return false }
            return switch condition {
            case .always: true
            case .ifAbsent, .ifVersion(0): mayBeMissing(key, at: time)
            case .ifVersion(let version): holds(key, version, at: time)
            }
        case (.put(let key, _, _, let condition), .notApplied(let version)):
            if condition == .always || condition == version.map({ .ifVersion($0) }) { return false }
            if let version { return holds(key, version, at: time) }
            return condition != .ifAbsent && condition != .ifVersion(0) && sees(key, nil, at: time)
        case (.increment(let key, let delta), .written(let stored, _)): return stored == sum(key, delta)
        case (.remove(let key), .done(let wasThere)), (.touch(let key, _), .done(let wasThere)):
            return wasThere ? mayBeThere(key, at: time) : sees(key, nil, at: time)
        case (.putTogether, .storedTogether): return true
        case (.multiRemove(let keys), .removed(let count)):
            let most = keys.count { mayBeThere($0, at: time) }
            let least = keys.count { !mayBeMissing($0, at: time) }
            return (least...most).contains(count)
        default: throw Contradiction("\(call) was answered with \(answer)")
        }
    }

    private func mayBeThere(_ key: String, at time: CallTime) -> Bool { state[key]?.mayBeThere(at: time) ?? false }

    private func mayBeMissing(_ key: String, at time: CallTime) -> Bool {
        state[key]?.mayBeGone(at: time) ?? true
    }

    private mutating func holds(_ key: String, _ version: Int64, at time: CallTime) -> Bool {
        guard let entry = state[key], entry.mayBeThere(at: time), has(entry, version) else { return false }
        learn(version, of: entry.writer)
        return true
    }

    private mutating func sees(_ key: String, _ read: StoredEntry?, at time: CallTime) -> Bool {
        guard explains(state[key], read, at: time) else { return false }
        if let read, let entry = state[key] {
            learn(read.version, of: entry.writer)
        } else {
            // What has expired once does not come back.
            steps[steps.count - 1].state[key] = nil
        }
        return true
    }

    /// Whether `entry` may have this version.
    private func has(_ entry: Entry, _ version: Int64) -> Bool {
        versions[entry.writer].map { $0 == version } ?? (version > entry.versionBound)
    }

    /// Whether a key that holds `entry`, or nothing, can be read so.
    func explains(_ entry: Entry?, _ read: StoredEntry?, at time: CallTime) -> Bool {
        guard let entry else { return read == nil }
        guard let read else { return entry.mayBeGone(at: time) }
        return entry.mayBeThere(at: time) && entry.value == read.value && has(entry, read.version)
            && entry.mayHave(ttlMillis: read.ttlMillis, at: time)
    }

    func describe(_ state: State) -> String {
        state.sorted { $0.key < $1.key }.map { "\($0.key): \(describe($0.value))" }.joined(separator: "; ")
    }

    func describe(_ entry: Entry?) -> String {
        guard let entry else { return "missing" }
        let version = versions[entry.writer].map { "\($0)" } ?? "above \(entry.versionBound)"
        let expiry = entry.expiry.map { "expires at \($0)" } ?? "stays"
        return "\(entry.value.shortened), version \(version), \(expiry)"
    }
}

extension LaneModel.Entry {
    func mayBeThere(at time: CallTime) -> Bool { expiry.map { time.lowerBound < $0.upperBound } ?? true }

    func mayBeGone(at time: CallTime) -> Bool { expiry.map { time.upperBound >= $0.lowerBound } ?? false }

    func mayHave(ttlMillis: Int64?, at time: CallTime) -> Bool {
        guard let expiry, let ttlMillis else { return self.expiry == nil && ttlMillis == nil }
        return (expiry.lowerBound - time.upperBound...expiry.upperBound - time.lowerBound).contains(ttlMillis)
    }
}
