//! Varies one thing at a time: a server for each value, all of them up, taking turns.

struct ScaleContest {
    /// What a server takes beside keys and values of its entries, bytes an entry, rather too much: to see beforehand
    /// whether memory is enough.
    private static let overheadBytesPerEntry = 64
    /// Of the memory that there is, as much may be used.
    private static let memoryShareMax = 0.8
    /// Files that the harness and a server have open beside connections.
    private static let filesBeside = 64

    let cores: CorePlan
    let entries: KeySpace
    let connections: Int
    let serverExecutable: String?
    let seed: UInt64
    let timing: ScaleTiming
    /// How many files a process may have open.
    let openFilesMax: Int

    /// - Parameters:
    ///   - values: of the axis, in rising order.
    ///   - curves: gets one more, of what was measured, also if this throws.
    func run(_ axis: ScaleAxis, values: [Int], into curves: inout [ScaleCurve]) throws {
        var curve = ScaleCurve(axis: axis, points: [])
        defer {
            curve.points.removeAll { $0.rounds.isEmpty }
            if !curve.points.isEmpty || !curve.skipped.isEmpty { curves.append(curve) }
        }
        var points: [(point: Int, contender: Contender)] = []
        var contenders: [Contender] = []
        defer { for contender in contenders { contender.stop() } }
        for value in values {
            if let reason = obstacle(axis, value, among: values) {
                curve.skipped.append("\(grouped(value)) \(axis.title): \(reason)")
                continue
            }
            // One server does for all numbers of keys per call.
            let isShared = axis == .keysPerCall && !contenders.isEmpty
            let contender = try isShared ? contenders[0] : makeContender(axis, value)
            if !isShared { contenders.append(contender) }
            for shape in axis.shapes(at: value) {
                points.append((curve.points.count, contender))
                curve.points.append(ScalePoint(value: value, shape: shape))
            }
        }
        for (index, contender) in points {
            curve.points[index].residentBytes =
                contender.session.process.flatMap(ProcessSample.take).map(\.residentBytes)
            curve.points[index].storeBytes = try contender.adminPort.flatMap { try StoreSize.read(adminPort: $0) }
        }
        for _ in 0..<timing.rounds {
            for (index, contender) in points { try measure(&curve.points[index], contender) }
        }
    }

    private func measure(_ point: inout ScalePoint, _ contender: Contender) throws {
        try Interruption.check()
        let locks = try contendedLocks(contender)
        point.rounds.append(
            try contender.measure(
                point.shape, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds))
        if let before = locks, let after = try contendedLocks(contender) {
            point.contendedLocks = (point.contendedLocks ?? 0) + after - before
        }
    }

    private func contendedLocks(_ contender: Contender) throws -> Double? {
        try contender.adminPort.flatMap {
            try ServerMetrics.value("needletail_contended_locks_total", adminPort: $0)
        }
    }

    private func makeContender(_ axis: ScaleAxis, _ value: Int) throws -> Contender {
        let connections = axis == .connections ? value : connections
        var plan = ServerPlan(.needletail, executable: serverExecutable, eventLoops: axis == .eventLoops ? value : 1)
        plan.flags = ["--rpc-max-connections", "\(connections + Self.filesBeside)"]
        return try Contender(
            .started(plan), title: "\(grouped(value)) \(axis.title)",
            on: axis == .eventLoops ? cores.serverOfTwoLoops : cores.server, connections: connections,
            keySpace(axis, value), seed: seed)
    }

    private func keySpace(_ axis: ScaleAxis, _ value: Int) -> KeySpace {
        var keys = entries
        if axis == .keys { keys.count = value }
        return keys
    }

    /// Why a value cannot be measured; nil if it can.
    private func obstacle(_ axis: ScaleAxis, _ value: Int, among values: [Int]) -> String? {
        switch axis {
        case .keys:
            let bytesEach = entries.keySize + entries.valueSize + Self.overheadBytesPerEntry
            let needed = value * bytesEach
            guard let available = ResourceLimits.availableMemory(),
                Double(needed) > Double(available) * Self.memoryShareMax
            else { return nil }
            return "takes about \(grouped(needed >> 20)) MiB of memory, and \(grouped(available >> 20)) can be had"
        case .connections:
            // The harness holds the connections of all points.
            let needed = values.filter { $0 <= value }.reduce(Self.filesBeside, +)
            guard needed > openFilesMax else { return nil }
            return "the harness may have \(grouped(openFilesMax)) files open, and needs \(grouped(needed)) (ulimit -n)"
        case .eventLoops: return value > cores.all.cores.count ? "there are \(cores.all.cores.count) cores" : nil
        case .keysPerCall: return nil
        }
    }
}

/// What the store holds, as the server says it.
enum StoreSize {
    /// Bytes of entries and tables; nil where the server does not say.
    static func read(adminPort: Int) throws -> Int? {
        let entries = try ServerMetrics.value("needletail_memory_used_bytes{kind=\"entries\"}", adminPort: adminPort)
        let tables = try ServerMetrics.value("needletail_memory_used_bytes{kind=\"table\"}", adminPort: adminPort)
        guard let entries, let tables else { return nil }
        return Int(entries + tables)
    }
}
