//! Curves as tables, with their reasons, and as JSON.

struct ScaleReport: Codable, Sendable {
    struct Point: Codable, Sendable {
        var value: Int
        var shape: CallShape
        var serverCPUMicrosecondsPerRequest: Double?
        var serverCPUNanosecondsPerKey: Double?
        var requestsPerSecond: Double?
        var systemShare: Double?
        var sleepsPerRequest: Double?
        var packetsPerRequest: Double?
        var bytesPerRequest: Double?
        var storeBytes: Int?
        var residentBytes: Int?
        var contendedLocks: Double?
        var rounds: [MeasurementRecord]

        init(_ point: ScalePoint) {
            value = point.value
            shape = point.shape
            serverCPUMicrosecondsPerRequest = point.serverMicroseconds
            serverCPUNanosecondsPerKey = point.nanosecondsPerKey
            requestsPerSecond = point.rate
            systemShare = point.systemShare
            sleepsPerRequest = point.sleepsPerCall
            packetsPerRequest = point.packetsPerCall
            bytesPerRequest = point.bytesPerCall
            storeBytes = point.storeBytes
            residentBytes = point.residentBytes
            contendedLocks = point.contendedLocks
            rounds = point.rounds.map(\.record)
        }
    }

    struct Curve: Codable, Sendable {
        var axis: ScaleAxis
        var points: [Point]
        var reasons: [String]
        var skipped: [String]
        var throttledRounds: Int
    }

    var head: ReportHead
    var caches: CacheSizes
    var curves: [Curve]
    var estimates: [CapacityEstimate]

    init(
        _ head: ReportHead, _ curves: [ScaleCurve], _ caches: CacheSizes, _ entries: KeySpace,
        _ assumptions: CapacityAssumptions
    ) {
        self.head = head
        self.caches = caches
        self.curves = curves.map { curve in
            Curve(
                axis: curve.axis, points: curve.points.map(Point.init),
                reasons: ScaleReason(curve: curve, caches: caches, entries: entries).lines, skipped: curve.skipped,
                throttledRounds: curve.throttledRounds)
        }
        estimates = CapacityEstimate.all(curves, assumptions)
    }

    /// Markdown.
    var markdown: [String] {
        let sizes = [("second", caches.second), ("third", caches.third)].compactMap { level, size in
            size.map { "\(level) level \(grouped($0 >> 10)) KiB" }
        }
        return curves.flatMap { $0.markdown + [""] } + CapacityEstimate.markdown(estimates) + [
            "",
            """
            Closed loop, 1 call in flight on each connection, medians of the rounds, all points taking turns; CPU is the \
            server's, user and system. Caches of a core: \(sizes.isEmpty ? "unknown" : sizes.joined(separator: ", ")).
            """, "",
        ] + head.origin
    }
}

extension ScaleReport.Curve {
    var markdown: [String] {
        var lines = [
            MarkdownTable.row([
                axis.title, "call", "server CPU per request, us", "per key, ns", "requests/s (closed loop)",
                "in the kernel", "asleep, of 1,000 requests", "packets a request", "store, MB", "resident, MB",
            ]), MarkdownTable.rule(count: 10),
        ]
        for point in points {
            lines.append(
                MarkdownTable.row([
                    grouped(point.value), point.shape.title,
                    point.serverCPUMicrosecondsPerRequest.map { fixed($0, 2) } ?? "",
                    point.serverCPUNanosecondsPerKey.map { fixed($0, 0) } ?? "",
                    point.requestsPerSecond.map { fixed($0, 0) } ?? "",
                    point.systemShare.map { "\(fixed($0 * 100, 0))%" } ?? "",
                    point.sleepsPerRequest.map { fixed($0 * 1_000, 1) } ?? "",
                    point.packetsPerRequest.map { fixed($0, 1) } ?? "",
                    point.storeBytes.map { short(Double($0) / 1e6) } ?? "",
                    point.residentBytes.map { short(Double($0) / 1e6) } ?? "",
                ]))
        }
        if !reasons.isEmpty { lines += [""] + reasons }
        for line in skipped { lines.append("Left out: \(line)") }
        if throttledRounds > 0 { lines.append("\(throttledRounds) rounds were throttled and do not count.") }
        return lines
    }
}
