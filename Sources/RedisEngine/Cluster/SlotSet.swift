//! A set of slots, as bits, and as the ranges that a cursor carries.

internal import NIOCore

struct SlotSet: Hashable {
    private var words = [UInt64](repeating: 0, count: HashSlot.count / 64)

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    var first: UInt16? { (0..<UInt16(HashSlot.count)).first(where: contains) }

    func contains(_ slot: UInt16) -> Bool { words[Int(slot) / 64] >> (UInt64(slot) % 64) & 1 == 1 }

    mutating func insert(_ slot: UInt16) { words[Int(slot) / 64] |= 1 << (UInt64(slot) % 64) }

    mutating func formUnion(_ other: SlotSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    func intersection(_ other: SlotSet) -> SlotSet {
        var result = self
        for index in words.indices { result.words[index] &= other.words[index] }
        return result
    }

    /// The ranges, each as its first and last slot, in order.
    var ranges: [(first: UInt16, last: UInt16)] {
        var ranges: [(first: UInt16, last: UInt16)] = []
        for slot in 0..<UInt16(HashSlot.count) where contains(slot) {
            if let last = ranges.last?.last, last + 1 == slot {
                ranges[ranges.count - 1].last = slot
            } else {
                ranges.append((slot, slot))
            }
        }
        return ranges
    }

    /// Writes the number of ranges and the ranges, two bytes each number.
    func write(to bytes: inout ByteBuffer) {
        let ranges = ranges
        bytes.writeInteger(UInt16(ranges.count))
        for range in ranges { bytes.writeMultipleIntegers(range.first, range.last) }
    }

    init() {}

    /// What `write` wrote; nil if `bytes` do not begin with that. Its ranges are in order with slots between them, so
    /// that no slot is inserted twice, whoever wrote the bytes.
    init?(reading bytes: inout ByteBuffer) {
        guard let count = bytes.readInteger(as: UInt16.self) else { return nil }
        var firstMin: UInt16 = 0
        for _ in 0..<count {
            guard let (first, last) = bytes.readMultipleIntegers(as: (UInt16, UInt16).self), firstMin <= first,
                first <= last, last < HashSlot.count
            else { return nil }
            for slot in first...last { insert(slot) }
            firstMin = last + 2
        }
    }
}
