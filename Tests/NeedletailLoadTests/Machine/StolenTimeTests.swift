internal import Testing

@testable internal import needletail_load

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the host took of the cores, and what is measured again for it.
@Suite struct StolenTimeTests {
    private static func stat(_ first: Int, _ second: Int) -> StolenTime {
        StolenTime(
            """
            cpu  4123585 12870 785049 6701880 95018 0 198467 \(first + second) 0 0
            cpu0 1962053 10696 327184 3508260 34756 0 94939 \(first) 0 0
            cpu1 2161532 2174 457865 3193620 60262 0 103528 \(second) 0 0
            intr 123 0 0
            """)
    }

    @Test("it is of the core that lost most, of those that are looked at")
    func seconds() {
        let (before, after) = (Self.stat(100, 200), Self.stat(110, 230))
        #expect(after.seconds(since: before, of: CoreSet([0])) == 0.1)
        #expect(after.seconds(since: before, of: CoreSet([0, 1, 7])) == 0.3)
        #expect(after.seconds(since: before, of: CoreSet([7])) == 0)
        #expect(after.seconds(since: before, of: CoreSet([])) == 0)
        // A kernel without this column, and one without the file.
        #expect(StolenTime("cpu0 1 2 3 4\n").seconds(since: StolenTime(""), of: CoreSet([0])) == 0)
    }

    @Test func aProcessHasTheCoresThatItMayUse() {
        #expect(CoreSet.of(getpid()) == .current())
        #expect(CoreSet.of(-1) == CoreSet([]))
        #expect(CoreSet([0]).union(CoreSet([2])).cores == [0, 2])
    }

    private static func measurement(stolenSeconds: Double, throttled: Int = 0) -> needletail_load.Measurement {
        var figures = RunFigures(.get, .open(rate: 1_000))
        figures.seconds = 2
        figures.latency.record(nanoseconds: 1_000_000)
        return Measurement(
            figures: figures, serverCPUSeconds: nil, throttled: throttled, stolenSeconds: stolenSeconds)
    }

    @Test("a P99 counts where the host took at most half a hundredth")
    func calm() {
        var measurement = Self.measurement(stolenSeconds: 0.01)
        #expect(measurement.calmP99 != nil)
        #expect(!measurement.warnings.contains { $0.contains("steal") })
        measurement.add(Self.measurement(stolenSeconds: 0.05))
        #expect(abs(measurement.stolenShare - 0.015) < 1e-9)
        #expect(measurement.calmP99 == nil)
        #expect(measurement.warnings.contains { $0.contains("of a core (steal)") })
    }

    @Test("what the quota or the host stopped is measured again, so often and no more")
    func repeats() {
        for disturbed in [Self.measurement(stolenSeconds: 0.1), Self.measurement(stolenSeconds: 0, throttled: 1)] {
            var repeats = Repeats(atMost: 3)
            var tries = 0
            let calm = repeats.measure {
                tries += 1
                return tries < 3 ? disturbed : Self.measurement(stolenSeconds: 0)
            }
            #expect(calm.isCalm && calm.throttled == 0 && tries == 3 && repeats.count == 2)
            _ = repeats.measure {
                tries += 1
                return disturbed
            }
            #expect(tries == 5 && repeats.count == 3)
        }
    }
}
