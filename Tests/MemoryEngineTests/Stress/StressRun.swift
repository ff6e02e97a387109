//! What the threads of one stress run share: the engine, the clock that they move, the keys, what values look like, and
//! the board on which writers say what they have done.

import Glibc
import NIOCore
import StorageEngine
import Synchronization
import Timing

@testable import MemoryEngine

/// One engine under stress.
struct StressRun: Sendable {
    static let writers = 3
    static let keyCount = 6_000
    /// Keys below this are written before the run and never removed, nor do they expire.
    static let permanentKeys = 600
    /// Keys from here on are counters: decimal numbers that are `number` modulo `keyCount`.
    static let firstCounter = 5_700

    let seed: UInt64
    let engine: MemoryEngine
    let time = ManualTime()
    let board = Board(keyCount: keyCount)
    let keys = (0..<keyCount).map { key16($0) }

    init(_ configuration: MemoryEngineConfiguration, seed: UInt64) {
        self.seed = seed
        engine = MemoryEngine(configuration: configuration)
    }

    var now: WallTime { Clock.manual(time).wallNow() }
    var evicts: Bool { engine.shared.evicts }

    /// Ends the process with the seed if `condition` does not hold: at the moment of a fault everything can be looked at.
    func check(_ condition: Bool, _ message: @autoclosure () -> String) {
        if !condition { fatalError("stress, seed \(seed): \(message())") }
    }

    // MARK: Values

    /// The shortest value: the key's number and the stamp of the write.
    static let valueBytesMin = 16

    /// A value that tells its key and which of its owner's writes it is, and shows whether it is whole.
    static func value(_ number: Int, stamp: Int, length: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(number)
        bytes.writeInteger(stamp)
        bytes.writeRepeatingByte(fill(number, stamp), count: length - valueBytesMin)
        return bytes
    }

    private static func fill(_ number: Int, _ stamp: Int) -> UInt8 { UInt8(truncatingIfNeeded: number &* 31 &+ stamp) }

    /// The stamp of `number`'s value (a counter's is the counter); ends the process if the value is another's, or torn.
    func stamp(of item: borrowing ReadItem, _ number: Int) -> Int {
        unsafe item.value.withUnsafeBytes { bytes in
            if number >= Self.firstCounter {
                let value = unsafe DecimalInteger.parse(bytes).map(Int.init)
                guard let value, (value - number) % Self.keyCount == 0 else {
                    fatalError("stress, seed \(seed): key \(number) is no counter of its own")
                }
                return value
            }
            check(bytes.count >= Self.valueBytesMin, "key \(number) has \(bytes.count) bytes")
            let owner = unsafe Int(bigEndian: bytes.loadUnaligned(as: Int.self))
            let stamp = unsafe Int(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int.self))
            check(owner == number, "key \(number) has the value of \(owner)")
            guard bytes.count > Self.valueBytesMin, let start = bytes.baseAddress else { return stamp }
            let rest = unsafe start + Self.valueBytesMin
            let count = bytes.count - Self.valueBytesMin
            let isFilled = unsafe bytes[Self.valueBytesMin] == Self.fill(number, stamp)
            let isOneByteRepeated = unsafe memcmp(rest, rest + 1, count - 1) == 0
            check(isFilled && isOneByteRepeated, "key \(number) has a torn value")
            return stamp
        }
    }

    static func number(ofKey key: RawSpan) -> Int {
        unsafe key.withUnsafeBytes { unsafe Int(bigEndian: $0.loadUnaligned(as: Int.self)) }
    }
}

/// What the owner of each key lets readers on other threads know of it.
///
/// An owner withdraws a key's claim before it writes the key and makes a new one when the write is acknowledged. A reader
/// that finds the same claim before and after its read knows exactly what it must have read: had it seen any of a later
/// write, that write's withdrawal would have happened before its second look.
@safe
final class Board: @unchecked Sendable {
    /// What is known of a key that nobody writes at the moment.
    struct Claim: Equatable {
        fileprivate var bits: Int
        static let none = Claim(bits: 0)
        /// Live, without an expiry.
        static func live(_ version: Int64) -> Claim { Claim(bits: Int(version)) }
        /// Missing since the owner's `turn`-th write, which makes the claim differ from earlier ones.
        static func missing(turn: Int) -> Claim { Claim(bits: -turn) }

        var version: Int64? { bits > 0 ? Int64(bits) : nil }
        var isMissing: Bool { bits < 0 }
    }

    private let claims: UnsafeMutablePointer<Atomic<Int>>
    private let floors: UnsafeMutablePointer<Atomic<Int>>

    init(keyCount: Int) {
        unsafe claims = .allocate(capacity: keyCount)
        unsafe floors = .allocate(capacity: keyCount)
        for number in 0..<keyCount {
            unsafe (claims + number).initialize(to: Atomic(0))
            unsafe (floors + number).initialize(to: Atomic(0))
        }
    }

    deinit {
        unsafe claims.deallocate()
        unsafe floors.deallocate()
    }

    func claim(_ number: Int) -> Claim { Claim(bits: unsafe claims[number].load(ordering: .acquiring)) }

    /// The version of the key's last acknowledged write, whatever became of it: nothing older may be read after.
    func floor(_ number: Int) -> Int64 { Int64(unsafe floors[number].load(ordering: .acquiring)) }

    func withdraw(_ number: Int) { unsafe claims[number].store(0, ordering: .releasing) }

    func make(_ claim: Claim, _ number: Int, floor: Int64?) {
        if let floor { unsafe floors[number].store(Int(floor), ordering: .releasing) }
        unsafe claims[number].store(claim.bits, ordering: .releasing)
    }
}
