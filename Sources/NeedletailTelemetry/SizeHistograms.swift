//! Sizes of one event loop (bytes of a message, keys of a call): how many were within each power of two. Recording is two
//! additions to counters that one loop owns (CounterBlock.swift).

/// A row of histograms of sizes with one writer and any number of readers.
public final class SizeHistograms: Sendable {
    /// The largest power of two that has a cell of its own: the largest frame that may be configured is within it.
    @usableFromInline static var powerMax: Int { 30 }
    /// A histogram's counters: a cell for each power of two, one for what is larger, the sum of all sizes.
    @usableFromInline static var stride: Int { powerMax + 3 }

    /// How many histograms.
    public let count: Int
    @usableFromInline let counters: CounterBlock

    public init(count: Int) {
        self.count = count
        counters = CounterBlock(count: count * Self.stride)
    }

    /// Counts a size in one of the histograms; a negative one counts as 0. Only the owner calls this.
    @inlinable
    public func record(_ size: Int, in histogram: Int) {
        let size = max(size, 0)
        let first = histogram &* Self.stride
        // The smallest power of two that is not below the size.
        let power = size <= 1 ? 0 : Int.bitWidth &- (size &- 1).leadingZeroBitCount
        counters.add(to: first &+ min(power, Self.powerMax &+ 1))
        counters.add(size, to: first &+ Self.stride &- 1)
    }
}

/// Sizes that were recorded, of one histogram or of several together.
public struct SizeDistribution: Sendable {
    /// By powers of two; the last is for what is larger than all of them.
    private var cells = [UInt64](repeating: 0, count: SizeHistograms.powerMax + 2)
    /// How many sizes.
    public private(set) var count: UInt64 = 0
    /// All sizes added up.
    public private(set) var sum: UInt64 = 0

    /// What the histograms at one place of several rows hold now, added up.
    public init(merging rows: some Sequence<SizeHistograms>, at histogram: Int) {
        for row in rows {
            precondition(0..<row.count ~= histogram, "a histogram of the row")
            let first = histogram * SizeHistograms.stride
            for index in cells.indices {
                cells[index] &+= row.counters[first + index]
                count &+= row.counters[first + index]
            }
            sum &+= row.counters[first + SizeHistograms.stride - 1]
        }
    }

    /// How many sizes were at most this power of two.
    func count(atMostPower power: Int) -> UInt64 { cells[...power].reduce(0, &+) }
}

extension MetricFamily {
    /// A histogram of sizes, with one distribution for each value of `label`.
    /// - Parameter powers: the powers of two that are buckets' upper bounds, rising.
    public init(
        sizes name: String, _ help: String, by label: String, _ distributions: [(value: String, SizeDistribution)],
        powers: some Sequence<Int>
    ) {
        let samples = distributions.flatMap { value, distribution in
            let labels = [(name: label, value: value)]
            let buckets = powers.map { power in
                Sample(
                    labels + [("le", "\(1 << power)")], Double(distribution.count(atMostPower: power)),
                    suffix: "_bucket")
            }
            return buckets + [
                Sample(labels + [("le", "+Inf")], Double(distribution.count), suffix: "_bucket"),
                Sample(labels, Double(distribution.sum), suffix: "_sum"),
                Sample(labels, Double(distribution.count), suffix: "_count"),
            ]
        }
        self.init(name, .histogram, help, samples)
    }
}
