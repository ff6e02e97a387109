//! The harness' checks of itself: a server that stands still, cores that nobody else wants, a client in Python, and a server
//! that does nothing.

internal import Histogram

struct SelfCheckContest {
    let plan: SelfCheckPlan
    let server: ServerProcess
    /// nil: it is left out.
    let python: PythonClient?
    let cores: CorePlan

    func run() throws -> SelfCheckResult {
        let loaded = try session("Needletail", server.address, plan.connections)
        _ = try loaded.load()
        var result = SelfCheckResult(plan: plan)
        for round in 0..<plan.rounds {
            Console.progress("a server that stands still: round \(round + 1) of \(plan.rounds)")
            result.freezes.append(try freeze(loaded))
        }
        result.pauses = watchCores()
        for shape in [CallShape.get, .multiGet(SelfCheckPlan.manyKeys)] {
            let null = try NullServer(
                answering: NullServer.recordAnswer(of: server.address, shape, plan.keys), on: cores.server)
            let outcome = Result { try measureFloor(shape, loaded, null, &result) }
            try null.stop()
            try outcome.get()
        }
        Console.endProgress()
        return result
    }

    private func session(_ title: String, _ address: Address, _ connections: Int) throws -> LoadSession {
        try LoadSession(
            title: title, address, .messagePack, connections: connections, plan.keys, process: server.process,
            seed: plan.seed)
    }

    // MARK: A core that nobody else wants

    private func watchCores() -> [CorePauses] {
        cores.all.cores.prefix(2).map { core in
            var pauses = CorePauses(core: core)
            for round in 0..<plan.rounds {
                Console.progress("what core \(core) is taken away for: round \(round + 1) of \(plan.rounds)")
                pauses.measure(seconds: SelfCheckPlan.pauseSeconds)
            }
            return pauses
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
        let many = try session("null server", null.address, plan.connections)
        // One connection, one call at a time: what the client in Python does.
        let alone = try session("Needletail", server.address, 1)
        let nullAlone = try session("null server", null.address, 1)
        var floor = FloorResult(shape: shape)
        for round in 0..<plan.rounds {
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
                    generator: generator, generatorNull: generatorNull, python: pythonReal, pythonNull: pythonNull))
        }
        result.floors.append(floor)
    }
}
