//! Workloads by name: what others have published, so that figures can be compared, and what this service is for.

internal import ArgumentParser

enum Workload: String, ExpressibleByArgument, CaseIterable, Sendable, Codable {
    case get
    case multiGet = "multi-get"
    case put
    /// Facebook's general-purpose pool: 30 gets to a set, keys and values of many sizes (see `EntrySizes.etc`).
    case etc
    /// YCSB's core workloads (B. F. Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010): A updates
    /// half the time, B one time in 20, C never; D reads what was stored last; E reads short ranges; F reads, modifies and
    /// writes.
    case ycsbA = "ycsb-a"
    case ycsbB = "ycsb-b"
    case ycsbC = "ycsb-c"
    case ycsbD = "ycsb-d"
    case ycsbE = "ycsb-e"
    case ycsbF = "ycsb-f"
    /// A page of a news feed: some hundreds of keys within 15 ms.
    case feedPage = "case"

    /// Gets for each set of ETC.
    private static let etcGetsPerSet = 30.0
    /// Keys of a feed page, and its budget.
    private static let feedPageKeys = 300
    private static let feedPageMillis: Int32 = 15
    /// YCSB E's ranges have 1 to 100 entries, evenly. These lengths stand for them, each as often.
    private static let rangeLengths = Array(stride(from: 5, through: 95, by: 10))

    /// - Parameters:
    ///   - keysPerCall: of a multi-get.
    ///   - order: what draws keys; nil: what the workload has.
    func mix(keysPerCall: Int, order: KeyChooser.Order? = nil) -> CallMix {
        let skewed = order ?? .zipf
        switch self {
        case .get: return CallMix(.get, order ?? .uniform)
        case .multiGet: return CallMix(.multiGet(keysPerCall), order ?? .uniform)
        case .put: return CallMix(.put, order ?? .uniform)
        case .etc: return mix([read(Self.etcGetsPerSet, skewed), update(1, skewed)])
        case .ycsbA: return mix([read(50, skewed), update(50, skewed)])
        case .ycsbB: return mix([read(95, skewed), update(5, skewed)])
        case .ycsbC: return mix([read(100, skewed)])
        case .ycsbD: return mix([read(95, order ?? .latest), insert(5)])
        case .ycsbE:
            return mix(Self.rangeLengths.map { range($0, 95 / Double(Self.rangeLengths.count), skewed) } + [insert(5)])
        case .ycsbF:
            let modify = CallMix.Part(
                title: "read-modify-write", shape: .get, weight: 50, order: skewed, continuation: .put)
            return mix([read(50, skewed), modify])
        case .feedPage:
            var shape = CallShape.multiGet(Self.feedPageKeys)
            shape.timeoutMillis = Self.feedPageMillis
            return CallMix(shape, skewed)
        }
    }

    /// The sizes that the workload has, whatever else is asked for.
    var sizes: EntrySizes? { self == .etc ? .etc : nil }

    private func mix(_ parts: [CallMix.Part]) -> CallMix { CallMix(rawValue, parts) }

    private func read(_ weight: Double, _ order: KeyChooser.Order) -> CallMix.Part {
        CallMix.Part(title: "get", shape: .get, weight: weight, order: order)
    }

    private func update(_ weight: Double, _ order: KeyChooser.Order) -> CallMix.Part {
        CallMix.Part(title: "put", shape: .put, weight: weight, order: order)
    }

    private func insert(_ weight: Double) -> CallMix.Part {
        CallMix.Part(title: "insert", shape: .put, weight: weight, isInsert: true)
    }

    /// The service's keys have no order (its `scan` walks over all of them in none), so a range is what its clients make
    /// of one: a multiGet of the keys that follow each other.
    private func range(_ length: Int, _ weight: Double, _ order: KeyChooser.Order) -> CallMix.Part {
        CallMix.Part(title: "range", shape: .multiGet(length), weight: weight, order: order, isRange: true)
    }
}
