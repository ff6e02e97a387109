//! Rows about tails: the highest rate that keeps one, large values beside small ones, and Unix sockets.

internal import Histogram

extension RowRunner {
    private enum TailBounds {
        /// The share of a closed loop's rate with which a search begins.
        static let startShare = 0.5
        /// How far apart rates are tried at first, as a factor: where nothing is known, and around the round before.
        static let (wideStep, narrowStep) = (1.5, 1.15)

        /// Gets per second of the row `largeValues`, and the share of a closed loop's rate that they stay below.
        static let getsPerSecond = 5_000.0
        static let getsShare = 0.25
        /// Gets of a large value for each of the others.
        static let largePerCall = 0.001

        /// Of the row `unixSocket`, as Kitex measured it.
        static let unixConnections = 10
        static let unixValueSize = 4_096
        /// 4 KiB each; more than the processor's caches hold.
        static let unixEntriesMax = 50_000
    }

    /// Each contender's search is a figure of the round; later rounds search around what the first found.
    func rateAtP99(_ contenders: [Contender]) throws -> RowResult {
        let mix = CallMix(.multiGet(100))
        var result = RowResult(.rateAtP99, contenders.map { ContenderRounds(title: $0.title) })
        var starts: [Double?] = contenders.map { _ in nil }
        var goal = rateGoal
        goal.secondsMin = timing.seconds
        try eachRound { number in
            var round: [Measurement] = []
            for (index, contender) in contenders.enumerated() {
                let start =
                    try starts[index] ?? contender.measure(
                        mix, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds
                    ).figures.rate * TailBounds.startShare
                let contest = RateContest(goal: goal) { rate, seconds in
                    try contender.measure(
                        mix, .open(rate: rate), seconds: seconds, warmUpSeconds: timing.warmUpSeconds)
                } reconnect: {
                    try contender.reconnect()
                }
                let found = try contest.run(
                    start: start, step: starts[index] == nil ? TailBounds.wideStep : TailBounds.narrowStep)
                if found.isInterrupted { throw Interrupted() }
                let place = "\(contender.title), round \(number)"
                result.notes += found.notes.map { "\(place): \($0)" }
                guard found.search.isComplete, let highest = found.highest else {
                    result.notes.append("\(place): the search did not settle, so that the round does not count")
                    continue
                }
                starts[index] = highest.figures.rate
                round.append(highest)
            }
            // A round counts if it has a figure for all.
            guard round.count == contenders.count else { return }
            for (index, measurement) in round.enumerated() { result.contenders[index].rounds.append(measurement) }
        }
        result.ratios = ratios(PeerFigure.rateAtP99.rawValue, result.contenders, \.figures.rate)
        return result
    }

    /// Each server against itself: gets alone, and the same gets with gets of large values on other connections.
    func largeValues() throws -> RowResult {
        var contenders: [Contender] = []
        defer { for contender in contenders { contender.stop() } }
        let ours = ContenderSource.started(ServerPlan(.needletail, executable: serverExecutable))
        for source in [ours] + peers {
            var source = source
            if case .started(var plan) = source {
                plan.holdsLargeValues = true
                source = .started(plan)
            }
            contenders.append(
                try Contender(source, on: cores.server, connections: connections, keys, large: large, seed: seed))
        }
        let alone = CallMix(.get)
        let beside = alone.with(large, perCall: TailBounds.largePerCall)
        let highest = try contenders.map {
            try $0.measure(
                alone, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds
            ).figures.rate
        }
        let rate = min(TailBounds.getsPerSecond, (highest.min() ?? 0) * TailBounds.getsShare)
        var result = RowResult(.largeValues)
        result.contenders = contenders.flatMap {
            [ContenderRounds(title: "\($0.title), large values beside"), ContenderRounds(title: "\($0.title) alone")]
        }
        var repeats = tailRepeats
        try eachRound { _ in
            for (index, contender) in contenders.enumerated() {
                // The process of arrivals of the gets is the same with the others beside it.
                for (place, mix) in [beside, alone].enumerated() {
                    let total = mix == alone ? rate : rate * (1 + TailBounds.largePerCall)
                    let measurement = try repeats.measure {
                        try contender.measure(
                            mix, .open(rate: total), seconds: timing.tailSeconds(atRate: rate),
                            warmUpSeconds: timing.warmUpSeconds)
                    }
                    result.contenders[index * 2 + place].rounds.append(measurement)
                }
            }
        }
        for index in contenders.indices {
            result.compareTails(result.contenders[index * 2], to: result.contenders[index * 2 + 1])
        }
        result.notes.append(
            """
            \(fixed(rate, 0)) gets/s over \(connections) connections; beside them, on \(LargeValues.connections) \
            others, \(short(rate * TailBounds.largePerCall)) gets/s of \(grouped(large.size)) bytes, which the \
            percentiles leave out; one thread receives both
            """)
        result.noteHost(repeats)
        result.notes += result.contenders.compactMap(lateness)
        return result
    }

    /// One server, which listens on both. The limit is about the closed loop, as Kitex measured its figures; at a rate that
    /// leaves the server idle for a third of the time, the tail is the machine's more than the socket's.
    func unixSocket() throws -> RowResult {
        let folder = try TemporaryDirectory()
        let path = folder.path("socket")
        var plan = ServerPlan(.needletail, executable: serverExecutable)
        plan.flags = ["--unix-socket", path]
        let server = try ServerProcess(plan, on: cores.server)
        defer { server.stop() }
        let keys = KeySpace(
            count: min(keys.count, TailBounds.unixEntriesMax), keySize: keys.keySize,
            valueSize: TailBounds.unixValueSize)
        let contenders = try [("Unix socket", Address.unix(path: path)), ("TCP", server.address)].map {
            try Contender(
                .running($0.1, .messagePack, process: server.process), title: $0.0, on: nil,
                connections: TailBounds.unixConnections, keys, seed: seed)
        }
        var repeats = tailRepeats
        let closed = try alternate(contenders, &repeats) {
            try $0.measure(
                .get, .closed(inFlight: 1), seconds: timing.seconds, warmUpSeconds: timing.warmUpSeconds)
        }
        var result = RowResult(.unixSocket)
        result.closedLoop = closed
        result.ratios = ratios(PeerFigure.p99Closed.rawValue, closed, \.calmP99)
        result.noteHost(repeats, closed)
        guard let highest = closed[1].rate else { return result }
        let rate = highest * timing.openLoopShare
        repeats = tailRepeats
        result.contenders = try alternate(contenders, &repeats) {
            try $0.measure(
                .get, .open(rate: rate), seconds: timing.openLoopSeconds, warmUpSeconds: timing.warmUpSeconds)
        }
        result.ratios +=
            ratios(PeerFigure.p99.rawValue, result.contenders, \.calmP99)
            + ratios("P50 from the scheduled time", result.contenders) { $0.percentile(50) }
            + ratios(PeerFigure.serverCPU.rawValue, result.contenders, \.serverMicrosecondsPerCall)
        for contender in closed {
            guard let latency = contender.merged?.figures.latency else { continue }
            result.notes.append(
                """
                \(contender.title), closed loop: \(fixed(contender.rate ?? 0, 0)) requests/s, P50 \
                \(duration(nanoseconds: latency.valueAtPercentile(50))), P99 \
                \(duration(nanoseconds: latency.valueAtPercentile(99)))
                """)
        }
        result.notes.append(
            """
            open loop: both at \(fixed(rate, 0)) requests/s, \(fixed(timing.openLoopShare * 100, 0))% of what TCP did in \
            the closed loop; \(grouped(keys.count)) values of \(grouped(keys.valueSize)) bytes
            """)
        result.noteHost(repeats)
        result.notes += result.contenders.compactMap(lateness)
        return result
    }
}
