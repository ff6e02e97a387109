//! Latencies of one event loop: a log-linear histogram in the manner of HdrHistogram (Tene), in memory of fixed size.
//!
//! A duration falls into one of 64 cells of its octave, so that a cell is at most 1/64 of its value wide and its middle
//! is off by less than 0.8%: two significant digits, from 1 ns to 137 s, in 16 KiB. Recording is two additions to
//! counters that one loop owns (CounterBlock.swift): no lock, no locked instruction. A scrape reads the cells of all
//! loops and adds them up; nothing is ever averaged.

/// A histogram of durations with one writer and any number of readers.
public final class LatencyHistogram: Sendable {
    /// Cells of an octave.
    @usableFromInline static var cellsPerOctave: UInt64 { 64 }
    /// Longer durations count as this long.
    @usableFromInline static var nanosecondsMax: UInt64 { 1 << 37 - 1 }
    @usableFromInline static let cellCount = index(of: nanosecondsMax) + 1

    /// The cells, then the sum of all durations.
    @usableFromInline let counters = CounterBlock(count: cellCount + 1)

    public init() {}

    /// Counts a duration; a negative one counts as 0. Only the owner calls this.
    @inlinable
    public func record(nanoseconds: Int64) {
        let value = min(UInt64(max(nanoseconds, 0)), Self.nanosecondsMax)
        counters.add(to: Self.index(of: value))
        counters.add(Int(truncatingIfNeeded: value), to: Self.cellCount)
    }

    /// The cell of a duration: its own number below 128 ns, then 64 cells for each doubling.
    @inlinable
    @inline(__always)
    static func index(of value: UInt64) -> Int {
        let shift = UInt64(max(0, 57 - value.leadingZeroBitCount))
        return Int(truncatingIfNeeded: cellsPerOctave &* shift &+ value >> shift)
    }

    /// What lies in the middle of a cell.
    static func middle(of index: Int) -> UInt64 {
        let shift = UInt64(max(0, index / Int(cellsPerOctave) - 1))
        let low = (UInt64(index) - cellsPerOctave * shift) << shift
        return low + (1 << shift) / 2
    }
}

/// Durations that were recorded, of one histogram or of several together.
public struct LatencyDistribution: Sendable {
    private var cells = [UInt64](repeating: 0, count: LatencyHistogram.cellCount)
    /// How many durations.
    public private(set) var count: UInt64 = 0
    /// All durations added up.
    public private(set) var nanosecondsSum: UInt64 = 0

    public init() {}

    /// What `histograms` hold now, added up.
    public init(merging histograms: some Sequence<LatencyHistogram>) {
        for histogram in histograms { add(histogram) }
    }

    private mutating func add(_ histogram: LatencyHistogram) {
        for index in cells.indices {
            let value = histogram.counters[index]
            cells[index] &+= value
            count &+= value
        }
        nanosecondsSum &+= histogram.counters[LatencyHistogram.cellCount]
    }

    /// The duration that this share of all durations does not exceed, in nanoseconds; 0 if there is none.
    /// - Parameter quantile: 0 to 1, as 0.99.
    public func nanoseconds(at quantile: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((quantile * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, value) in cells.enumerated() {
            seen += value
            if seen >= rank { return LatencyHistogram.middle(of: index) }
        }
        return LatencyHistogram.nanosecondsMax
    }

    /// How many durations were at most as long as each bound, in nanoseconds and rising order.
    public func counts(atMost bounds: [UInt64]) -> [UInt64] {
        var counts: [UInt64] = []
        var seen: UInt64 = 0
        var index = 0
        for bound in bounds {
            while index < cells.count, LatencyHistogram.middle(of: index) <= bound {
                seen += cells[index]
                index += 1
            }
            counts.append(seen)
        }
        return counts
    }
}
