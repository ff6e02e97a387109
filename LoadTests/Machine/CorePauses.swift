//! What a core takes from a thread that never waits: ticks of the kernel's timer, interrupts, the kernel's own threads and,
//! in a virtual machine, the host. No server's percentiles are below them. Measured as Gil Tene's jHiccup does: two readings
//! of the clock right after each other should be the same time, and where they are not, somebody else had the core.

internal import Histogram
internal import Timing

struct CorePauses: Sendable {
    /// Shorter gaps are no pauses, nanoseconds: an interrupt that was answered at once takes about so long.
    static let nanosecondsMin: Int64 = 5_000

    let core: Int
    private(set) var seconds = 0.0
    private(set) var lengths = LatencyHistogram.empty()
    /// Nanoseconds of all pauses.
    private var sum: Int64 = 0

    init(core: Int) { self.core = core }

    var perSecond: Double { Double(lengths.totalCount) / seconds }
    /// Of the core's time.
    var share: Double { Double(sum) / (seconds * 1e9) }

    /// Reads the clock for so long, on the core, and puts the calling thread back where it was.
    mutating func measure(seconds: Double) {
        let cores = CoreSet.current()
        CoreSet([core]).apply()
        defer { cores.apply() }
        let start = Clock.system.now()
        var last = start
        repeat {
            let now = Clock.system.now()
            let gap = now.nanoseconds(since: last)
            if gap >= Self.nanosecondsMin {
                lengths.record(nanoseconds: gap)
                sum += gap
            }
            last = now
        } while Double(last.nanoseconds(since: start)) < seconds * 1e9
        self.seconds += Double(last.nanoseconds(since: start)) / 1e9
    }
}
