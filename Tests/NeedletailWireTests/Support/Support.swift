//! What the tests of the wire formats share: scale, seeded randomness, bytes as hexadecimal text.

import Glibc
import NIOCore
import NeedletailWire

/// How much work the tests do: `TEST_SCALE=full` for the counts that a release asks for.
enum Scale {
    static let isFull = unsafe getenv("TEST_SCALE").map { unsafe String(cString: $0) } == "full"
    static func pick(_ ci: Int, full: Int) -> Int { isFull ? full : ci }
}

/// SplitMix64: the same numbers in every run for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// A whole number of any width: small ones as often as large ones.
    mutating func integer() -> Int64 { Int64(bitPattern: next()) >> Int64(below(64)) }

    /// Text of one- to four-byte characters.
    mutating func text(_ count: Int) -> String {
        let characters: [Character] = ["a", "Z", "_", "0", "é", "€", "😀", "\u{0}"]
        return String((0..<count).map { _ in characters[below(characters.count)] })
    }
}

/// Bytes written in hexadecimal; spaces and dashes are for the eye.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2), "half a byte")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension Sequence<UInt8> {
    var hex: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// `bytes` as a message that does not begin where its buffer does, as most do not.
func message(_ bytes: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer(bytes: [0xc1, 0xc1, 0xc1] + bytes)
    buffer.moveReaderIndex(forwardBy: 3)
    return buffer
}

/// What `body` throws; nil if it gives a value.
func wireError<Value>(_ body: () throws(WireError) -> Value) -> WireError? {
    do throws(WireError) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

func newWriter() -> ByteWriter { ByteWriter(into: ByteBuffer()) }

extension RawSpan {
    /// A copy.
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension [UInt8] {
    /// Big-endian bytes of `value`.
    static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
