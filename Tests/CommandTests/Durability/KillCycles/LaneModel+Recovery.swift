//! What a client finds after a kill, held against what it knows.

/// What a key was read as after the store was started again.
struct Observation: Sendable {
    let entry: StoredEntry?
    let time: CallTime
}

extension Observation: CustomStringConvertible {
    var description: String {
        "\(entry.map { "\($0)" } ?? "missing") at \(time)"
    }
}

/// What a kill has left of a log, seen from some of its writes.
struct LogEnd: Sendable {
    /// The largest version of a write that is there.
    var survived: Int64 = 0
    /// The smallest version of a write that was answered and is lost.
    var lost: Int64 = .max
    /// How many answered writes were lost.
    var lostCount = 0

    /// The same log, seen from more of its writes.
    /// - Throws: `Contradiction` if it has a hole.
    mutating func join(_ other: LogEnd) throws(Contradiction) {
        survived = max(survived, other.survived)
        lost = min(lost, other.lost)
        lostCount += other.lostCount
        guard survived < lost else {
            throw Contradiction("the log has a hole: version \(lost) is lost, version \(survived) is there")
        }
    }
}

extension LaneModel {
    /// Goes on from what was read of all keys after a kill.
    /// - Throws: `Contradiction` if no state that may be there explains it.
    mutating func recover(_ observed: [String: Observation]) throws(Contradiction) -> LogEnd {
        let candidates = steps + (unanswered.map { [$0] } ?? [])
        // Indices of states that explain it; of a call that is not atomic a part may be there.
        let matches = candidates.indices.filter { index in
            explain(observed) { [candidates[index].state[$0]] }
                || index > 0 && !candidates[index].isAtomic
                    && explain(observed) { [candidates[index].state[$0], candidates[index - 1].state[$0]] }
        }
        guard let first = matches.first, let last = matches.last else {
            throw Contradiction(candidates.map { describe(observed, against: $0) }.joined(separator: "\n"))
        }
        var end = LogEnd()
        end.survived = max(
            observed.values.compactMap(\.entry?.version).max() ?? 0,
            candidates[...first].compactMap { versions[$0.call] }.max() ?? 0)
        let lost = steps.dropFirst(last + 1)
        end.lost = lost.compactMap { versions[$0.call] }.min() ?? .max
        end.lostCount = lost.count
        begin(from: candidates[last].state, or: candidates[max(0, last - 1)].state, observed)
        return end
    }

    /// What a step does not explain; keys of one batch may differ in nothing but their versions.
    private func describe(_ observed: [String: Observation], against step: Step) -> String {
        let strange = observed.filter { key, seen in !explains(step.state[key], seen.entry, at: seen.time) }
        let lines = strange.sorted { $0.key < $1.key }.map { key, seen in
            "  \(key) is \(seen), not \(describe(step.state[key]))"
        }
        return (["if call \(step.call) of \(callCount) is the last one that is there:"] + lines).joined(separator: "\n")
    }

    private func explain(_ observed: [String: Observation], _ entries: (String) -> [Entry?]) -> Bool {
        /// The versions of calls whose version is not known: one for each.
        var told: [Int: Int64] = [:]
        return observed.allSatisfy { key, seen in
            entries(key).contains { entry in
                guard explains(entry, seen.entry, at: seen.time) else { return false }
                guard let entry, let version = seen.entry?.version else { return true }
                let known = told[entry.writer] ?? version
                told[entry.writer] = known
                return known == version
            }
        }
    }

    /// What was read is what any further kill must leave.
    private mutating func begin(from state: State, or other: State, _ observed: [String: Observation]) {
        var next: State = [:]
        var told: [Int: Int64] = [:]
        for (key, seen) in observed {
            guard let read = seen.entry else { continue }
            let entry = [state[key], other[key]].first { explains($0, read, at: seen.time) } ?? nil
            callCount += 1
            told[callCount] = read.version
            next[key] = Entry(
                value: read.value, writer: callCount, versionBound: read.version, expiry: entry?.expiry)
        }
        versions = told
        raise(versionMax: told.values.max() ?? 0)
        unanswered = nil
        callCount += 1
        steps = [Step(state: next, call: callCount, isAtomic: true)]
    }
}
