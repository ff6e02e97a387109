//! Hot keys and large values of one event loop's calls, found by looking at some of their keys.
//!
//! Of the keys that calls name, one in so many is counted, chosen at random: a fixed distance would meet the same place of
//! each multiGet again and again. A value's size is looked at where it passes the service anyway: of put and multiPut, and
//! of get. Until a key is chosen, or a value is among the largest, that is a subtraction or a comparison.
//!
//! Threads: written by its loop; what was found is read by any, under the lock.

internal import NIOCore
internal import NeedletailWire
internal import Synchronization

/// Looks at the keys of one event loop's calls.
final class KeySampler: Sendable {
    /// Keys that are counted at a time: a key that is more than one in so many of all is certain to be found.
    static let hotKeysMax = 128
    /// Values whose keys are kept.
    static let largestValuesMax = 16

    private struct Findings {
        var hotKeys = SpaceSaving(capacity: KeySampler.hotKeysMax)
        var largestValues = LargestValues(capacity: KeySampler.largestValuesMax)
    }

    private let keysPerSample: Int
    private let findings = Mutex(Findings())
    // Of the loop alone.
    private let keysUntilSample = Atomic<Int>(1)
    private let random: Atomic<UInt64>
    private let valueBytesMin = Atomic<Int>(0)

    /// - Parameters:
    ///   - keysPerSample: one key in so many is counted.
    ///   - seed: of the choice.
    init(keysPerSample: Int, seed: UInt64 = .random(in: 1 ... .max)) {
        precondition(keysPerSample > 0, "one key in so many")
        self.keysPerSample = keysPerSample
        random = Atomic(seed)
    }

    /// The distance to the next key, between 1 and twice the mean.
    private func drawDistance() -> Int {
        // xorshift64 (Marsaglia, 2003).
        var bits = random.load(ordering: .relaxed)
        bits ^= bits << 13
        bits ^= bits >> 7
        bits ^= bits << 17
        random.store(bits, ordering: .relaxed)
        return 1 + Int(truncatingIfNeeded: bits >> 1) % (2 * keysPerSample - 1)
    }

    /// The one key of a call.
    func saw(_ key: RawSpan) {
        let left = keysUntilSample.load(ordering: .relaxed) - 1
        keysUntilSample.store(left, ordering: .relaxed)
        if left == 0 { count(key) }
    }

    /// The keys of a call.
    func saw(_ keys: BinaryList) {
        var place = -1
        while true {
            let left = keysUntilSample.load(ordering: .relaxed)
            guard place + left < keys.count else {
                keysUntilSample.store(left - (keys.count - 1 - place), ordering: .relaxed)
                return
            }
            place += left
            count(keys[place])
        }
    }

    /// An entry that is to be stored.
    func saw(_ valueBytes: Int, of key: ByteBuffer) {
        saw(key.readableBytesSpan)
        saw(valueBytes: valueBytes, of: key.readableBytesSpan)
    }

    /// A value that was read or is to be stored.
    func saw(valueBytes: Int, of key: RawSpan) {
        guard valueBytes > valueBytesMin.load(ordering: .relaxed) else { return }
        let copy = key.copied
        let least = findings.withLock { findings in
            findings.largestValues.add(valueBytes, of: copy)
            return findings.largestValues.byteCountMin
        }
        valueBytesMin.store(least, ordering: .relaxed)
    }

    private func count(_ key: RawSpan) {
        keysUntilSample.store(drawDistance(), ordering: .relaxed)
        let copy = key.copied
        findings.withLock { $0.hotKeys.add(copy) }
    }

    /// What was found so far.
    var found: (hotKeys: SpaceSaving, largestValues: LargestValues) {
        findings.withLock { ($0.hotKeys, $0.largestValues) }
    }
}

extension RawSpan {
    fileprivate var copied: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
