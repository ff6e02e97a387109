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

/// Draws entry numbers: uniformly, or one after the other.
struct KeyChooser: Sendable {
    enum Order: Sendable { case uniform, sequential }

    var state: UInt64
    let count: UInt64
    let order: Order

    /// - Parameter seed: for `sequential`, the entry to begin with.
    init(_ order: Order, seed: UInt64, count: Int) {
        state = order == .uniform ? WyRand(seed: seed).state : seed
        self.count = UInt64(count)
        self.order = order
    }

    /// The next entry's number; after the last one, in sequence, the first.
    @inline(__always)
    mutating func next() -> UInt32 {
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
        }
    }

    /// The same entries over again, beginning where the chooser stood at `state`.
    func resumed(at state: UInt64) -> KeyChooser {
        var copy = self
        copy.state = state
        return copy
    }
}
