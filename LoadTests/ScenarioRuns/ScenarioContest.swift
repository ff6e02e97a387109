//! Carries out a scenario: starts its server, loads the entries, and runs the phases, each over connections of its own.

struct ScenarioContest {
    let scenario: Scenario
    let cores: CorePlan

    /// - Parameter onPhase: is told of each phase that has ended.
    func run(onPhase: (PhaseResult) -> Void) throws -> ScenarioResult {
        let server = try ServerProcess(scenario.server, on: cores.server)
        defer { server.stop() }
        cores.pinGenerator()
        var result = ScenarioResult(scenario: scenario, version: server.version)
        do {
            // Entries that a phase has removed are there again for the next.
            var isLoaded = false
            for phase in scenario.phases {
                try Interruption.check()
                if !isLoaded { try load(server, phase) }
                isLoaded = !phase.mix.parts.contains { $0.shape.operation == .remove }
                let phase = try run(phase, server)
                result.phases.append(phase)
                onPhase(phase)
                if phase.isInterrupted { throw Interrupted() }
            }
        } catch is Interrupted {
            Console.endProgress()
            result.isInterrupted = true
        }
        return result
    }

    private func load(_ server: ServerProcess, _ phase: ScenarioPhase) throws {
        Console.progress("loading \(grouped(scenario.keys.count)) entries")
        defer { Console.endProgress() }
        _ = try session(server, phase).load()
    }

    private func session(_ server: ServerProcess, _ phase: ScenarioPhase) throws -> LoadSession {
        try LoadSession(
            title: server.kind.title, server.address, phase.loadProtocol, connections: phase.connections, scenario.keys,
            large: scenario.large, process: server.process, seed: scenario.seed)
    }

    private func run(_ phase: ScenarioPhase, _ server: ServerProcess) throws -> PhaseResult {
        let session = try session(server, phase)
        defer { Console.endProgress() }
        do {
            if phase.warmUpSeconds > 0 {
                Console.progress("\(phase.name): warming up")
                try session.warmUp(phase.mix, inFlight: phase.inFlight, seconds: phase.warmUpSeconds)
            }
            let measurement = try session.measure(phase.mix, phase.pace, seconds: phase.seconds) {
                Console.second($0, phase.name, phase.pace)
            }
            return PhaseResult(phase: phase, measurement: measurement)
        } catch let failure as RunFailure {
            // The phases after it can still be had.
            return PhaseResult(phase: phase, failure: "\(failure)")
        } catch let interrupted as Interrupted {
            guard let partial = interrupted.partial else { throw interrupted }
            return PhaseResult(phase: phase, measurement: partial)
        }
    }
}
