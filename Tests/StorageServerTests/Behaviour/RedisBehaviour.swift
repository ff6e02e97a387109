//! What is different when the behaviour suite goes over a Redis.

import Foundation
import Timing

enum RedisBehaviour {
    private static let noVersions = "Redis keeps values as they are: there are no versions"
    private static let ownMemory = "Redis has a memory limit of its own, and holds scripts to it only as they begin"

    /// Tests that ask for what the engine's capabilities exclude, or for what a test cannot do to another process.
    static let exclusions = [
        "everyChangeGivesALaterVersion": noVersions,
        "conditionAndVersionMustBothHold": noVersions,
        "versionZeroMeansMustBeMissing": noVersions,
        "aRemovalKeepsToItsVersion": noVersions,
        "versionsComeOnlyWhenAskedForAndAreZeroUnlessFound": noVersions,
        "anAtomicMultiPutHasOneVersion": noVersions,
        "anExpiredKeyIsMissing": "keys expire by Redis' clock, which no test moves (RedisExpiryTests)",
        "atTheMemoryLimitWritesFailAndReadsAndRemovalsGoOn": ownMemory,
        "anAtomicMultiPutIsAllOrNothingAtTheMemoryLimit": ownMemory,
    ]

    /// The service's time, a day ahead of Redis': a test's entries do not expire while it looks at when they will.
    static func makeTime() -> ManualTime {
        let aheadSeconds = 86_400.0
        let milliseconds = Int64((Date().timeIntervalSince1970 + aheadSeconds) * 1_000)
        return ManualTime(wall: WallTime(milliseconds: milliseconds))
    }
}
