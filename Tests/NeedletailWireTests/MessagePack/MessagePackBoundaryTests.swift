//! Where one width ends and the next begins.

import NIOCore
import NeedletailWire
import Testing

@Suite struct MessagePackBoundaryTests {
    /// A value's bytes begin as given, and it comes back.
    private func expect(_ value: MessagePackValue, head: String, count: Int) throws {
        let bytes = writeMessagePack(value)
        #expect(bytes.prefix(hex(head).count).hex == hex(head).hex)
        #expect(bytes.count == count, "\(head)")
        let budget = WireBudget(depth: 64, count: 100_000)
        let found = try readMessagePack(bytes, budget: budget)
        #expect(found.end == count && found.value == value, "\(head)")
        #expect(try skipMessagePack(bytes) == count)
    }

    @Test(
        arguments: [
            (0, "00"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"), (65_535, "cdffff"),
            (65_536, "ce00010000"), (4_294_967_295, "ceffffffff"), (4_294_967_296, "cf0000000100000000"),
            (Int64.max, "cf7fffffffffffffff"), (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-128, "d080"), (-129, "d1ff7f"),
            (-32_768, "d18000"), (-32_769, "d2ffff7fff"), (-2_147_483_648, "d280000000"),
            (-2_147_483_649, "d3ffffffff7fffffff"), (Int64.min, "d38000000000000000"),
        ] as [(Int64, String)])
    func integersTakeTheFewestBytes(value: Int64, encoding: String) throws {
        try expect(.int(value), head: encoding, count: encoding.count / 2)
    }

    @Test func integersPastTheSignAreKept() throws {
        try expect(.uint(UInt64(Int64.max) + 1), head: "cf8000000000000000", count: 9)
        try expect(.uint(.max), head: "cfffffffffffffffff", count: 9)
        let message = message(hex("cf8000000000000000"))
        #expect(
            wireError { () throws(WireError) in
                var reader = MessagePackReader(message)
                return try reader.readInt64()
            } == .integerOverflow)
    }

    @Test(arguments: [
        (0, "a0"), (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65_535, "daffff"), (65_536, "db00010000"),
    ])
    func stringsTakeTheShortestHead(count: Int, head: String) throws {
        try expect(.text(String(repeating: "x", count: count)), head: head, count: head.count / 2 + count)
    }

    @Test(arguments: [
        (0, "c400"), (255, "c4ff"), (256, "c50100"), (65_535, "c5ffff"), (65_536, "c600010000"),
    ])
    func binariesTakeTheShortestHead(count: Int, head: String) throws {
        try expect(.bytes([UInt8](repeating: 7, count: count)), head: head, count: head.count / 2 + count)
    }

    @Test(arguments: [
        (0, "c70005"), (1, "d405"), (2, "d505"), (3, "c70305"), (4, "d605"), (5, "c70505"), (8, "d705"), (15, "c70f05"),
        (16, "d805"), (17, "c71105"), (255, "c7ff05"), (256, "c8010005"), (65_535, "c8ffff05"),
        (65_536, "c90001000005"),
    ])
    func extensionsTakeTheShortestHead(count: Int, head: String) throws {
        let content = ByteBuffer(repeating: 7, count: count)
        try expect(.ext(type: 5, content), head: head, count: head.count / 2 + count)
    }

    @Test(arguments: [(0, "90"), (15, "9f"), (16, "dc0010"), (65_535, "dcffff"), (65_536, "dd00010000")])
    func arraysTakeTheShortestHead(count: Int, head: String) throws {
        try expect(.array(.init(repeating: .nil, count: count)), head: head, count: head.count / 2 + count)
    }

    @Test(arguments: [(0, "80"), (15, "8f"), (16, "de0010"), (65_535, "deffff"), (65_536, "df00010000")])
    func mapsTakeTheShortestHead(count: Int, head: String) throws {
        let pairs = [MessagePackPair](repeating: MessagePackPair(key: .int(1), value: .nil), count: count)
        try expect(.map(pairs), head: head, count: head.count / 2 + 2 * count)
    }

    @Test func floatsKeepTheirWidth() throws {
        try expect(.float(1.5), head: "ca3fc00000", count: 5)
        try expect(.double(1.5), head: "cb3ff8000000000000", count: 9)
        try expect(.double(-.infinity), head: "cbfff0000000000000", count: 9)
        let nan = try readMessagePack(hex("cb7ff8000000000000")).value
        guard case .double(let value) = nan else { throw WireError.badMessage("not a float") }
        #expect(value.isNaN)
    }

    @Test(
        arguments: [
            (0, 0, "d6ff00000000"), (0xffff_ffff, 0, "d6ffffffffff"), (0x1_0000_0000, 0, "d7ff0000000100000000"),
            (1, 1, "d7ff0000000400000001"), (0x3_ffff_ffff, 999_999_999, "d7ffee6b27ffffffffff"),
            (0x4_0000_0000, 0, "c70cff000000000000000400000000"), (-1, 0, "c70cff00000000ffffffffffffffff"),
            (Int64.min, 999_999_999, "c70cff3b9ac9ff8000000000000000"),
            (Int64.max, 1, "c70cff000000017fffffffffffffff"),
        ] as [(Int64, UInt32, String)])
    func timestampsTakeTheFewestBytes(seconds: Int64, nanoseconds: UInt32, encoding: String) throws {
        let value = MessagePackValue.timestamp(MessagePackTimestamp(seconds: seconds, nanoseconds: nanoseconds))
        try expect(value, head: encoding, count: encoding.count / 2)
    }
}
