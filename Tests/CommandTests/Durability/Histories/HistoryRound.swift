//! Keys that nobody had written before, worked on by several callers at once, over connections of their own; and what each
//! call saw. A round has one era, or more with a kill between them.

internal import Dispatch
internal import StorageAPI

struct HistoryRound: Sendable {
    /// How many calls each key gets in an era: few, so that a judge can look at all orders of them.
    static let callsPerKey = 26

    private let keys: [String]
    /// What each key's calls were, era by era.
    private(set) var eras: [[[RecordedCall]]] = []
    private var generator: SeededGenerator

    /// - Parameter generator: gives the keys their names, too: they are fresh.
    init(keyCount: Int, using generator: inout SeededGenerator) {
        let name = UInt32.random(in: 0 ... .max, using: &generator)
        keys = (0..<keyCount).map { "history/\(name)/\($0)" }
        self.generator = generator.split()
    }

    var histories: [KeyHistory] {
        keys.indices.map { key in KeyHistory(eras: eras.map { $0[key] }) }
    }

    /// Calls until every key has had its calls, or the server is killed.
    /// - Parameters:
    ///   - stores: the callers' connections, one for each.
    ///   - levels: what writes ask for.
    ///   - killAfter: the number of answers after which to kill the server.
    ///   - kill: kills it; returns at once.
    /// - Throws: `TestFailure` if a call was refused, or not answered, by a server that nobody killed.
    mutating func runEra(
        _ stores: [ClientStore], levels: [Durability?], killAfter: Int = .max, kill: @escaping @Sendable () -> Void = {}
    ) async throws {
        let board = LockedBox(Board(era: eras.count, keyCount: keys.count, killAfter: killAfter))
        try await withThrowingTaskGroup(of: Void.self) { [keys] tasks in
            for store in stores {
                var caller = Caller(
                    store: store, keys: keys, levels: levels, board: board, kill: kill, generator: generator.split())
                tasks.addTask { try await caller.callUntilDone() }
            }
            try await tasks.waitForAll()
        }
        eras.append(board.value.calls)
    }

    /// What the callers of an era share.
    private struct Board {
        /// Calls that each key has still to get.
        private var remaining: [Int]
        private var answersToKill: Int
        /// Values are numbers, so that they can be incremented, and none is put twice.
        private var lastValue: Int
        private(set) var isKilled = false
        var calls: [[RecordedCall]]

        init(era: Int, keyCount: Int, killAfter: Int) {
            remaining = Array(repeating: callsPerKey, count: keyCount)
            answersToKill = killAfter
            lastValue = era * 1_000_000
            calls = Array(repeating: [], count: keyCount)
        }

        /// A key that is to get another call, and a value for it.
        mutating func next(using generator: inout SeededGenerator) -> (key: Int, value: Int)? {
            guard let key = remaining.indices.filter({ remaining[$0] > 0 }).randomElement(using: &generator) else {
                return nil
            }
            remaining[key] -= 1
            lastValue += 100
            return (key, lastValue)
        }

        /// - Returns: whether to kill the server now.
        mutating func record(_ call: RecordedCall, of key: Int) -> Bool {
            calls[key].append(call)
            guard call.answer != nil else { return false }
            answersToKill -= 1
            if answersToKill == 0 { isKilled = true }
            return answersToKill == 0
        }
    }

    /// One caller: makes a call when it has the answer to the one before.
    private struct Caller {
        let store: ClientStore
        let keys: [String]
        let levels: [Durability?]
        let board: LockedBox<Board>
        let kill: @Sendable () -> Void
        var generator: SeededGenerator
        /// The version that this caller saw last of a key.
        var versions: [Int: Int64] = [:]

        mutating func callUntilDone() async throws {
            while let (key, value) = board.update({ $0.next(using: &generator) }) {
                let call = anyCall(on: key, value)
                let start = DispatchTime.now().uptimeNanoseconds
                let outcome = await store.perform(call, levels.randomElement(using: &generator) ?? nil)
                let end = DispatchTime.now().uptimeNanoseconds
                let recorded: RecordedCall
                switch outcome {
                case .answered(let answer, let durability):
                    note(answer, of: key)
                    recorded = RecordedCall(
                        call, answer, survivesKill: durability?.survivesKill ?? false, start: Int64(start),
                        end: Int64(end))
                case .unanswered(let reason), .refused(let reason):
                    guard board.value.isKilled else { throw TestFailure("\(call): \(reason)") }
                    // What was refused did not happen: the server was gone.
                    if case .refused = outcome { return }
                    recorded = RecordedCall(call, nil, start: Int64(start))
                }
                if board.update({ $0.record(recorded, of: key) }) { kill() }
                if recorded.answer == nil { return }
            }
        }

        private mutating func note(_ answer: StoreAnswer, of key: Int) {
            switch answer {
            case .read(let entry): versions[key] = entry?.version
            case .written(_, let version), .notApplied(let version?): versions[key] = version
            default: break
            }
        }

        private mutating func anyCall(on index: Int, _ value: Int) -> StoreCall {
            let key = keys[index]
            return switch Int.random(in: 0..<100, using: &generator) {
            case 0..<40: .get(key)
            case 40..<60: .put(key, value: "\(value)")
            case 60..<70: .put(key, value: "\(value)", .ifVersion(versions[index] ?? 0))
            case 70..<75: .put(key, value: "\(value)", .ifAbsent)
            case 75..<87: .increment(key, by: 1)
            case 87..<97: .remove(key)
            default: .touch(key, ttlMillis: nil)
            }
        }
    }
}
