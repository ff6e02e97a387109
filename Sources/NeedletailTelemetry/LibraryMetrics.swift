//! The backend of swift-metrics: what libraries in this process count (generated clients, whatever else uses swift-metrics)
//! shows on `/metrics`, as `needletail_library_...`. Safe to use from any thread; every measurement takes a lock, which is
//! why the server's own figures of calls do not go through it, but through counters of each event loop.
//!
//! A counter ends in `_total`. A recorder that aggregates and a timer are histograms; a timer is in seconds and says so; a
//! meter, and a recorder that does not aggregate, are gauges. A metric is known by its name and its dimensions, and there is a
//! bound to how many there are: those beyond it count into nothing, and `library_metrics_dropped_total` says how many.

public import Metrics
internal import NeedletailThreads

/// Makes metrics, and shows them to a scrape.
public final class LibraryMetrics: MetricsFactory, @unchecked Sendable {
    /// The most metrics, each set of dimensions counting as one.
    public static var countMax: Int { 1_000 }
    /// The most bytes of a label's value; the rest is cut off.
    public static var labelBytesMax: Int { 128 }

    private let lock = Lock()
    private var metrics: [LibraryMetric.Identity: LibraryMetric] = [:]
    /// What each name is: a family has one kind.
    private var kinds: [String: LibraryMetric.Kind] = [:]
    private var dropped = 0

    public init() {}

    /// What the admin port shows.
    public static let process = LibraryMetrics()

    /// Has all libraries of the process count here; once, at its start, before any of them does.
    public static func bootstrap() { MetricsSystem.bootstrap(process) }

    /// All metrics, in the order of their names, and how many there was no room for.
    public var families: [MetricFamily] {
        lock.lock()
        let (all, dropped) = (metrics, dropped)
        lock.unlock()
        let byName = Dictionary(grouping: all) { $0.key.name }
        let families = byName.sorted { $0.key < $1.key }.compactMap { name, metrics -> MetricFamily? in
            guard let kind = metrics.first?.value.kind else { return nil }
            let ordered = metrics.sorted { $0.key < $1.key }
            return MetricFamily(
                name, kind.family, "Counted by a library through swift-metrics.",
                ordered.flatMap { $1.samples($0.labels) })
        }
        return families + [
            MetricFamily(
                "library_metrics_dropped_total", .counter,
                "Metrics of libraries beyond the bound, or of a name that is one of another kind.",
                value: Double(dropped))
        ]
    }

    private func metric(
        _ label: String, _ dimensions: [(String, String)], _ kind: LibraryMetric.Kind
    ) -> LibraryMetric {
        let identity = LibraryMetric.Identity(label, dimensions, kind)
        lock.lock()
        defer { lock.unlock() }
        if let metric = metrics[identity], metric.kind == kind { return metric }
        let metric = LibraryMetric(kind)
        guard metrics.count < Self.countMax, kinds[identity.name] ?? kind == kind else {
            dropped += 1
            return metric
        }
        kinds[identity.name] = kind
        metrics[identity] = metric
        return metric
    }

    /// Counters must not go back: what was destroyed is still shown, and goes on if it is made again.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        LibraryCounter(metric(label, dimensions, .counter))
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { LibraryCounter(metric(label, dimensions, .counter)) }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        LibraryGauge(metric(label, dimensions, .gauge))
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? LibraryRecorder(metric(label, dimensions, .histogram)) : LibraryGauge(metric(label, dimensions, .gauge))
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        LibraryTimer(metric(label, dimensions, .timer))
    }
}
