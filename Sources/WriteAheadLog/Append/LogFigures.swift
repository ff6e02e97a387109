//! What the log counts. Written by whoever writes it or syncs it, read by whoever scrapes.

package import NeedletailTelemetry

/// Counters and histograms of a log.
package final class LogFigures: Sendable {
    private enum Counter: Int, CaseIterable {
        case bytes, records, writes, segments
    }

    private enum Histogram: Int, CaseIterable {
        case sync, batch
    }

    private let counters = CounterBlock(count: Counter.allCases.count)
    private let committing = LatencyHistograms(count: Histogram.allCases.count)
    private let upkeep = LatencyHistograms(count: Histogram.allCases.count)

    /// Bytes written to segments, records of the log's own included.
    package var bytesAppended: UInt64 { counters[Counter.bytes.rawValue] }
    package var recordsAppended: UInt64 { counters[Counter.records.rawValue] }
    package var segmentsBegun: UInt64 { counters[Counter.segments.rawValue] }

    /// How long syncs of segments took.
    package var syncDurations: LatencyDistribution {
        LatencyDistribution(merging: [committing, upkeep], at: Histogram.sync.rawValue)
    }

    /// How many records went to the segment in one group: a histogram of counts, not of nanoseconds.
    package var batchRecords: LatencyDistribution {
        LatencyDistribution(merging: [committing], at: Histogram.batch.rawValue)
    }

    // MARK: Counting, by who may write

    func countWrite(bytes: Int) {
        counters.add(bytes, to: Counter.bytes.rawValue)
        counters.add(to: Counter.writes.rawValue)
    }

    func countGroup(records: Int) {
        counters.add(records, to: Counter.records.rawValue)
        committing.record(nanoseconds: Int64(records), in: Histogram.batch.rawValue)
    }

    func countSegment() { counters.add(to: Counter.segments.rawValue) }

    func countSync(nanoseconds: Int64) { committing.record(nanoseconds: nanoseconds, in: Histogram.sync.rawValue) }

    // MARK: Counting, on the upkeep thread

    func countUpkeepSync(nanoseconds: Int64) { upkeep.record(nanoseconds: nanoseconds, in: Histogram.sync.rawValue) }
}
