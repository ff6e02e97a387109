//! A hierarchical timing wheel: many deadlines, O(1) to add, O(1) to take back, and a turn that works in bounded
//! slices.
//!
//! After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987), with the level chosen by the highest
//! bit in which deadline and present differ. Time is divided into ticks of `2^tickShift` units (the unit is the
//! caller's: milliseconds for expiries, nanoseconds for an event loop). Level 0 has one slot for each of the 64 ticks
//! of the present group of 64, level 1 one for each of the 64 groups around it, and so on. When the present enters a
//! slot of a higher level, the nodes in it move down; a node moves at most once a level in its life. An occupancy bit
//! per slot lets the wheel jump over empty time: a turn costs what there is to do, however long ago the last one was.
//!
//! When a clock that ran ahead is put back, `turnBack` gives the wheel fresh slots around the earlier time. Its nodes
//! wait in the former ones, from which they can be removed as ever, and the next turns place them anew, within their
//! budgets. So no call has to look at all nodes.
//!
//! Threads: none of its own. The owner serialises all calls (a lock, or an event loop).
//!
//! Always true: a node fires when its deadline is reached, never before, and at most one tick (plus the time until the
//! next turn) after. A node's `slot` link is nil exactly while it is in no wheel. Ticks are absolute and below 2^48.
//!
//! Unsafe: nodes are intrusive. They lie in the caller's memory (beside what they time, so that timing costs no
//! allocation), and the wheel links them by address. Sound as long as the caller keeps a node where it is while it is
//! in a wheel, and removes it (or drops the whole wheel) before its memory goes; `insert` and `remove` are therefore
//! marked `@unsafe`. The wheel's own memory is freed in `deinit`, and it touches no node then.

/// Deadlines in order of time. See the head of the file.
@safe
public struct TimingWheel: ~Copyable {
    /// What is linked into a wheel: 24 bytes in the caller's memory.
    @safe
    public struct Node {
        fileprivate var next: UnsafeMutablePointer<Node>?
        /// The pointer that points at this node: a slot's or the previous node's `next`. Nil while in no wheel.
        fileprivate var link: UnsafeMutablePointer<UnsafeMutablePointer<Node>?>?
        /// When the node fires, in the wheel's unit. Constant while the node is in a wheel.
        public let deadline: Int64

        public init(deadline: Int64) {
            unsafe next = nil
            unsafe link = nil
            self.deadline = deadline
        }

        /// Whether the node is in a wheel.
        public var isScheduled: Bool { unsafe link != nil }
    }

    private static var slotBits: Int { 6 }
    private static var slotsPerLevel: Int { 1 << slotBits }
    private static var levelCount: Int { 8 }
    private static var slotCount: Int { levelCount * slotsPerLevel }
    /// Later deadlines are clamped to this; in milliseconds it is the year 10,889.
    private static var lastTick: Int64 { 1 << (levelCount * slotBits) - 1 }

    private let tickShift: Int64
    /// Every tick before this one has fired.
    private var currentTick: Int64
    private var slots: UnsafeMutablePointer<UnsafeMutablePointer<Node>?>
    /// The slots of a later present, until all of their nodes were placed anew; nil: there are none.
    private var formerSlots: UnsafeMutablePointer<UnsafeMutablePointer<Node>?>?
    /// For each level, a bit for each slot that may hold nodes. `remove` leaves a stale bit; a turn clears it.
    private var occupied: InlineArray<8, UInt64>

    /// How many nodes the wheel holds.
    public private(set) var count = 0

    /// Bytes of memory that the wheel takes besides its nodes.
    public var memoryBytes: Int {
        unsafe (formerSlots == nil ? 1 : 2) * Self.slotCount * MemoryLayout<UnsafeMutablePointer<Node>?>.stride
    }

    /// An empty wheel whose present is `start`, with ticks of `2^tickShift` units.
    public init(start: Int64, tickShift: Int) {
        precondition((0..<48).contains(tickShift))
        self.tickShift = Int64(tickShift)
        currentTick = min(max(0, start >> Int64(tickShift)), Self.lastTick)
        unsafe slots = Self.makeSlots()
        unsafe formerSlots = nil
        occupied = InlineArray(repeating: 0)
    }

    deinit {
        unsafe slots.deallocate()
        unsafe formerSlots?.deallocate()
    }

    private static func makeSlots() -> UnsafeMutablePointer<UnsafeMutablePointer<Node>?> {
        let slots: UnsafeMutablePointer<UnsafeMutablePointer<Node>?>
        unsafe slots = .allocate(capacity: slotCount)
        unsafe slots.initialize(repeating: nil, count: slotCount)
        return unsafe slots
    }

    public var isEmpty: Bool { count == 0 }

    // MARK: Nodes

    /// Adds `node`; one whose deadline has passed fires at the next turn.
    /// - Precondition: it is in no wheel, and stays where it is in memory until it fires or is removed.
    @unsafe
    public mutating func insert(_ node: UnsafeMutablePointer<Node>) {
        precondition(unsafe !node.pointee.isScheduled, "the node is already in a wheel")
        unsafe place(node)
        count += 1
    }

    /// Takes `node` back. Does nothing if it is in no wheel, for instance because it has fired.
    /// - Precondition: if it is in a wheel, then in this one.
    @unsafe
    public mutating func remove(_ node: UnsafeMutablePointer<Node>) {
        guard unsafe node.pointee.isScheduled else { return }
        unsafe Self.unlink(node)
        count -= 1
    }

    private static func unlink(_ node: UnsafeMutablePointer<Node>) {
        let next = unsafe node.pointee.next
        let link = unsafe node.pointee.link.unsafelyUnwrapped
        unsafe link.pointee = unsafe next
        if let next = unsafe next { unsafe next.pointee.link = unsafe link }
        unsafe node.pointee.next = nil
        unsafe node.pointee.link = nil
    }

    private mutating func place(_ node: UnsafeMutablePointer<Node>) {
        let deadline = unsafe node.pointee.deadline
        // Rounded up, so that a node never fires early; not by adding first, which overflows near the end of time.
        let exact = deadline & ((1 << tickShift) - 1) == 0
        let tick = min(max((deadline >> tickShift) + (exact ? 0 : 1), currentTick), Self.lastTick)
        let level = Self.level(of: tick, at: currentTick)
        let index = Int(tick >> Int64(level * Self.slotBits)) & (Self.slotsPerLevel - 1)
        let slot = unsafe slots + (level * Self.slotsPerLevel + index)
        let first = unsafe slot.pointee
        unsafe node.pointee.next = unsafe first
        unsafe node.pointee.link = unsafe slot
        if let first = unsafe first { unsafe first.pointee.link = unsafe Self.nextField(of: node) }
        unsafe slot.pointee = unsafe node
        occupied[level] |= 1 << UInt64(index)
    }

    /// The level at which `tick` first shares a slot with nothing of the present.
    private static func level(of tick: Int64, at current: Int64) -> Int {
        let difference = UInt64(bitPattern: tick ^ current) | 1
        return (63 - difference.leadingZeroBitCount) / slotBits
    }

    private static func nextField(of node: UnsafeMutablePointer<Node>)
        -> UnsafeMutablePointer<UnsafeMutablePointer<Node>?>
    {
        // `next` is the first stored property; its address is the node's.
        unsafe UnsafeMutableRawPointer(node).assumingMemoryBound(to: UnsafeMutablePointer<Node>?.self)
    }

    // MARK: Turning

    /// Turns to `now` and hands `fire` every node whose deadline has been reached, no longer in the wheel. At most
    /// `budget` nodes are fired or moved; false means that the budget ended before the work did, and that another call
    /// with the same time goes on where this one stopped.
    ///
    /// Time that goes back is ignored, but for `turnBack`. `fire` may not call the wheel.
    public mutating func advance(
        to now: Int64, budget: Int, fire: (UnsafeMutablePointer<Node>) -> Void
    ) -> Bool {
        let target = min(now >> tickShift, Self.lastTick)
        var left = budget
        guard placeFormerNodes(&left) else { return false }
        while true {
            guard let (level, index, start) = earliestSlot(), start <= target else {
                if target > currentTick { currentTick = target }
                return true
            }
            if start > currentTick { currentTick = start }
            let slot = unsafe slots + (level * Self.slotsPerLevel + index)
            while let node = unsafe slot.pointee {
                if left == 0 { return false }
                left -= 1
                unsafe Self.unlink(node)
                if level == 0 {
                    count -= 1
                    unsafe fire(node)
                } else {
                    unsafe place(node)
                }
            }
            occupied[level] &= ~(1 << UInt64(index))
        }
    }

    /// Takes an earlier time for the present. What it does itself does not grow with the number of nodes: `advance` places
    /// them anew, before any fires.
    /// - Returns: false if some still wait since an earlier call: nothing was done then, and it is asked for again later.
    public mutating func turnBack(to now: Int64) -> Bool {
        let tick = max(0, now >> tickShift)
        guard tick < currentTick else { return true }
        guard unsafe formerSlots == nil else { return false }
        currentTick = tick
        unsafe formerSlots = unsafe slots
        unsafe slots = Self.makeSlots()
        occupied = InlineArray(repeating: 0)
        return true
    }

    /// Places nodes of the former slots anew, as many as the budget allows; false if it ended before they did.
    private mutating func placeFormerNodes(_ left: inout Int) -> Bool {
        guard let former = unsafe formerSlots else { return true }
        for index in 0..<Self.slotCount {
            while let node = unsafe former[index] {
                if left == 0 { return false }
                left -= 1
                unsafe Self.unlink(node)
                unsafe place(node)
            }
        }
        unsafe former.deallocate()
        unsafe formerSlots = nil
        return true
    }

    /// A time before which no node fires: where an owner that sleeps may sleep to. Nil if the wheel is empty.
    public var nextTurn: Int64? {
        guard count > 0 else { return nil }
        if unsafe formerSlots != nil { return currentTick << tickShift }
        guard let (_, _, start) = earliestSlot() else { return nil }
        return start << tickShift
    }

    /// The slot that the present meets first, with the tick at which it does. Of two that begin together the one of
    /// the higher level: its nodes move down before the lower one fires.
    private func earliestSlot() -> (level: Int, index: Int, start: Int64)? {
        var best: (level: Int, index: Int, start: Int64)?
        for level in 0..<Self.levelCount {
            let shift = Int64(level * Self.slotBits)
            let present = (currentTick >> shift) & Int64(Self.slotsPerLevel - 1)
            // Slots before the present one are empty: their time has passed, and deadlines are not in the past.
            let ahead = occupied[level] & (~0 << UInt64(present))
            guard ahead != 0 else { continue }
            let index = ahead.trailingZeroBitCount
            let group = (currentTick >> (shift + Int64(Self.slotBits))) << Int64(Self.slotBits)
            let start = max((group | Int64(index)) << shift, currentTick)
            if best == nil || start <= best?.start ?? 0 { best = (level, index, start) }
        }
        return best
    }
}
