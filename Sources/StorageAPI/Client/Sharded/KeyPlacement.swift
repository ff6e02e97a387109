//! Which of several servers has a key. Published, so that clients in other languages place keys alike:
//!
//!     hash   = XXH64 of the key's bytes, seed 0
//!     server = jump consistent hash of `hash` onto the number of servers, counted from 0 in the order of their list
//!
//! Jump consistent hash is John Lamping's and Eric Veach's ("A Fast, Minimal Memory, Consistent Hash Algorithm", 2014,
//! https://arxiv.org/abs/1406.2294). A server that is added to the end of the list takes its share of the keys from all
//! others, and no other key moves; only the last server can be taken away so. Keys that move are not carried over: to a
//! cache they are misses.
//!
//! Some places, to check an implementation by:
//!
//!     key            XXH64                of 2   of 3   of 10   of 1,000
//!     (no bytes)     ef46db3751d8e999      1      2      7       332
//!     a              d24ec4f1a98c6e5b      1      1      8       894
//!     abc            44bc2cf5ad770999      0      0      6       722
//!     user:1         d9c7c4609e6080f3      0      2      2       182
//!     user:2         337be5a0c611350a      0      0      0       377
//!     bytes 0...31   cbf59c5116ff32b4      1      1      7       243
//!     bytes 0...99   6ac1e58032166597      0      2      7       735

public import NIOCore

/// Which of a list of servers has a key.
public struct KeyPlacement: Sendable, Hashable {
    /// The seed of the keys' hash: the same for everybody.
    public static let seed: UInt64 = 0

    /// How many servers there are, at least 1.
    public let serverCount: Int

    /// - Precondition: `serverCount` is at least 1.
    public init(serverCount: Int) {
        precondition(serverCount > 0, "keys need a server")
        self.serverCount = serverCount
    }

    /// The index of the server that has `key`.
    public func server(of key: RawSpan) -> Int {
        serverCount == 1 ? 0 : Self.jump(XXH64.hash(key, seed: Self.seed), onto: serverCount)
    }

    /// The index of the server that has `key`.
    public func server(of key: ByteBuffer) -> Int { server(of: key.readableBytesSpan) }

    /// Lamping's and Veach's function: from one jump of the hash's bucket to the next, as buckets are added.
    static func jump(_ hash: UInt64, onto count: Int) -> Int {
        var state = hash
        var bucket = 0
        var next = 0
        while next < count {
            bucket = next
            state = state &* 2_862_933_555_777_941_757 &+ 1
            next = Int(Double(bucket + 1) * (Double(1 << 31) / Double(state >> 33 + 1)))
        }
        return bucket
    }
}
