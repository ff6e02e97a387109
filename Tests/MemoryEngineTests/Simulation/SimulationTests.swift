//! The engine and its log over a disk that forgets, fails and fills up, against a history of what happened.

import Testing

@Suite struct SimulationTests {
    private static let endsPerStory = 10

    @Test func nothingAcknowledgedIsLostAndNothingElseIsThere() throws {
        var (ends, snapshots) = (0, 0)
        for seed in 0..<UInt64(Scale.pick(30, full: 2_500)) {
            var story = Story(seed: seed)
            do {
                try story.run(ends: Self.endsPerStory)
            } catch {
                Issue.record("seed \(seed), after \(story.ends) ends: \(error)")
            }
            ends += story.ends
            snapshots += story.snapshots
        }
        // It has really been tried.
        #expect(ends >= Scale.pick(300, full: 25_000) && snapshots > ends / 10)
    }

    @Test func aSeedTellsTheSameStoryTwice() throws {
        for seed in 0..<UInt64(Scale.pick(5, full: 50)) {
            var (first, second) = (Story(seed: seed), Story(seed: seed))
            try first.run(ends: Self.endsPerStory)
            try second.run(ends: Self.endsPerStory)
            #expect(first.trace.hash == second.trace.hash)
        }
        var (first, second) = (Story(seed: 1), Story(seed: 2))
        try first.run(ends: 3)
        try second.run(ends: 3)
        #expect(first.trace.hash != second.trace.hash)
    }

    @Test func aSyncThatIsSkippedIsFound() {
        let found = (0..<UInt64(100)).contains { seed in
            var story = Story(seed: seed, skipsSync: true)
            return (try? story.run(ends: Self.endsPerStory)) == nil
        }
        #expect(found)
    }
}
