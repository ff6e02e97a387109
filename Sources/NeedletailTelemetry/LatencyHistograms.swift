//! Latencies of one event loop: log-linear histograms in the manner of HdrHistogram (Tene), in memory of fixed size.
//!
//! A duration falls into one of 64 cells of its octave, so that a cell is at most 1/64 of its value wide and its middle
//! is off by less than 0.8%: two significant digits, from 1 ns to 137 s, in 16 KiB. Recording is two additions to
//! counters that one loop owns (CounterBlock.swift): no lock, no locked instruction. A scrape reads the cells of all
//! loops and adds them up; nothing is ever averaged.

/// A row of histograms of durations with one writer and any number of readers.
public final class LatencyHistograms: Sendable {
    /// Cells of an octave.
    @usableFromInline static var cellsPerOctave: UInt64 { 64 }
    /// Longer durations count as this long.
    @usableFromInline static var nanosecondsMax: UInt64 { 1 << 37 - 1 }
    static let cellCount = index(of: nanosecondsMax) + 1
    /// A histogram's counters: its cells, then the sum of all its durations.
    @usableFromInline static let stride = cellCount + 1

    /// How many histograms.
    public let count: Int
    @usableFromInline let counters: CounterBlock

    public init(count: Int) {
        self.count = count
        counters = CounterBlock(count: count * Self.stride)
    }

    /// Counts a duration in one of the histograms; a negative one counts as 0. Only the owner calls this.
    @inlinable
    public func record(nanoseconds: Int64, in histogram: Int) {
        let value = min(UInt64(max(nanoseconds, 0)), Self.nanosecondsMax)
        let first = histogram &* Self.stride
        counters.add(to: first &+ Self.index(of: value))
        counters.add(Int(truncatingIfNeeded: value), to: first &+ Self.stride &- 1)
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
    private var cells = [UInt64](repeating: 0, count: LatencyHistograms.cellCount)
    /// How many durations.
    public private(set) var count: UInt64 = 0
    /// All durations added up.
    public private(set) var nanosecondsSum: UInt64 = 0

    public init() {}

    /// What the histograms at one place of several rows hold now, added up.
    public init(merging rows: some Sequence<LatencyHistograms>, at histogram: Int) {
        for row in rows { add(row, histogram) }
    }

    private mutating func add(_ row: LatencyHistograms, _ histogram: Int) {
        precondition(0..<row.count ~= histogram, "a histogram of the row")
        let first = histogram * LatencyHistograms.stride
        for index in cells.indices {
            let value = row.counters[first + index]
            cells[index] &+= value
            count &+= value
        }
        nanosecondsSum &+= row.counters[first + LatencyHistograms.cellCount]
    }

    /// What was recorded after `earlier` was read, which is an older reading of the same histograms.
    public func since(_ earlier: LatencyDistribution) -> LatencyDistribution {
        var rest = self
        guard earlier.count > 0 else { return rest }
        for index in cells.indices { rest.cells[index] &-= earlier.cells[index] }
        rest.count &-= earlier.count
        rest.nanosecondsSum &-= earlier.nanosecondsSum
        return rest
    }

    /// The duration that this share of all durations does not exceed, in nanoseconds; 0 if there is none.
    /// - Parameter quantile: 0 to 1, as 0.99.
    public func nanoseconds(at quantile: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((quantile * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, value) in cells.enumerated() {
            seen += value
            if seen >= rank { return LatencyHistograms.middle(of: index) }
        }
        return LatencyHistograms.nanosecondsMax
    }

    /// How many durations were at most as long as each bound, in nanoseconds and rising order.
    public func counts(atMost bounds: [UInt64]) -> [UInt64] {
        var counts: [UInt64] = []
        var seen: UInt64 = 0
        var index = 0
        for bound in bounds {
            while index < cells.count, LatencyHistograms.middle(of: index) <= bound {
                seen += cells[index]
                index += 1
            }
            counts.append(seen)
        }
        return counts
    }
}
