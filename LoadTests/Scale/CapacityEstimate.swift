//! On paper: how many cores and machines a rate takes, from what one request was measured to cost.

/// What is assumed, beside what was measured.
struct CapacityAssumptions: Codable, Hashable, Sendable {
    /// To be served at the peak.
    var requestsPerSecond = 7_000_000.0
    /// As much of a core, and of a network card, is planned for at the peak: the rest is for tails, and for the machines
    /// that fail.
    var utilisation = 0.6
    var coresPerMachine = 32
    var networkGigabits = 25.0
}

/// What one kind of request takes.
struct CapacityEstimate: Codable, Hashable, Sendable {
    var request: String
    var keys: Int
    /// Keys in the store when it was measured.
    var storeKeys: Int
    var cpuMicroseconds: Double
    /// Request and answer, with headers, as loopback counted them; nil where it did not.
    var wireBytes: Double?
    var assumptions: CapacityAssumptions

    /// Cores that have nothing else to do.
    var coresBusy: Double { assumptions.requestsPerSecond * cpuMicroseconds / 1e6 }
    var cores: Double { coresBusy / assumptions.utilisation }
    var machinesByCPU: Double { cores / Double(assumptions.coresPerMachine) }
    var gigabits: Double? { wireBytes.map { $0 * 8 * assumptions.requestsPerSecond / 1e9 } }
    var machinesByNetwork: Double? { gigabits.map { $0 / assumptions.utilisation / assumptions.networkGigabits } }
    /// By what is scarcer.
    var machines: Int { Int(max(machinesByCPU, machinesByNetwork ?? 0).rounded(.up)) }

    var requestsPerCore: Double { assumptions.utilisation * 1e6 / cpuMicroseconds }

    /// nil where the point has no CPU time.
    init?(_ point: ScalePoint, storeKeys: Int, _ assumptions: CapacityAssumptions) {
        guard let cpu = point.serverMicroseconds, cpu > 0 else { return nil }
        request = point.shape.title
        keys = point.shape.keysPerCall
        self.storeKeys = storeKeys
        cpuMicroseconds = cpu
        wireBytes = point.bytesPerCall
        self.assumptions = assumptions
    }

    /// The estimates of a run: of each kind of call over the most keys that were measured.
    static func all(_ curves: [ScaleCurve], _ assumptions: CapacityAssumptions) -> [CapacityEstimate] {
        guard let curve = curves.first(where: { $0.axis == .keys }) else { return [] }
        return curve.series.compactMap { points in
            points.last.flatMap { CapacityEstimate($0, storeKeys: $0.value, assumptions) }
        }
    }

    /// Markdown; nothing where nothing was measured.
    static func markdown(_ estimates: [CapacityEstimate]) -> [String] {
        guard let assumptions = estimates.first?.assumptions else { return [] }
        let rate = grouped(Int(assumptions.requestsPerSecond))
        let share = fixed(assumptions.utilisation * 100, 0)
        var lines = [
            "On paper, for \(rate) requests a second:", "",
            MarkdownTable.row([
                "request", "keys in the store", "CPU, us", "requests/s a core at \(share)%", "cores", "machines by CPU",
                "Gbit/s", "machines by network", "machines",
            ]), MarkdownTable.rule(count: 9),
        ]
        for estimate in estimates {
            lines.append(
                MarkdownTable.row([
                    estimate.request, grouped(estimate.storeKeys), fixed(estimate.cpuMicroseconds, 2),
                    grouped(Int(estimate.requestsPerCore)), fixed(estimate.cores, 0),
                    fixed(estimate.machinesByCPU, 1), estimate.gigabits.map { fixed($0, 0) } ?? "",
                    estimate.machinesByNetwork.map { fixed($0, 1) } ?? "", grouped(estimate.machines),
                ]))
        }
        return lines + [
            "",
            """
            cores = rate x CPU / \(share)%; machines of \(assumptions.coresPerMachine) cores and \
            \(short(assumptions.networkGigabits)) Gbit/s, both used to \(share)% at the peak. Assumed: a core of such a \
            machine does what the measured one does, and \(assumptions.coresPerMachine) of them do so side by side \
            (measured are one and two); a network card costs the CPU what loopback does; keys are spread evenly over \
            machines, and all keys of a request are on one of them: a client that splits calls makes more of them, each \
            with fewer keys. Bytes are request and answer together. Not in it: replicas, the log, TLS, machines in reserve.
            """,
        ]
    }
}
