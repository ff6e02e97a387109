//! What the host of a virtual machine took of its cores: time in which one had work and was not run, "steal" in proc_stat(5).
//! It is to a virtual machine what a CPU quota is to a container.
//!
//! Calls that arrive by a Poisson process meet a core as it is on average (R. W. Wolff, "Poisson Arrivals See Time Averages",
//! Operations Research 30, 1982). So where a share of a core's time is stolen, that share of the calls waits for the host
//! before anything else, and those behind them, too. From a hundredth on a P99 is the host's alone.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

struct StolenTime: Sendable, Hashable {
    /// Of a core's time: with more, a P99 does not count. Half of the slowest hundredth.
    static let shareMax = 0.005

    /// By the core's number, since the machine was started.
    private var ticks: [Int: Int] = [:]

    static func soFar() -> StolenTime { StolenTime(contents(ofFile: "/proc/stat") ?? "") }

    /// - Parameter stat: what `/proc/stat` says. A kernel that is not told by its host, or has none, counts zeros.
    init(_ stat: String) {
        for line in stat.split(separator: "\n") {
            // cpu0 user nice system idle iowait irq softirq steal ...
            let fields = line.split(separator: " ")
            guard fields.count > 8, fields[0].hasPrefix("cpu"), let core = Int(fields[0].dropFirst(3)) else { continue }
            ticks[core] = Int(fields[8])
        }
    }

    /// Seconds since `before`, of that core of these from which most was taken; the kernel counts in ticks, mostly of 10 ms.
    func seconds(since before: StolenTime, of cores: CoreSet) -> Double {
        let stolen = cores.cores.map { (ticks[$0] ?? 0) - (before.ticks[$0] ?? 0) }
        return Double(max(stolen.max() ?? 0, 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// Measures again where a container's quota or the host stopped us, a bounded number of times.
struct Repeats {
    private(set) var count = 0
    private let countMax: Int

    init(atMost countMax: Int) { self.countMax = countMax }

    /// Whether a measurement is to be made again.
    mutating func takes(_ measurement: Measurement) -> Bool {
        guard measurement.throttled > 0 || !measurement.isCalm, count < countMax else { return false }
        count += 1
        return true
    }

    mutating func measure(_ body: () throws -> Measurement) rethrows -> Measurement {
        while true {
            let measurement = try body()
            if !takes(measurement) { return measurement }
        }
    }
}
