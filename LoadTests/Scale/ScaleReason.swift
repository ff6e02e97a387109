//! Why a curve has the slope that it has, as far as the figures tell: each sentence stands on numbers of the same run.

struct ScaleReason {
    /// Bytes of a cache line.
    private static let lineBytes = 64

    let curve: ScaleCurve
    let caches: CacheSizes
    let entries: KeySpace

    var lines: [String] {
        let slopes = curve.series.flatMap { points -> [String] in
            guard let first = points.first, let last = points.last, points.count > 1 else { return [] }
            return switch curve.axis {
            case .keys: keys(first, last)
            case .connections: connections(points, first, last)
            case .eventLoops: eventLoops(first, last)
            case .keysPerCall: keysPerCall(points)
            }
        }
        return curve.axis == .keys && !slopes.isEmpty ? slopes + places : slopes
    }

    private func keys(_ first: ScalePoint, _ last: ScalePoint) -> [String] {
        guard let from = first.nanosecondsPerKey, let to = last.nanosecondsPerKey else { return [] }
        let change = "\(fixed(abs(to - from), 1)) ns \(to < from ? "less" : "more")"
        return [
            """
            \(first.shape.title): \(change) for each key at \(grouped(last.value)) keys than at \(grouped(first.value)).
            """
        ]
    }

    /// Where entries and tables lie decides how long a lookup waits.
    private var places: [String] {
        let places = (curve.series.first ?? []).compactMap { point in
            point.storeBytes.map { "\(grouped(point.value)): \(megabytes($0)), \(caches.place(of: $0))" }
        }
        let valueLines = (entries.keySize + entries.valueSize + Self.lineBytes - 1) / Self.lineBytes
        return [
            """
            Entries and tables: \(places.joined(separator: "; ")). A key that is drawn at random is in a cache as often as \
            its share of the store fits; one that is not waits for its bucket's line and for \(valueLines) or more of its \
            entry's. A multiGet waits for those of many keys at the same time, a get for one after the other.
            """
        ]
    }

    /// More connections mean that more calls wait when the event loop looks, and that each has more memory of its own.
    private func connections(_ points: [ScalePoint], _ first: ScalePoint, _ last: ScalePoint) -> [String] {
        guard let from = first.serverMicroseconds, let to = last.serverMicroseconds, from > 0 else { return [] }
        let shares = points.compactMap { point -> String? in
            guard let cpu = point.serverMicroseconds, let share = point.systemShare, let sleeps = point.sleepsPerCall
            else { return nil }
            return """
                \(grouped(point.value)): \(fixed(cpu * share, 2)) us in the kernel and \(fixed(cpu * (1 - share), 2)) in \
                the server, asleep \(fixed(sleeps * 1_000, 1)) times in 1,000 requests
                """
        }
        var lines = [
            """
            \(first.shape.title): \(fixed(to / from, 2)) times the CPU at \(grouped(last.value)) connections of that at \
            \(grouped(first.value)); \(shares.joined(separator: "; ")).
            """
        ]
        if let least = first.residentBytes, let most = last.residentBytes, last.value > first.value {
            let each = Double(most - least) / Double(last.value - first.value)
            lines.append(
                """
                Resident memory grows by \(fixed(each / 1_024, 1)) KiB a connection; what the kernel keeps for its socket \
                comes on top. With many of them neither is in a cache when its turn comes.
                """)
        }
        return lines
    }

    private func eventLoops(_ first: ScalePoint, _ last: ScalePoint) -> [String] {
        guard let one = first.rate, let more = last.rate, one > 0 else { return [] }
        var line =
            "\(first.shape.title): \(fixed(more / one, 2)) times the throughput with \(last.value) event loops; "
        line += "locks were found taken \(fixed(last.contendedLocks ?? 0, 0)) times"
        if let before = first.generatorShare, let after = last.generatorShare {
            line +=
                """
                ; the generator took \(fixed(before * 100, 0))% of its core, and \(fixed(after * 100, 0))% then: where \
                that is nearly all, or the loops share its core, it is what is in the way
                """
        }
        return [line + "."]
    }

    /// A call's share and a key's share, by least squares with weights that make all points count alike.
    private func keysPerCall(_ points: [ScalePoint]) -> [String] {
        let figures = points.compactMap { point in
            point.serverMicroseconds.map { (keys: Double(point.value), microseconds: $0) }
        }
        guard let line = FittedLine(figures.map { (x: $0.keys, y: $0.microseconds) }) else { return [] }
        let packets = points.compactMap { point in
            point.packetsPerCall.map { "\(grouped(point.value)): \(fixed($0, 1))" }
        }
        return [
            """
            A call costs \(fixed(line.intercept, 2)) us and each of its keys \(fixed(line.slope * 1e3, 1)) ns: from \
            \(fixed(line.intercept / line.slope, 0)) keys on, keys are what is paid for. Packets a call over loopback: \
            \(packets.joined(separator: "; ")).
            """
        ]
    }

    private func megabytes(_ bytes: Int) -> String { "\(short(Double(bytes) / 1e6)) MB" }
}

/// A straight line through points of very different size.
struct FittedLine: Hashable, Sendable {
    let intercept: Double
    let slope: Double

    /// Least squares of relative errors: each point weighs 1 / y^2. nil where no line is told.
    init?(_ points: [(x: Double, y: Double)]) {
        var (sum, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for point in points where point.y > 0 {
            let weight = 1 / (point.y * point.y)
            sum += weight
            x += weight * point.x
            y += weight * point.y
            xx += weight * point.x * point.x
            xy += weight * point.x * point.y
        }
        let determinant = sum * xx - x * x
        guard determinant > 0 else { return nil }
        slope = (sum * xy - x * y) / determinant
        intercept = (y - slope * x) / sum
        guard slope > 0 else { return nil }
    }
}
