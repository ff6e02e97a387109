//! What the entries of a soak hold. A value is computed from its entry's number and the number of the write that stored
//! it, so that any value that comes back says whose it is and how old, and any byte that is wrong shows.
//!
//! Entries are of two kinds. A blob is the entry's number, the write's number, and computed bytes behind them; its size
//! changes from write to write, so that the server's allocator gets no rest. A counter is a decimal integer, the sum of
//! both numbers with the entry's in the upper half.

internal import NIOCore

/// What is wrong with an answer.
struct SoakFault: Error, Hashable, Codable, CustomStringConvertible {
    enum Kind: String, Codable, CaseIterable, Hashable, Sendable {
        /// Bytes that no write of the entry stores.
        case foreign = "bytes that were never a value of the key"
        /// A write that was not begun, or was refused.
        case neverWritten = "a value that was never written"
        case stale = "an older value than an acknowledged one"
        case lost = "missing, though acknowledged"
        case undead = "a value after its key was missing"
        case expired = "a value after its expiry"
        case version = "a version that does not fit"
        case outcome = "an outcome that cannot be"
        /// Bytes that are no answer, or one to no call.
        case malformed = "bytes that are no answer"
    }

    let kind: Kind
    let detail: String

    var description: String { "\(kind.rawValue): \(detail)" }
}

/// The entries, and what they hold.
struct SoakContent: Sendable {
    /// One entry in so many is a counter.
    private static let counterEvery: UInt32 = 16
    /// One entry in so many has values that the server sends by reference (16 KiB and up).
    private static let largeEvery: UInt32 = 1_024
    private static let largeSize = 20_000
    /// Bytes of other blobs; the size is drawn from the numbers.
    private static let sizes: ClosedRange<UInt64> = 16...784
    static let keySize = 16
    /// Bytes of a blob, on average.
    static let meanSize = 400
    private static let numbersSize = 8

    /// How many entries there are.
    let count: Int
    private let keys: KeySpace

    init(count: Int) {
        self.count = count
        keys = KeySpace(count: count, keySize: Self.keySize)
    }

    func isCounter(_ entry: UInt32) -> Bool { entry % Self.counterEvery == 1 }

    /// A counter among the entries before and behind `entry`. There have to be two entries or more.
    func counter(near entry: UInt32) -> UInt32 {
        let counter = entry - entry % Self.counterEvery + 1
        return Int(counter) < count ? counter : 1
    }

    func key(_ entry: UInt32) -> ByteBuffer { ByteBuffer(bytes: keys.key(entry)) }

    /// What a counter holds after write `number`.
    func count(_ entry: UInt32, _ number: UInt32) -> Int64 { Int64(entry) << 32 + Int64(number) }

    /// What a blob holds after write `number`.
    func blob(_ entry: UInt32, _ number: UInt32) -> ByteBuffer {
        let seed = Self.seed(entry, number)
        let size = Self.size(entry, seed)
        var bytes = ByteBuffer()
        bytes.reserveCapacity(size + MemoryLayout<UInt64>.size)
        bytes.writeInteger(entry)
        bytes.writeInteger(number)
        var index = 0
        while bytes.writerIndex < size {
            bytes.writeInteger(Self.word(seed, index))
            index += 1
        }
        bytes.moveWriterIndex(to: size)
        return bytes
    }

    /// Which write of `entry` stored `value`.
    func number(of value: ByteBuffer, _ entry: UInt32) throws(SoakFault) -> UInt32 {
        isCounter(entry) ? try countNumber(value, entry) : try blobNumber(value, entry)
    }

    private func countNumber(_ value: ByteBuffer, _ entry: UInt32) throws(SoakFault) -> UInt32 {
        let digits = String(decoding: value.readableBytesView, as: UTF8.self)
        guard let sum = Int64(digits), "\(sum)" == digits, sum >> 32 == Int64(entry) else {
            throw SoakFault(kind: .foreign, detail: "counter \(entry) is \(text(value.readableBytesView))")
        }
        return UInt32(truncatingIfNeeded: sum)
    }

    private func blobNumber(_ value: ByteBuffer, _ entry: UInt32) throws(SoakFault) -> UInt32 {
        guard value.readableBytes >= Self.numbersSize,
            let owner = value.getInteger(at: value.readerIndex, as: UInt32.self),
            let number = value.getInteger(at: value.readerIndex + 4, as: UInt32.self), owner == entry,
            value == blob(entry, number)
        else {
            throw SoakFault(kind: .foreign, detail: "entry \(entry) is \(text(value.readableBytesView))")
        }
        return number
    }

    private static func seed(_ entry: UInt32, _ number: UInt32) -> UInt64 {
        WyRand(seed: UInt64(entry) << 32 | UInt64(number)).state
    }

    private static func size(_ entry: UInt32, _ seed: UInt64) -> Int {
        if entry % largeEvery == 0 { return largeSize }
        return Int(sizes.lowerBound + seed % UInt64(sizes.count))
    }

    private static func word(_ seed: UInt64, _ index: Int) -> UInt64 {
        var word = seed &+ UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15
        word = (word ^ word &>> 32) &* 0xd6e8_feb8_6659_fd93
        return word ^ word &>> 32
    }
}
