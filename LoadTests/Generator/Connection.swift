//! One connection of the generator: its bytes in both directions, and the calls under way on it.

/// A call under way.
struct CallSlot: Sendable {
    var id: UInt32 = 0
    /// When the call was due. In a closed loop it is due when it is sent.
    var scheduledNanoseconds: Int64 = 0
    /// When it was sent, or the call that it continues; 0 while no call is under way here.
    var sentNanoseconds: Int64 = 0
    /// What the chooser's state was, to name the call's keys again.
    var keys: UInt64 = 0
    /// The newest entry then.
    var newest: UInt32 = 0
    /// Which of the run's kinds it is.
    var kind: UInt16 = 0
}

struct Connection {
    /// A connection's queue of requests; larger requests make it grow once.
    private static let outgoingCapacity = 4_096

    let socket: Socket
    /// Requests that are not sent yet; empty but for a moment, unless the server does not read.
    let outgoing = ByteQueue(capacity: outgoingCapacity)
    /// The beginning of an answer whose rest has not come; empty most of the time.
    let partial = ByteQueue(capacity: 0)
    var scan = AnswerScan()
    /// Calls under way, by the lower bits of their ids. A power of two; its size bounds how far the newest call may be
    /// ahead of the oldest unanswered one.
    private(set) var slots: [CallSlot] = []
    var nextID: UInt32 = 0
    var oldestID: UInt32 = 0
    /// Whether the poller tells when the socket takes bytes again.
    var awaitsRoom = false

    init(_ socket: Socket) { self.socket = socket }

    /// Room for so many calls under way; none is now.
    mutating func prepare(inFlightMax: Int) {
        var size = 1
        while size < inFlightMax * GeneratorLimits.overtakingMax { size *= 2 }
        slots = Array(repeating: CallSlot(), count: size)
        oldestID = nextID
    }

    @inline(__always)
    private func position(_ id: UInt32) -> Int { Int(id) & (slots.count &- 1) }

    /// Takes a slot for a call. Ids follow each other, so that the slot is that of the oldest call that may be under way.
    /// - Parameter call: all of it but its id.
    /// - Returns: the call's id; nil if that slot's call has not been answered.
    @inline(__always)
    mutating func open(_ call: CallSlot) -> UInt32? {
        let position = position(nextID)
        guard slots[position].sentNanoseconds == 0 else { return nil }
        slots[position] = call
        slots[position].id = nextID
        nextID &+= 1
        return slots[position].id
    }

    /// The kind of the call that is answered next.
    /// - Parameter id: nil where answers come in the calls' order.
    /// - Returns: nil if no such call is under way.
    @inline(__always)
    func kind(_ id: UInt32?) -> Int? {
        let id = id ?? oldestID
        let position = position(id)
        guard slots[position].sentNanoseconds != 0, slots[position].id == id else { return nil }
        return Int(slots[position].kind)
    }

    /// Gives the slot of an answered call back.
    /// - Parameter id: nil where answers come in the calls' order.
    /// - Returns: nil if no such call is under way.
    @inline(__always)
    mutating func close(_ id: UInt32?) -> CallSlot? {
        let id = id ?? oldestID
        let position = position(id)
        let slot = slots[position]
        guard slot.sentNanoseconds != 0, slot.id == id else { return nil }
        slots[position].sentNanoseconds = 0
        oldestID &+= 1
        return slot
    }
}
