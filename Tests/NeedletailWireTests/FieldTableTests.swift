//! Fields by name, where names are compared a word at a time.

import NIOCore
import NeedletailWire
import Testing

@Suite struct FieldTableTests {
    private static let table = FieldTable(
        ("a", 1), ("key", 2), ("value12", 7), ("eightchr", 8), ("ninechars", 9), ("fifteenletters_", 15),
        ("sixteencharacter", 16), ("seventeenletters_", 17), ("retryAfterMillisLong", 20), ("retryAfterMillisLonh", 21),
        ("a name of more than thirty-two characters", 41))
    private static let names: [(String, Int16)] = [
        ("a", 1), ("key", 2), ("value12", 7), ("eightchr", 8), ("ninechars", 9), ("fifteenletters_", 15),
        ("sixteencharacter", 16), ("seventeenletters_", 17), ("retryAfterMillisLong", 20), ("retryAfterMillisLonh", 21),
        ("a name of more than thirty-two characters", 41),
    ]

    /// Looked up where other bytes stand before and after the name.
    private func id(_ name: [UInt8]) -> Int16? {
        var buffer = message(name + [0x61, 0x00])
        guard let slice = buffer.readSlice(length: name.count) else { return nil }
        return Self.table.id(named: slice.readableBytesSpan)
    }

    @Test func everyNameOfAnyLengthIsFound() {
        for (name, expected) in Self.names { #expect(id(Array(name.utf8)) == expected, "\(name)") }
    }

    @Test func aNameWithOneByteChangedIsNot() {
        let known = Set(Self.names.map { Array($0.0.utf8) })
        for (name, _) in Self.names {
            let bytes = Array(name.utf8)
            for position in bytes.indices {
                for bit in 0..<8 {
                    var near = bytes
                    near[position] ^= 1 << bit
                    if !known.contains(near) { #expect(id(near) == nil) }
                }
            }
        }
    }

    @Test func aNameThatIsShorterOrLongerIsNot() {
        let known = Set(Self.names.map { Array($0.0.utf8) })
        for (name, _) in Self.names {
            let bytes = Array(name.utf8)
            for count in 0..<bytes.count where !known.contains(Array(bytes[..<count])) {
                #expect(id(Array(bytes[..<count])) == nil)
            }
            // Zeros too: a short name's word is padded with them.
            for tail: [UInt8] in [[0], [0x20], [0, 0, 0, 0, 0, 0, 0, 0], Array("s".utf8)] {
                #expect(id(bytes + tail) == nil)
            }
        }
        #expect(id([]) == nil)
    }

    @Test func theFirstOfEqualNamesIsFoundAndAnEmptyTableHasNone() {
        let name = ByteBuffer(string: "twice")
        #expect(FieldTable(("twice", 1), ("twice", 2)).id(named: name.readableBytesSpan) == 1)
        #expect(FieldTable().id(named: name.readableBytesSpan) == nil)
    }

    @Test func idsMayBeAnyNumberOf16Bits() {
        let table = FieldTable(("low", .min), ("high", .max))
        #expect(table.id(named: ByteBuffer(string: "low").readableBytesSpan) == .min)
        #expect(table.id(named: ByteBuffer(string: "high").readableBytesSpan) == .max)
    }
}
