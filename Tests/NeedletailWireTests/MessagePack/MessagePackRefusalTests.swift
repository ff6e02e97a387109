//! What a reader of MessagePack refuses, and at what cost.

import NIOCore
import NeedletailWire
import Testing

@Suite struct MessagePackRefusalTests {
    private func readError(_ bytes: [UInt8], budget: WireBudget = .standard) -> WireError? {
        wireError { () throws(WireError) in try readMessagePack(bytes, budget: budget) }
    }

    private func skipError(_ bytes: [UInt8], budget: WireBudget = .standard) -> WireError? {
        wireError { () throws(WireError) in try skipMessagePack(bytes, budget: budget) }
    }

    @Test(arguments: ["c1", "91c1", "8101c1", "81c101", "9201c1"])
    func theUnusedTypeByteIsRefused(encoding: String) {
        #expect(readError(hex(encoding)) == .unknownType(0xc1))
        #expect(skipError(hex(encoding)) == .unknownType(0xc1))
    }

    @Test(arguments: [[0x91], [0x81, 0x01], [0xdc, 0x00, 0x01], [0xdf, 0, 0, 0, 1, 0x01]] as [[UInt8]])
    func nestingPastTheBudgetIsRefused(level: [UInt8]) throws {
        let limit = WireBudget.standard.depth
        func nested(_ depth: Int) -> [UInt8] { (0..<depth).flatMap { _ in level } + [0xc0] }
        #expect(try readMessagePack(nested(limit)).end == nested(limit).count)
        #expect(try skipMessagePack(nested(limit)) == nested(limit).count)
        for depth in [limit + 1, 10_000] {
            #expect(readError(nested(depth)) == .depthOverLimit(limit: limit))
            #expect(skipError(nested(depth)) == .depthOverLimit(limit: limit))
        }
    }

    @Test func depthIsCountedAlongOnePathOnly() throws {
        let wide = [0x9f] + [UInt8](repeating: 0x90, count: 15)
        let budget = WireBudget(depth: 2, count: 100)
        #expect(try readMessagePack(wide, budget: budget).end == wide.count)
        #expect(try skipMessagePack(wide, budget: budget) == wide.count)
        #expect(readError(wide, budget: WireBudget(depth: 1, count: 100)) == .depthOverLimit(limit: 1))
    }

    /// Contents that no message holds: 2^31 and 2^32 - 1 bytes or elements.
    @Test(arguments: ["c6", "c9", "db", "dd", "df"], ["80000000", "ffffffff", "7fffffff"])
    func hugeLengthsAreRefusedWithoutAllocating(type: String, length: String) {
        let bytes = hex(type + length) + [UInt8](repeating: 0, count: 20)
        let found = readError(bytes)
        switch found {
        case .truncated, .countOverLimit: break
        default: Issue.record("\(type) \(length): \(String(describing: found))")
        }
        #expect(skipError(bytes) == .truncated)
    }

    @Test func aListThatTheMessageCannotHoldIsTruncatedBeforeItIsMade() {
        let budget = WireBudget(depth: 64, count: .max)
        for head in ["ddffffffff", "dfffffffff", "dd00000004", "df00000002"] {
            #expect(readError(hex(head) + [0xc0, 0xc0, 0xc0], budget: budget) == .truncated, "\(head)")
        }
    }

    @Test func countsPastTheBudgetAreRefused() {
        let budget = WireBudget(depth: 64, count: 3)
        #expect(readError(hex("93c0c0c0"), budget: budget) == nil)
        #expect(readError(hex("94c0c0c0c0"), budget: budget) == .countOverLimit(count: 4, limit: 3))
        #expect(readError(hex("8401c002c003c004c0"), budget: budget) == .countOverLimit(count: 4, limit: 3))
    }

    @Test(arguments: [
        "d7ffee6b280000000000",  // 64 bits: 1,000,000,000 nanoseconds
        "d7ffffffffff00000000",
        "c70cff3b9aca000000000000000000",  // 96 bits: 1,000,000,000 nanoseconds
        "c70cffffffffff0000000000000000",
    ])
    func aTimestampWithTooManyNanosecondsIsRefusedButPassedOver(encoding: String) throws {
        let bytes = hex(encoding)
        #expect(readError(bytes) == .badMessage("a timestamp with more nanoseconds than a second has"))
        #expect(try skipMessagePack(bytes) == bytes.count)
    }

    @Test(arguments: [
        ("d4ff00", 1), ("d5ff0000", 2), ("c700ff", 0), ("c705ff0000000000", 5),
        ("d8ff00000000000000000000000000000000", 16),
    ])
    func aTimestampOfAnotherLengthIsRefusedButPassedOver(encoding: String, count: Int) throws {
        let bytes = hex(encoding)
        #expect(readError(bytes) == .badLength(count))
        #expect(try skipMessagePack(bytes) == bytes.count)
    }

    @Test func lengthsOfTimestampsMayBeWrittenLong() throws {
        let expected = MessagePackValue.timestamp(MessagePackTimestamp(seconds: 1))
        for head in ["d6ff", "c704ff", "c80004ff", "c900000004ff"] {
            #expect(try readMessagePack(hex(head + "00000001")).value == expected)
        }
    }

    @Test func aValueOfAnotherTypeIsAMismatch() {
        func error<Value>(_ encoding: String, _ read: (inout MessagePackReader) throws(WireError) -> Value)
            -> WireError?
        {
            let message = message(hex(encoding))
            return wireError { () throws(WireError) in
                var reader = MessagePackReader(message)
                _ = try read(&reader)
            }
        }
        #expect(
            error("a161") { reader throws(WireError) in try reader.readInt64() }
                == .typeMismatch(expected: .int64, found: 0xa1))
        #expect(
            error("01") { reader throws(WireError) in try reader.readBool() }
                == .typeMismatch(expected: .bool, found: 1))
        #expect(
            error("01") { reader throws(WireError) in try reader.readString() }
                == .typeMismatch(expected: .binary, found: 1))
        #expect(
            error("90") { reader throws(WireError) in try reader.readBinary() }
                == .typeMismatch(expected: .binary, found: 0x90))
        #expect(
            error("80") { reader throws(WireError) in try reader.readArrayHeader() }
                == .typeMismatch(expected: .list, found: 0x80))
        #expect(
            error("90") { reader throws(WireError) in try reader.readMapHeader() }
                == .typeMismatch(expected: .map, found: 0x90))
        #expect(
            error("91c3") { reader throws(WireError) in try reader.readBinaryList() }
                == .typeMismatch(expected: .binary, found: 0xc3))
        #expect(error("ce80000000") { reader throws(WireError) in try reader.readInt32() } == .integerOverflow)
        #expect(error("d2ffffffffff") { reader throws(WireError) in try reader.readInt32() } == nil)
        #expect(error("a2c328") { reader throws(WireError) in try reader.readString() } == .invalidUTF8)
        #expect(error("a2c328") { reader throws(WireError) in try reader.readBinary() } == nil)
    }

    @Test func doublesAreReadFromEveryNumber() throws {
        for (encoding, expected) in [("ca3fc00000", 1.5), ("cb3ff8000000000000", 1.5), ("07", 7), ("d0df", -33)] {
            let message = message(hex(encoding))
            var reader = MessagePackReader(message)
            let value = try reader.readDouble()
            #expect(value == expected)
        }
    }
}
