//! Which keys a call names. A chooser is its state, eight bytes: whoever keeps the state that a call began with can
//! name the call's keys again, which is how answers are checked without remembering keys.

/// A fast generator of random numbers that begins where it is told to (wyrand; Wang Yi, 2019, public domain).
struct WyRand: RandomNumberGenerator, Sendable {
    var state: UInt64

    init(state: UInt64) { self.state = state }

    /// Seeds that are close to each other begin far apart (the last steps of splitmix64).
    init(seed: UInt64) {
        var mixed = seed &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed &>> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
        state = mixed ^ mixed &>> 31
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0xa076_1d64_78bd_642f
        let product = state.multipliedFullWidth(by: state ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }
}

/// Draws entry numbers.
struct KeyChooser: Sendable {
    enum Order: String, Sendable, Hashable, Codable, CaseIterable {
        case uniform
        /// Some entries much more often than others (`ZipfRanks`); which ones is scattered over all of them.
        case zipf
        /// As `zipf`, and the entries that were stored last are those asked for most.
        case latest
        /// One after the other; used to load.
        case sequential
    }

    /// A prime above any count: multiplying by it, modulo the count, gives each rank an entry of its own.
    private static let scatter: UInt64 = 2_654_435_761

    private(set) var state: UInt64
    let count: UInt64
    let order: Order
    /// For `latest`: the number of the entry that was stored last.
    var newest: UInt32
    private let ranks: ZipfRanks
    /// How many entries follow each that is drawn, and how many of them are left.
    private let followers: Int
    private var followersLeft = 0
    private var last: UInt64 = 0

    /// - Parameters:
    ///   - seed: for `sequential`, the entry to begin with.
    ///   - runLength: so many entries stand side by side, the first of which is drawn.
    init(_ order: Order, seed: UInt64, count: Int, runLength: Int = 1) {
        state = order == .sequential ? seed : WyRand(seed: seed).state
        self.count = UInt64(count)
        self.order = order
        newest = UInt32(truncatingIfNeeded: count - 1)
        ranks = ZipfRanks(count: UInt64(count))
        followers = runLength - 1
    }

    /// The next entry's number; after the last one, in sequence, the first.
    @inline(__always)
    mutating func next() -> UInt32 {
        if followers > 0 { return nextOfRun() }
        return draw()
    }

    private mutating func nextOfRun() -> UInt32 {
        if followersLeft > 0 {
            followersLeft &-= 1
            last = last &+ 1 == count ? 0 : last &+ 1
        } else {
            followersLeft = followers
            last = UInt64(draw())
        }
        return UInt32(truncatingIfNeeded: last)
    }

    @inline(__always)
    private mutating func draw() -> UInt32 {
        switch order {
        case .uniform:
            var random = WyRand(state: state)
            let draw = random.next()
            state = random.state
            // Multiplying and keeping the upper half maps to the range; its bias, count / 2^64, cannot be seen.
            return UInt32(truncatingIfNeeded: draw.multipliedFullWidth(by: count).high)
        case .sequential:
            let number = state % count
            state = number &+ 1
            return UInt32(truncatingIfNeeded: number)
        case .zipf: return UInt32(truncatingIfNeeded: drawRank() &* Self.scatter % count)
        // There are as many ranks as there were entries at first, so that each has one.
        case .latest: return newest &- UInt32(truncatingIfNeeded: drawRank())
        }
    }

    private mutating func drawRank() -> UInt64 {
        var random = WyRand(state: state)
        defer { state = random.state }
        return ranks.draw(&random)
    }

    /// The same entries over again, beginning where the chooser stood at `state`.
    func resumed(at state: UInt64, newest: UInt32 = 0) -> KeyChooser {
        var copy = self
        copy.state = state
        copy.newest = newest
        copy.followersLeft = 0
        return copy
    }
}
