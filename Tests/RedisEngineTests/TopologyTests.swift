internal import NIOCore
internal import StorageEngine
internal import Testing

@testable internal import RedisEngine

@Suite struct TopologyTests {
    private static let source = RedisEndpoint(host: "10.0.0.1", port: 7_000)

    @Test(arguments: [
        ("123456789", 12_739), ("", 0), ("foo", 12_182), ("{user1000}.following", 3_443),
        ("{user1000}.followers", 3_443),
        ("user1000", 3_443), ("foo{{bar}}zap", 4_015), ("{bar", 4_015),
    ])
    func slotsAreThoseOfTheSpecification(key: String, slot: UInt16) {
        #expect(HashSlot.of(ByteBuffer(string: key)) == slot)
    }

    @Test func onlyAHashTagWithContentCounts() {
        let slot = { HashSlot.of(ByteBuffer(string: $0)) }
        #expect(slot("foo{}{bar}") != slot("bar"))
        #expect(slot("foo{bar}{zap}") == slot("bar"))
        #expect(slot("a}b{c}") == slot("c"))
    }

    private static func node(_ host: String?, _ port: Int64) -> RESPValue {
        .array([host.map { .bulk(ByteBuffer(string: $0)) } ?? .null, .integer(port), .bulk(ByteBuffer(string: "id"))])
    }

    @Test func slotsAndTheirNodesAreRead() throws {
        let reply = RESPValue.array([
            .array([.integer(0), .integer(99), Self.node("a", 1), Self.node("b", 2)]),
            .array([.integer(200), .integer(16_383), Self.node(nil, 3)]),
            .array([.integer(100), .integer(150), Self.node("a", 1), Self.node("b", 2)]),
        ])
        var map = try #require(SlotMap(reply, from: Self.source))
        let (a, b) = (RedisEndpoint(host: "a", port: 1), RedisEndpoint(host: "b", port: 2))
        let own = RedisEndpoint(host: "10.0.0.1", port: 3)
        #expect(map.shards == [Shard(primary: a, replicas: [b]), Shard(primary: own)])
        #expect(
            map.shard(of: 99) == 0 && map.shard(of: 150) == 0 && map.shard(of: 151) == nil && map.shard(of: 200) == 1)
        #expect(map.slots(of: 0).ranges.map { [$0.first, $0.last] } == [[0, 150]])
        map.move(120, to: own)
        map.move(7, to: RedisEndpoint(host: "c", port: 4))
        #expect(map.shard(of: 120) == 1 && map.shard(of: 7) == 2)
        #expect(map.slots(of: 0).ranges.map { [$0.first, $0.last] } == [[0, 6], [8, 119], [121, 150]])
    }

    @Test(arguments: [
        RESPValue.null, .array([]), .integer(1), .array([.integer(1)]),
        .array([.array([.integer(5), .integer(4), node("a", 1)])]),
        .array([.array([.integer(0), .integer(16_384), node("a", 1)])]),
        .array([.array([.integer(-1), .integer(4), node("a", 1)])]),
        .array([.array([.integer(0), .integer(4), node("a", 70_000)])]), .array([.array([.integer(0), .integer(4)])]),
    ])
    func whatIsNoTopologyIsRefused(reply: RESPValue) {
        #expect(SlotMap(reply, from: Self.source) == nil)
    }

    @Test func eachSlotMayHaveItsOwnPrimaryAndNoneHasTwo() {
        var ranges = (0..<Int64(HashSlot.count)).map { slot in
            RESPValue.array([.integer(slot), .integer(slot), Self.node("a", 1 + slot)])
        }
        let map = SlotMap(.array(ranges), from: Self.source)
        #expect(map?.shards.count == HashSlot.count && map?.shard(of: 16_383) == 16_383)
        ranges.append(.array([.integer(7), .integer(7), Self.node("b", 1)]))
        #expect(SlotMap(.array(ranges), from: Self.source) == nil)
    }

    @Test func aNodeWithoutClusterTellsItsRole() {
        let replica = RESPValue.array([
            .bulk(ByteBuffer(string: "h")), .bulk(ByteBuffer(string: "9")), .bulk(ByteBuffer(string: "0")),
        ])
        let primary = RESPValue.array([.bulk(ByteBuffer(string: "master")), .integer(0), .array([replica])])
        #expect(
            Shard(role: primary, of: Self.source) == Shard(primary: Self.source, replicas: [.init(host: "h", port: 9)]))
        let follower = RESPValue.array([
            .bulk(ByteBuffer(string: "slave")), .bulk(ByteBuffer(string: "h")), .integer(9),
        ])
        #expect(
            Shard(role: follower, of: Self.source) == Shard(primary: .init(host: "h", port: 9), replicas: [Self.source])
        )
        #expect(Shard(role: .integer(1), of: Self.source) == nil)
        let nowhere = RESPValue.array([
            .bulk(ByteBuffer(string: "slave")), .bulk(ByteBuffer(string: "h")), .integer(.max),
        ])
        #expect(Shard(role: nowhere, of: Self.source) == nil)
    }

    @Test(arguments: [
        ("MOVED 3999 127.0.0.1:6381", Refusal.moved(slot: 3_999, to: .init(host: "127.0.0.1", port: 6_381))),
        ("MOVED 3999 :6381", .moved(slot: 3_999, to: .init(host: "10.0.0.1", port: 6_381))),
        ("MOVED 1 ::1:6381", .moved(slot: 1, to: .init(host: "::1", port: 6_381))),
        ("ASK 3999 host:6381", .ask(.init(host: "host", port: 6_381))),
        ("MOVED 99999 host:1", .final(.unavailable(reason: "10.0.0.1:7000: MOVED 99999 host:1"))),
        ("MOVED", .final(.unavailable(reason: "10.0.0.1:7000: MOVED"))), ("NOSCRIPT No matching", .unknownScript),
        ("OOM command not allowed", .final(.outOfMemory(limitBytes: 0))),
        ("ERR value is not an integer or out of range", .final(.notAnInteger)),
        ("ERR increment or decrement would overflow", .final(.overflow)),
        ("TRYAGAIN x", .wait(.unavailable(reason: "10.0.0.1:7000: TRYAGAIN x"), mayHaveMoved: false)),
        ("LOADING x", .wait(.unavailable(reason: "10.0.0.1:7000: LOADING x"), mayHaveMoved: true)),
        ("READONLY x", .wait(.readOnly(reason: "10.0.0.1:7000: READONLY x"), mayHaveMoved: true)),
    ])
    func refusalsAreUnderstood(text: String, refusal: Refusal) {
        #expect(Refusal(RESPErrorReply(text: text), from: Self.source) == refusal)
    }

    @Test(arguments: [
        ("localhost:1", RedisEndpoint(host: "localhost", port: 1)), ("[::1]:7", RedisEndpoint(host: "::1", port: 7)),
        ("[::1]", RedisEndpoint(host: "::1", port: 6_379)), ("redis", RedisEndpoint(host: "redis", port: 6_379)),
        ("redis:0", nil), ("redis:x", nil), ("", nil), (":1", nil),
    ])
    func endpointsAreHostAndPort(text: String, endpoint: RedisEndpoint?) {
        #expect(RedisEndpoint(text) == endpoint)
    }

    @Test func slotSetsComeBackFromBytes() throws {
        var slots = SlotSet()
        for slot in [0, 1, 2, 63, 64, 500, 16_383] as [UInt16] { slots.insert(slot) }
        var bytes = ByteBuffer()
        slots.write(to: &bytes)
        #expect(bytes.readableBytes == 2 + 4 * 4)
        #expect(SlotSet(reading: &bytes) == slots && bytes.readableBytes == 0)
    }

    @Test(arguments: [
        [0, 16_383, 0, 16_383], [0, 5, 5, 9], [0, 5, 6, 9], [6, 9, 0, 4], [5, 4], [0, 16_384], [0, 5, 7],
    ])
    func rangesThatNoSlotSetWritesAreRefused(numbers: [Int]) {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt16((numbers.count + 1) / 2))
        for number in numbers { bytes.writeInteger(UInt16(number)) }
        #expect(SlotSet(reading: &bytes) == nil)
    }

    @Test func everySecondSlotIsTheLongestSlotSet() {
        var slots = SlotSet()
        for slot in stride(from: 0, to: UInt16(HashSlot.count), by: 2) { slots.insert(slot) }
        var bytes = ByteBuffer()
        slots.write(to: &bytes)
        #expect(bytes.readableBytes == 2 + 8_192 * 4)
        #expect(SlotSet(reading: &bytes) == slots)
    }

    @Test func scriptsAreNamedByTheirDigests() {
        #expect(SHA1.hexDigest(of: Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(SHA1.hexDigest(of: []) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(SHA1.hexDigest(of: Array(two.utf8)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }

    @Test func aScanCursorComesBackFromItsBytesAndFromNoOthers() throws {
        var cursor = ScanCursor()
        cursor.run = 0xabcd
        cursor.position = 77
        cursor.current.insert(9)
        cursor.keys = [ByteBuffer(string: "a"), ByteBuffer(string: "bc")]
        let bytes = cursor.bytes
        #expect(ScanCursor(bytes) == cursor)
        for count in 0..<bytes.readableBytes {
            // Whole keys less is a cursor, too.
            if let part = ScanCursor(bytes.getSlice(at: 0, length: count) ?? ByteBuffer()) {
                #expect(part.keys.count < 2)
            }
        }
        #expect(ScanCursor(ByteBuffer(string: "nonsense")) == nil && ScanCursor(ByteBuffer()) == nil)
    }

    @Test func aScanCursorHoldsNoMoreThanTheEngineWrites() {
        var cursor = ScanCursor()
        cursor.keys = ArraySlice(repeating: ByteBuffer(string: "k"), count: ScanCursor.keysMax)
        #expect(ScanCursor(cursor.bytes) == cursor)
        cursor.keys.append(ByteBuffer(string: "k"))
        #expect(ScanCursor(cursor.bytes) == nil)
        cursor.keys = [ByteBuffer(repeating: 7, count: ScanCursor.keyBytesMax)]
        #expect(ScanCursor(cursor.bytes) == cursor)
        cursor.keys = [ByteBuffer(repeating: 7, count: ScanCursor.keyBytesMax + 1)]
        #expect(ScanCursor(cursor.bytes) == nil)
    }
}
