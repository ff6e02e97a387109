//! A key that all clients write at once: a register that they put to, with and without a condition, or a counter. It is
//! never removed and never expires. The versions say in which order the writes were executed; that is all that is known.

struct SharedKey: Sendable {
    static let names = ["shared/register/0", "shared/register/1", "shared/counter/0", "shared/counter/1"]

    static func isCounter(_ name: String) -> Bool { name.hasPrefix("shared/counter") }

    /// A write that was answered.
    private struct Write {
        let value: String
        let survives: Bool
    }

    private let isCounter: Bool
    /// What was there when the store was started.
    private var base: StoredEntry?
    /// By version.
    private var writes: [Int64: Write] = [:]
    /// What was read since then.
    private var reads: Set<StoredEntry> = []
    /// Values whose puts were not answered; how many increments were not.
    private var unansweredValues: Set<String> = []
    private var unansweredCount: Int64 = 0

    init(_ name: String) { isCounter = Self.isCounter(name) }

    /// - Throws: `Contradiction` if a version was given before.
    mutating func note(_ answer: StoreAnswer, survives: Bool) throws(Contradiction) {
        switch answer {
        case .written(let value, let version):
            guard version > base?.version ?? 0, writes[version] == nil else {
                throw Contradiction("version \(version) was given twice")
            }
            writes[version] = Write(value: value, survives: survives)
        case .read(let entry?): reads.insert(entry)
        default: break
        }
    }

    mutating func noteUnanswered(_ call: StoreCall) {
        switch call {
        case .put(_, let value, _, _): unansweredValues.insert(value)
        case .increment: unansweredCount += 1
        default: break
        }
    }

    /// The store was stopped in order: nothing that was answered may be lost.
    mutating func noteStop() { writes = writes.mapValues { Write(value: $0.value, survives: true) } }

    /// Goes on from what was read after a kill.
    /// - Throws: `Contradiction` if that may not be there, or what was answered before cannot all be true.
    mutating func recover(_ observed: StoredEntry?) throws(Contradiction) -> LogEnd {
        for entry in reads { try check(entry) }
        if isCounter { for (version, write) in writes { try checkSum(write.value, version) } }
        let survivor = max(base?.version ?? 0, writes.filter(\.value.survives).keys.max() ?? 0)
        guard observed?.version ?? 0 >= survivor else {
            throw Contradiction(
                "after the kill there is \(observed.map { "\($0)" } ?? "nothing"), not version \(survivor)")
        }
        if let observed { try check(observed) }
        var end = LogEnd()
        end.survived = observed?.version ?? 0
        let lost = writes.keys.filter { $0 > end.survived }
        end.lost = lost.min() ?? .max
        end.lostCount = lost.count
        base = observed
        (writes, reads, unansweredValues, unansweredCount) = ([:], [], [], 0)
        return end
    }

    /// Whether somebody has written that.
    private func check(_ entry: StoredEntry) throws(Contradiction) {
        let isRight: Bool
        if let write = writes[entry.version] {
            isRight = write.value == entry.value
        } else if let base, base.version == entry.version {
            isRight = base.value == entry.value
        } else if isCounter {
            return try checkSum(entry.value, entry.version)
        } else {
            isRight = unansweredValues.contains(entry.value)
        }
        guard isRight else { throw Contradiction("nobody has written \(entry)") }
    }

    /// An increment of 1 gives what all before it gave; which of the calls without an answer were before it, nobody knows.
    private func checkSum(_ value: String, _ version: Int64) throws(Contradiction) {
        let answered = Int64(writes.keys.count { $0 <= version })
        let least = (base.flatMap { Int64($0.value) } ?? 0) + answered
        guard let sum = Int64(value), (least...least + unansweredCount).contains(sum) else {
            throw Contradiction("version \(version) is \(value), after \(answered) increments of \(base?.value ?? "0")")
        }
    }
}
