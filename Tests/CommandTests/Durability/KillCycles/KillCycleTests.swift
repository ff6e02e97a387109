//! A real server under mixed load that is killed again and again: what it promised is kept. How that is judged say
//! KillCycles.swift and the files beside it.
//!
//! `TEST_SCALE=full` makes 275 cycles, of which more than 200 end with a kill and the others with a stop; `TEST_SEED` repeats
//! the choices of a run.

internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct KillCycleTests {
        private func run(
            _ shape: KillCycleShape, on store: ServerStore, cycles count: Int
        ) async throws -> KillCycleFigures {
            var cycles = KillCycles(store, shape, seed: Surroundings.seed)
            do { try await cycles.run(count) } catch {
                throw TestFailure("seed \(Surroundings.seed), after \(cycles.figures): \(error)")
            }
            print("\(cycles.figures); \(store.snapshotsWritten) snapshots were written")
            return cycles.figures
        }

        @Test func whatWasAcknowledgedAsKeptSurvivesKills() async throws {
            let count = Surroundings.isFullScale ? 275 : 8
            var shape = KillCycleShape()
            shape.cyclesPerStore = Surroundings.isFullScale ? 25 : 5
            let store = try ServerStore(DurableServer.arguments, laneCount: shape.laneCount)
            let figures = try await run(shape, on: store, cycles: count)
            #expect(figures.kills + figures.stops == count)
            #expect(figures.kills >= (Surroundings.isFullScale ? 200 : 1))
            #expect(figures.answers > count * shape.answersMax / 10)
            #expect(figures.unanswered > 0, "kills met calls")
            #expect(figures.snapshots > 0)
            #expect(store.snapshotsWritten > 0)
        }

        /// A kill takes everything. What the clients see until then is right, and versions do not go back.
        @Test func withoutALogNothingSurvivesAndVersionsStillGrow() async throws {
            let shape = KillCycleShape(
                cyclesPerStore: 3, stopPercent: 0, killedStartPercent: 0, configuredLevel: .memory, levels: [[nil]])
            let store = try ServerStore(["--durability", "memory"], laneCount: shape.laneCount)
            let figures = try await run(shape, on: store, cycles: 3)
            #expect(figures.kills == 3)
            #expect(figures.lost > 0)
        }
    }
}
