import NIOCore
import Testing

@testable import StorageAPI

@Suite struct KeyPlacementTests {
    /// Of the hash: those that implementations of XXH64 test each other by, and the specification's ranges of lengths.
    @Test(
        arguments: [
            ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b), ("as", 0x1c33_0fb2_d66b_e179),
            ("abc", 0x44bc_2cf5_ad77_0999), ("asdf", 0x4158_72f5_99ce_a71e),
            ("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2_e854_70d6_fd96),
            (String(repeating: "x", count: 4_096), 0xc7c0_4954_55a2_524f),
        ] as [(String, UInt64)])
    func theHashIsXXH64(text: String, hash: UInt64) {
        #expect(XXH64.hash(ByteBuffer(string: text).readableBytesSpan, seed: KeyPlacement.seed) == hash)
    }

    /// Of jump consistent hash: published with its Go implementation (https://github.com/dgryski/go-jump).
    @Test(arguments: [(1, 1, 0), (42, 57, 43), (0xdead_10cc, 1, 0), (0xdead_10cc, 666, 361), (256, 1_024, 520)])
    func theServerIsJumpConsistentHashs(hash: UInt64, count: Int, server: Int) {
        #expect(KeyPlacement.jump(hash, onto: count) == server)
    }

    /// The table that `KeyPlacement.swift` publishes.
    @Test(arguments: [
        (ByteBuffer(), [1, 2, 7, 332]), (ByteBuffer(string: "a"), [1, 1, 8, 894]),
        (ByteBuffer(string: "abc"), [0, 0, 6, 722]), (ByteBuffer(string: "user:1"), [0, 2, 2, 182]),
        (ByteBuffer(string: "user:2"), [0, 0, 0, 377]), (ByteBuffer(bytes: 0...31), [1, 1, 7, 243]),
        (ByteBuffer(bytes: 0...99), [0, 2, 7, 735]),
    ])
    func thePublishedPlacesHold(key: ByteBuffer, servers: [Int]) {
        #expect([2, 3, 10, 1_000].map { KeyPlacement(serverCount: $0).server(of: key) } == servers)
        #expect(KeyPlacement(serverCount: 1).server(of: key) == 0)
    }

    @Test func aServerMoreTakesItsShareAndNoOtherKeyMoves() {
        let count = 20_000
        for servers in 1...8 {
            let (before, after) = (KeyPlacement(serverCount: servers), KeyPlacement(serverCount: servers + 1))
            var moved = 0
            for number in 0..<count {
                let key = ByteBuffer(string: "key:\(number)")
                let (old, new) = (before.server(of: key), after.server(of: key))
                if old != new {
                    #expect(new == servers)
                    moved += 1
                }
            }
            // Its share, within five standard deviations.
            let share = 1 / Double(servers + 1)
            let deviation = (Double(count) * share * (1 - share)).squareRoot()
            #expect(abs(Double(moved) - Double(count) * share) < 5 * deviation)
        }
    }
}
