//! Kill cycles on stores of which it is known what they do: a right one, and each of the wrong ones.

internal import Testing

@Suite struct KillHarnessTests {
    /// Small cycles, many of them.
    private static let shape = KillCycleShape(
        laneCount: 6, cyclesPerStore: 20, answersMax: 300, pauseMax: .zero, stopPercent: 20, killedStartPercent: 10)
    private static let cycles = Surroundings.isFullScale ? 1_000 : 60
    /// Within so many cycles a fault is found; most are in the first.
    private static let cyclesToFind = 3_000

    @Test func nothingIsFoundInAStoreThatKeepsWhatItPromises() async throws {
        var cycles = KillCycles(FakeStore(nil, seed: Surroundings.seed), Self.shape, seed: Surroundings.seed)
        do { try await cycles.run(Self.cycles) } catch {
            throw TestFailure("seed \(Surroundings.seed): \(error)")
        }
        let figures = cycles.figures
        #expect(figures.kills + figures.stops == Self.cycles)
        #expect(figures.lost > 0, "kills take what was not promised: \(figures)")
        #expect(figures.unanswered > 0)
    }

    @Test(arguments: StoreFault.allCases) func aFaultIsFound(_ fault: StoreFault) async throws {
        var cycles = KillCycles(FakeStore(fault, seed: Surroundings.seed), Self.shape, seed: Surroundings.seed)
        await #expect(throws: Contradiction.self, "seed \(Surroundings.seed)") {
            try await cycles.run(Self.cyclesToFind)
        }
    }
}
