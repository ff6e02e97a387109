//! The harness' checks of itself: a server that stands still, cores that nobody else wants, a client in Python, and a server
//! that does nothing.

internal import Histogram

struct SelfCheckContest {
    let plan: SelfCheckPlan
    let server: ServerProcess
    /// nil: it is left out.
    let python: PythonClient?
    let cores: CorePlan

    /// - Parameter result: has every round that came to its end, also if this throws.
    func run(into result: inout SelfCheckResult) throws {
        let loaded = try session("Needletail", server.address, plan.connections, process: server.process)
        _ = try loaded.load()
        for round in 0..<plan.rounds {
            Console.progress("a server that stands still: round \(round + 1) of \(plan.rounds)")
            result.freezes.append(try freeze(loaded))
        }
        try watchCores(&result)
        for shape in [CallShape.get, .multiGet(SelfCheckPlan.manyKeys)] {
            let null = try NullServer(
                answering: NullServer.recordAnswer(of: server.address, shape, plan.keys), on: cores.server)
            let outcome = Result { try measureFloor(shape, loaded, null, &result) }
            try null.stop()
            try outcome.get()
        }
        Console.endProgress()
    }

    /// - Parameter process: the server's; nil for one that is a thread of ours.
    private func session(
        _ title: String, _ address: Address, _ connections: Int, process: Int32?
    ) throws -> LoadSession {
        try LoadSession(
            title: title, address, .messagePack, connections: connections, plan.keys, process: process, seed: plan.seed)
    }

    // MARK: A core that nobody else wants

    private func watchCores(_ result: inout SelfCheckResult) throws {
        for core in cores.all.cores.prefix(2) {
            var pauses = CorePauses(core: core)
            defer { if pauses.seconds > 0 { result.pauses.append(pauses) } }
            for round in 0..<plan.rounds {
                try Interruption.check()
                Console.progress("what core \(core) is taken away for: round \(round + 1) of \(plan.rounds)")
                pauses.measure(seconds: SelfCheckPlan.pauseSeconds)
            }
        }
    }

    // MARK: A server that stands still

    private func freeze(_ session: LoadSession) throws -> FreezeRound {
        try session.warmUp(.get, inFlight: 1, seconds: SelfCheckPlan.warmUpSeconds)
        func measure(_ pace: Pace, isFrozen: Bool) throws -> Measurement {
            let hiccup =
                isFrozen
                ? Hiccup(of: server.process, after: plan.freezeAfterSeconds, millis: plan.freezeMillis) : nil
            defer { hiccup?.wait() }
            return try session.measure(.get, pace, seconds: plan.seconds)
        }
        let open = Pace.open(rate: plan.rate)
        let closed = Pace.closed(inFlight: 1)
        return FreezeRound(
            open: try measure(open, isFrozen: false), openFrozen: try measure(open, isFrozen: true),
            closed: try measure(closed, isFrozen: false), closedFrozen: try measure(closed, isFrozen: true))
    }

    // MARK: A server that does nothing

    private func measureFloor(
        _ shape: CallShape, _ loaded: LoadSession, _ null: NullServer, _ result: inout SelfCheckResult
    ) throws {
        let many = try session("null server", null.address, plan.connections, process: nil)
        // One connection, one call at a time: what the client in Python does.
        let alone = try session("Needletail", server.address, 1, process: server.process)
        let nullAlone = try session("null server", null.address, 1, process: nil)
        var floor = FloorResult(shape: shape)
        defer { if !floor.rounds.isEmpty { result.floors.append(floor) } }
        for round in 0..<plan.rounds {
            let throttledBefore = Throttling.count()
            let what = "\(shape.title): round \(round + 1) of \(plan.rounds)"
            Console.progress("the generator's floor, \(what)")
            try loaded.warmUp(shape, inFlight: 1, seconds: SelfCheckPlan.warmUpSeconds)
            let highest = try loaded.measure(shape, .closed(inFlight: 1), seconds: plan.seconds)
            let nullHighest = try many.measure(shape, .closed(inFlight: 1), seconds: plan.seconds)
            // Right after each other, whoever measures the same.
            let measure = { (session: LoadSession, address: Address, isNull: Bool) in
                let generator = try session.measure(shape, .open(rate: plan.rate), seconds: plan.seconds)
                let figures =
                    try shape == .get
                    ? python?.measure(
                        address, rate: plan.rate, seconds: plan.seconds, seed: plan.seed &+ UInt64(round),
                        isNull: isNull) : nil
                return (generator, figures)
            }
            let (generator, pythonReal) = try measure(alone, server.address, false)
            let (generatorNull, pythonNull) = try measure(nullAlone, null.address, true)
            floor.rounds.append(
                FloorRound(highest: highest, nullHighest: nullHighest, alone: generator, nullAlone: generatorNull))
            guard let pythonReal, let pythonNull else { continue }
            result.pythons.append(
                PythonRound(
                    generator: generator, generatorNull: generatorNull, python: pythonReal, pythonNull: pythonNull,
                    throttled: Throttling.count() - throttledBefore))
        }
    }
}
