import Testing
import Timing

@testable import StorageServer

@Suite struct MemoryGovernorTests {
    /// Usage in percent, one reading after another, and what holds after each.
    private func expect(
        _ steps: [(used: Int, level: MemoryGovernor.Level, bufferPercent: Int)],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var governor = MemoryGovernor()
        for (used, level, bufferPercent) in steps {
            let before = governor
            let isChanged = governor.observe(MemoryReading(usedBytes: used, limitBytes: 100))
            #expect(governor.level == level, "at \(used)%", sourceLocation: sourceLocation)
            #expect(governor.bufferPercent == bufferPercent, "at \(used)%", sourceLocation: sourceLocation)
            let hasChanged = governor.level != before.level || governor.bufferPercent != before.bufferPercent
            #expect(isChanged == hasChanged, "at \(used)%", sourceLocation: sourceLocation)
        }
    }

    @Test func buffersShrinkInProportionFrom70To85() {
        expect([
            (0, .normal, 100), (69, .normal, 100), (70, .shrinking, 100), (73, .shrinking, 80), (76, .shrinking, 60),
            (79, .shrinking, 40), (82, .shrinking, 20), (84, .shrinking, 6), (85, .refusing, 0), (200, .refusing, 0),
        ])
    }

    @Test func refusalsEndBelow80() {
        expect([
            (90, .refusing, 0), (84, .refusing, 0), (80, .refusing, 0), (79, .shrinking, 40), (84, .shrinking, 6),
            (85, .refusing, 0),
        ])
    }

    @Test func shrinkingEndsBelow65() {
        expect([(70, .shrinking, 100), (65, .shrinking, 100), (64, .normal, 100), (69, .normal, 100)])
    }

    @Test func aSuddenFallEndsEverythingAtOnce() {
        expect([(99, .refusing, 0), (10, .normal, 100)])
    }

    @Test func theLimitThatIsNearestCounts() {
        let process = MemoryReading(usedBytes: 50, limitBytes: 100)
        let small = GroupMemory(limitBytes: 10, usedBytes: 4, fileBytes: 0)
        let full = GroupMemory(limitBytes: 1_000, usedBytes: 900, fileBytes: 0)
        #expect(MemoryReading.nearest(process: process, groups: []) == process)
        #expect(MemoryReading.nearest(process: process, groups: [small]) == process)
        #expect(
            MemoryReading.nearest(process: process, groups: [small, full])
                == MemoryReading(usedBytes: 900, limitBytes: 1_000))
    }

    @Test func aLimitThatIsMuchTooSmallIsPossible() {
        #expect(MemoryReading(usedBytes: .max, limitBytes: 1).usedPercent == 1_000)
    }
}

@Suite struct AllocatorTrimmingTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func trims(
        _ trimming: inout AllocatorTrimming, _ level: MemoryGovernor.Level, free: Int, afterMillis: Int64
    ) -> Bool {
        let now = start.advanced(byMilliseconds: afterMillis)
        return trimming.isDue(level, at: now)
            && trimming.decide(level, freeBytes: free, limitBytes: 1_000, at: now)
    }

    @Test func whatBecameFreeIsGivenBackOnce() {
        var trimming = AllocatorTrimming()
        #expect(!trims(&trimming, .normal, free: 99, afterMillis: 0))
        #expect(!trims(&trimming, .normal, free: 500, afterMillis: 9_999), "it was just looked at")
        #expect(trims(&trimming, .normal, free: 500, afterMillis: 10_000))
        #expect(!trims(&trimming, .normal, free: 599, afterMillis: 20_000), "most of it is back already")
        #expect(trims(&trimming, .normal, free: 600, afterMillis: 30_000))
        #expect(!trims(&trimming, .normal, free: 100, afterMillis: 40_000), "it is used again")
        #expect(trims(&trimming, .normal, free: 200, afterMillis: 50_000), "and free again")
    }

    @Test func aChangeOfLevelTrimsSoonButNotTooOften() {
        var trimming = AllocatorTrimming()
        #expect(!trims(&trimming, .normal, free: 1, afterMillis: 0))
        #expect(trims(&trimming, .shrinking, free: 1, afterMillis: 200))
        #expect(!trims(&trimming, .refusing, free: 1, afterMillis: 400))
        #expect(!trims(&trimming, .normal, free: 1, afterMillis: 5_199))
        #expect(trims(&trimming, .normal, free: 1, afterMillis: 5_200), "for the changes meanwhile")
        #expect(!trims(&trimming, .normal, free: 1, afterMillis: 20_000))
    }

    @Test func whileWritesAreRefusedAllIsGivenBackAgainAndAgain() {
        var trimming = AllocatorTrimming()
        #expect(trims(&trimming, .refusing, free: 1, afterMillis: 0))
        #expect(!trims(&trimming, .refusing, free: 1, afterMillis: 9_999))
        #expect(trims(&trimming, .refusing, free: 1, afterMillis: 10_000))
    }
}
