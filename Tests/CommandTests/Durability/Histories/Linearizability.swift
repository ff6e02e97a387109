//! Is there an order of these calls that explains all answers? The order must put a call before another one where it was
//! answered before that one was made, and each answer must be what `Register` gives in this order: linearizability (Herlihy
//! and Wing, 1990). One history is of one key, which is enough: a history is linearizable if that of each key is.
//!
//! The search is that of Wing and Gong (1993) with Lowe's memory (2017): from what was put in order so far, try every call
//! that was made before the first answer that is still outstanding; never go twice to the same set of calls with the same
//! register. A call without an answer has its place anywhere after it was made, or none.
//!
//! **Kills.** A read may see a write that no disk has yet, so a kill may take back what was read. It takes back an end of
//! the log: at some point of the order, the *cut*, the register is what the next era starts from. Which point is open, with
//! one condition: no write behind the cut has an answer that promises it survives (LOGGED and SYNCED do). So
//! - a write that was acknowledged so is never lost, nor is any before it in the order;
//! - a value that was read and is gone after the kill was written by a call without an answer (or with MEMORY);
//! - what is lost stays lost, because all reads of the next era start from the one register at the cut;
//! - without a kill there is no cut, and the plain definition holds.
//!
//! Versions are part of the answers, and so of what must be explained: every write has a larger one than all before it,
//! those that a kill took back included.

enum Linearizability {
    /// The most calls of one era; a set of them is a word.
    static let callsPerEraMax = UInt64.bitWidth

    /// - Returns: the first era whose answers no order explains, counted from 0; nil if there is none: the history is
    ///   linearizable.
    static func unexplainedEra(of history: KeyHistory) -> Int? {
        var starts: Set<Register> = [Register()]
        for (number, calls) in history.eras.enumerated() {
            var search = Search(calls, endsWithKill: number < history.eras.count - 1)
            for start in starts { search.explore(Search.Position(register: start)) }
            if search.ends.isEmpty { return number }
            starts = search.ends
        }
        return nil
    }
}

/// All orders of one era's calls.
private struct Search {
    /// Where a search is: futures of equal positions are equal.
    struct Position: Hashable {
        /// The calls that have their place, as bits.
        var placed: UInt64 = 0
        var register: Register
        /// The register at the cut, once it was chosen.
        var kept: Register?
    }

    private let calls: [RecordedCall]
    private let answered: UInt64
    private let endsWithKill: Bool
    private var seen: Set<Position> = []
    /// What the next era may start from; without a kill: the first end that was found.
    private(set) var ends: Set<Register> = []

    init(_ calls: [RecordedCall], endsWithKill: Bool) {
        precondition(calls.count <= Linearizability.callsPerEraMax, "a history is short")
        self.calls = calls
        self.endsWithKill = endsWithKill
        answered = calls.indices.reduce(0) { calls[$1].answer == nil ? $0 : $0 | 1 << $1 }
    }

    mutating func explore(_ position: Position) {
        guard endsWithKill || ends.isEmpty, seen.insert(position).inserted else { return }
        if position.placed & answered == answered {
            // Without a cut all of it was on disk.
            ends.insert((position.kept ?? position.register).following(versionsOf: position.register))
        }
        let firstEnd = calls.indices.reduce(Int64.max) { position.has($1) ? $0 : min($0, calls[$1].end) }
        for index in calls.indices where !position.has(index) && calls[index].start <= firstEnd {
            let call = calls[index]
            guard let register = position.register.after(call.call, call.answer) else { continue }
            var next = position
            next.placed |= 1 << index
            next.register = register
            if call.answer?.tellsOfAChange ?? true, endsWithKill {
                if call.survivesKill {
                    if position.kept != nil { continue }
                } else if position.kept == nil {
                    // The cut may be here, in front of this change.
                    var cut = next
                    cut.kept = position.register
                    explore(cut)
                }
            }
            explore(next)
        }
    }
}

extension Search.Position {
    fileprivate func has(_ index: Int) -> Bool { placed & 1 << index != 0 }
}

extension StoreAnswer {
    /// Whether the call has changed something.
    var tellsOfAChange: Bool {
        switch self {
        case .read, .notApplied, .done(wasThere: false), .removed(0): false
        case .written, .done(wasThere: true), .storedTogether, .removed: true
        }
    }
}
