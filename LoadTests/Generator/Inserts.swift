//! Entries that a load adds. Their numbers follow those that were loaded; a reader may ask for one as soon as it and all
//! before it are answered. Kept from run to run, as the entries are.

struct Inserts: Sendable {
    /// Inserts that may be answered before an older one is; a power of two. Further ones store the newest entry again.
    private static let window = 65_536

    /// The number of the next entry.
    private var next: UInt32
    /// Of the entries from here on, some are not answered.
    private var oldestUnanswered: UInt32
    private var isAnswered: [Bool] = []

    init(count: Int) {
        next = UInt32(truncatingIfNeeded: count)
        oldestUnanswered = next
    }

    /// The last entry that everybody may read.
    var newest: UInt32 { oldestUnanswered &- 1 }

    /// - Returns: the number of an entry to store.
    mutating func begin() -> UInt32 {
        if isAnswered.isEmpty { isAnswered = Array(repeating: false, count: Self.window) }
        if Int(next &- oldestUnanswered) == Self.window { return next &- 1 }
        defer { next &+= 1 }
        return next
    }

    mutating func noteAnswered(_ number: UInt32) {
        guard number >= oldestUnanswered else { return }
        isAnswered[position(number)] = true
        while oldestUnanswered < next, isAnswered[position(oldestUnanswered)] {
            isAnswered[position(oldestUnanswered)] = false
            oldestUnanswered &+= 1
        }
    }

    private func position(_ number: UInt32) -> Int { Int(number) & (Self.window &- 1) }
}
