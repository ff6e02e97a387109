//! What is to be done about memory, by how much of its limit is used. No I/O, no clock: who reads the figures tells them.
//!
//! Up to 70% nothing is. From there to 85% the buffers that event loops keep, and the range that limits on calls in flight
//! move in, shrink in proportion, to nothing and to their lower bounds: what can be given up goes first. From 85% on writes
//! that make the store grow are refused, until less than 80% is used. Reads and removals always go on: they are how an
//! operator looks at a full store, and how it empties.
//!
//! Each level is left five points below where it is entered, so that usage around a threshold does not make the server
//! refuse and accept by turns.
//!
//! Always true: `bufferPercent` is 100 at the level `normal` and 0 at `refusing`.

struct MemoryGovernor: Sendable {
    enum Level: Int, Sendable, CaseIterable, Comparable {
        case normal
        /// Fewer buffers are kept, fewer calls in flight let in.
        case shrinking
        /// Writes that make the store grow are refused as well.
        case refusing

        static func < (lhs: Level, rhs: Level) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// Of the limit: where shrinking begins, and where writes are refused and nothing is left to shrink.
    static let shrinkPercent = 70
    static let refusePercent = 85
    /// How far usage must fall below where a level began, before it ends.
    static let hysteresisPercent = 5

    private(set) var level = Level.normal
    /// What is left of buffers and of the range of limits on calls in flight.
    private(set) var bufferPercent = 100

    /// Told how much is used, and of how much.
    /// - Returns: whether anything changed.
    mutating func observe(_ reading: MemoryReading) -> Bool {
        let percent = reading.usedPercent
        let (oldLevel, oldPercent) = (level, bufferPercent)
        level = Level.allCases.last { Self.begin(of: $0, at: level) <= percent } ?? .normal
        let left = (Self.refusePercent - percent) * 100 / (Self.refusePercent - Self.shrinkPercent)
        bufferPercent = level == .refusing ? 0 : min(max(left, 0), 100)
        return level != oldLevel || bufferPercent != oldPercent
    }

    /// The usage from which on a level holds, when `current` has held so far.
    private static func begin(of level: Level, at current: Level) -> Int {
        let slack = level <= current ? hysteresisPercent : 0
        return switch level {
        case .normal: 0
        case .shrinking: shrinkPercent - slack
        case .refusing: refusePercent - slack
        }
    }
}
