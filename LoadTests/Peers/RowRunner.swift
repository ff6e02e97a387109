//! Runs rows: all contenders in turn, round after round, so that what the machine does besides meets all of them alike.

internal import Histogram

struct RowRunner {
    let timing: PeerTiming
    let connections: Int
    let keys: KeySpace
    let seed: UInt64
    let serverExecutable: String?
    let cores: CorePlan
    /// For rows that start servers for themselves.
    var peers: [ContenderSource] = []
    /// Of the row `rateAtP99`.
    var rateGoal = RateGoal(p99Nanoseconds: 1_000_000)
    /// Of the row `largeValues`.
    var large = LargeValues()

    /// A row that compares contenders that are there. The first of them is ours. When somebody ends it, what it has by
    /// then is its result.
    func run(_ row: PeerRow, _ contenders: [Contender]) throws -> RowResult {
        switch row {
        case .memory: memory(contenders)
        case .openLoop: try openLoop(contenders)
        case .eventLoops: try eventLoops()
        case .rateAtP99: try rateAtP99(contenders)
        case .largeValues: try largeValues()
        case .unixSocket: try unixSocket()
        default: try cost(row, contenders)
        }
    }

    /// What calls cost in two builds of ours.
    func compare(_ row: PeerRow, _ contenders: [Contender]) throws -> RowResult {
        var result = try cost(row, contenders)
        result.isAmongPeers = false
        return result
    }

    /// Round after round, to the last, or until somebody ends it.
    /// - Parameter body: is told which one it is, from 1 on.
    func eachRound(_ body: (_ round: Int) throws -> Void) throws {
        do {
            for round in 1...timing.rounds { try body(round) }
        } catch is Interrupted {
            Console.endProgress()
        }
    }

    /// A B A B ...
    func alternate(
        _ contenders: [Contender], _ measure: (Contender) throws -> Measurement
    ) throws -> [ContenderRounds] {
        var repeats = Repeats(atMost: 0)
        return try alternate(contenders, &repeats, measure)
    }

    /// - Parameter repeats: for rows about percentiles.
    func alternate(
        _ contenders: [Contender], _ repeats: inout Repeats, _ measure: (Contender) throws -> Measurement
    ) throws -> [ContenderRounds] {
        var results = contenders.map { ContenderRounds(title: $0.title) }
        try eachRound { _ in
            for (index, contender) in contenders.enumerated() {
                results[index].rounds.append(try repeats.measure { try measure(contender) })
            }
        }
        return results
    }

    /// As many as there are rounds: so a row takes twice its time at most.
    var tailRepeats: Repeats { Repeats(atMost: timing.rounds) }

    func ratios(
        _ figure: String, _ results: [ContenderRounds], _ value: (Measurement) -> Double?
    ) -> [Ratio] {
        results.dropFirst().compactMap { Ratio(figure, results[0], to: $0, value) }
    }

    private func costRatios(_ results: [ContenderRounds]) -> [Ratio] {
        ratios(PeerFigure.serverCPU.rawValue, results, \.serverMicrosecondsPerCall)
            + ratios(PeerFigure.rate.rawValue, results, \.figures.rate)
    }

    private func cost(_ row: PeerRow, _ contenders: [Contender]) throws -> RowResult {
        guard let (shape, inFlight) = row.calls else { preconditionFailure("a row with calls") }
        var result = RowResult(row)
        result.contenders = try alternate(contenders) {
            try $0.measure(
                shape, .closed(inFlight: inFlight), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds)
        }
        result.ratios = costRatios(result.contenders)
        for contender in contenders where row.persistence != .memory && contender.wasRunning {
            result.notes.append("\(contender.title) persists as it was started")
        }
        return result
    }

    private func memory(_ contenders: [Contender]) -> RowResult {
        var result = RowResult(.memory)
        result.overheadBytes = contenders.compactMap { contender in
            contender.overheadBytesPerEntry.map { (contender.title, $0) }
        }
        result.notes.append(
            """
            resident memory after loading \(grouped(keys.count)) entries less that before, by the entry, less \
            \(keys.keySize + keys.valueSize) bytes of key and value
            """)
        return result
    }

    /// Both at the same rate: a share of what the peer can do at most, which is measured anew in each round, because a
    /// shared machine is not as fast in every one.
    private func openLoop(_ contenders: [Contender]) throws -> RowResult {
        let shape = CallShape.multiGet(100)
        var result = RowResult(.openLoop)
        guard contenders.count >= 2 else {
            result.notes.append("skipped: there is no peer")
            return result
        }
        let pair = Array(contenders.prefix(2))
        result.contenders = pair.map { ContenderRounds(title: $0.title) }
        var rates: [Double] = []
        var repeats = tailRepeats
        try eachRound { _ in
            let highest = try pair[1].measure(
                shape, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds
            ).figures.rate
            let rate = highest * timing.openLoopShare
            rates.append(rate)
            for (index, contender) in pair.enumerated() {
                result.contenders[index].rounds.append(
                    try repeats.measure {
                        try contender.measure(
                            shape, .open(rate: rate), seconds: timing.tailSeconds(atRate: rate),
                            warmUpSeconds: timing.warmUpSeconds)
                    })
            }
        }
        if let rate = median(rates) {
            result.notes.append(
                """
                both at \(fixed(rate, 0)) requests/s (the median of the rounds), \
                \(fixed(timing.openLoopShare * 100, 0))% of what \(pair[1].title) did in a closed loop just before
                """)
        }
        let (ours, theirs) = (result.contenders[0], result.contenders[1])
        result.compareTails(ours, to: theirs)
        result.ratios +=
            ratios(PeerFigure.p99.rawValue, result.contenders, \.calmP99)
            + ratios("P50 from the scheduled time", result.contenders) { $0.percentile(50) }
        if let mine = ours.merged?.countablePercentile(99.9), let other = theirs.merged?.countablePercentile(99.9) {
            result.notes.append("P99.9 of all rounds merged: \(fixed(mine / other, 3)) of \(theirs.title)")
        }
        result.noteHost(repeats)
        result.notes += result.contenders.compactMap(lateness)
        return result
    }

    /// How late the generator itself was, for an open loop.
    func lateness(_ contender: ContenderRounds) -> String? {
        guard let lateness = contender.merged?.figures.lateness else { return nil }
        return """
            \(contender.title): the generator itself sent late by P99.9 \
            \(duration(nanoseconds: lateness.valueAtPercentile(99.9))), max \
            \(duration(nanoseconds: lateness.max))
            """
    }

    /// Our server with one event loop and with two, under the same load. On a machine with two cores the second loop
    /// shares its core with the generator.
    private func eventLoops() throws -> RowResult {
        let shape = CallShape.multiGet(1_000)
        let contenders = try [2, 1].map { count in
            try Contender(
                .started(ServerPlan(.needletail, executable: serverExecutable, eventLoops: count)),
                title: "\(count) event loop\(count == 1 ? "" : "s")", on: cores.serverOfTwoLoops,
                connections: connections, keys, seed: seed)
        }
        defer { for contender in contenders { contender.stop() } }
        let contended = {
            try contenders.map { contender in
                try contender.adminPort.flatMap {
                    try ServerMetrics.value("needletail_contended_locks_total", adminPort: $0)
                } ?? .nan
            }
        }
        let before = try contended()
        var result = RowResult(.eventLoops)
        result.contenders = try alternate(contenders) {
            try $0.measure(
                shape, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds)
        }
        let after = try contended()
        result.ratios = costRatios(result.contenders)
        for (index, contender) in result.contenders.enumerated() {
            let calls = contender.merged?.figures.calls ?? 0
            result.notes.append(
                """
                \(contender.title): a lock was found taken \(fixed(after[index] - before[index], 0)) times \
                in \(grouped(calls)) requests (needletail_contended_locks_total)
                """)
        }
        result.notes.append(
            "servers on cores \(cores.serverOfTwoLoops?.cores ?? []), generator on its own where it can")
        return result
    }
}
