//! One metric of a library, and the handlers that swift-metrics gives to whoever measures.

internal import Metrics
internal import NeedletailThreads

/// The value of one metric with one set of dimensions.
final class LibraryMetric: @unchecked Sendable {
    enum Kind {
        case counter
        case gauge
        case histogram
        /// A histogram in seconds.
        case timer

        var family: MetricFamily.Kind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram, .timer: .histogram
            }
        }

        /// What Prometheus wants at the end of a name.
        var suffix: String {
            switch self {
            case .counter: "_total"
            case .gauge, .histogram: ""
            case .timer: "_seconds"
            }
        }

        var bounds: [Double] {
            switch self {
            case .counter, .gauge: []
            case .histogram: (-3...9).map { exponent in LibraryMetric.power(of: exponent) }
            case .timer: MetricFamily.latencyBounds.map { Double($0.value) / 1e9 }
            }
        }
    }

    /// A name and dimensions as Prometheus allows them.
    struct Identity: Hashable, Comparable {
        let name: String
        /// Names and values in turn.
        private let flatLabels: [String]

        init(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) {
            let name = "library_" + Self.allowed(label)
            self.name = name.hasSuffix(kind.suffix) ? name : name + kind.suffix
            var seen: Set<String> = []
            flatLabels = dimensions.flatMap { dimension -> [String] in
                var key = Self.allowed(dimension.0)
                if key.isEmpty || key.first?.isNumber == true || ["le", "quantile"].contains(key) { key = "_" + key }
                guard seen.insert(key).inserted else { return [] }
                return [key, Self.cut(dimension.1)]
            }
        }

        var labels: [(name: String, value: String)] {
            stride(from: 0, to: flatLabels.count, by: 2).map { (flatLabels[$0], flatLabels[$0 + 1]) }
        }

        static func < (lhs: Self, rhs: Self) -> Bool {
            (lhs.name, lhs.flatLabels.joined(separator: "\n")) < (rhs.name, rhs.flatLabels.joined(separator: "\n"))
        }

        private static func allowed(_ name: String) -> String {
            String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        }

        private static func cut(_ value: String) -> String {
            value.utf8.count <= LibraryMetrics.labelBytesMax
                ? value : String(decoding: value.utf8.prefix(LibraryMetrics.labelBytesMax), as: UTF8.self)
        }
    }

    let kind: Kind
    private let bounds: [Double]
    private let lock = Lock()
    /// A counter's or gauge's value; the sum of a histogram.
    private var value = 0.0
    /// A histogram's values, by the first bound that holds them; the last are above all.
    private var counts: [Int]

    init(_ kind: Kind) {
        self.kind = kind
        bounds = kind.bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    func add(_ amount: Double) { change { $0 += amount } }

    func set(_ value: Double) { change { $0 = value } }

    private func change(_ body: (inout Double) -> Void) {
        lock.lock()
        defer { lock.unlock() }
        body(&value)
    }

    /// What is no number is left out: no sum comes back from it.
    func observe(_ observed: Double) {
        guard observed.isFinite else { return }
        let cell = bounds.firstIndex { observed <= $0 } ?? bounds.count
        lock.lock()
        defer { lock.unlock() }
        value += observed
        counts[cell] += 1
    }

    func samples(_ labels: [(name: String, value: String)]) -> [MetricFamily.Sample] {
        lock.lock()
        let (value, counts) = (value, counts)
        lock.unlock()
        guard kind.family == .histogram else { return [.init(labels, value)] }
        var total = 0
        var samples: [MetricFamily.Sample] = []
        for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], counts) {
            total += count
            samples.append(.init(labels + [("le", bound)], Double(total), suffix: "_bucket"))
        }
        return samples + [
            .init(labels, value, suffix: "_sum"), .init(labels, Double(total), suffix: "_count"),
        ]
    }

    fileprivate static func power(of exponent: Int) -> Double {
        exponent < 0 ? 1 / power(of: -exponent) : (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}

/// Only grows; what would take from it is left out.
final class LibraryCounter: CounterHandler, FloatingPointCounterHandler {
    private let metric: LibraryMetric

    init(_ metric: LibraryMetric) { self.metric = metric }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) { if amount > 0 { metric.add(amount) } }

    func reset() { metric.set(0) }
}

final class LibraryGauge: MeterHandler, RecorderHandler {
    private let metric: LibraryMetric

    init(_ metric: LibraryMetric) { self.metric = metric }

    func set(_ value: Int64) { metric.set(Double(value)) }

    func set(_ value: Double) { metric.set(value) }

    func increment(by amount: Double) { metric.add(amount) }

    func decrement(by amount: Double) { metric.add(-amount) }

    func record(_ value: Int64) { metric.set(Double(value)) }

    func record(_ value: Double) { metric.set(value) }
}

final class LibraryRecorder: RecorderHandler {
    private let metric: LibraryMetric

    init(_ metric: LibraryMetric) { self.metric = metric }

    func record(_ value: Int64) { metric.observe(Double(value)) }

    func record(_ value: Double) { metric.observe(value) }
}

final class LibraryTimer: TimerHandler {
    private let metric: LibraryMetric

    init(_ metric: LibraryMetric) { self.metric = metric }

    func recordNanoseconds(_ duration: Int64) { metric.observe(Double(duration) / 1e9) }
}
