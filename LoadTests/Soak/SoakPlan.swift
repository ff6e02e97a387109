//! What a soak does, and for how long. Parts of the run are shares of its length, so that a run of seconds goes through
//! the same as one of hours.

internal import Histogram

/// Bounds and shares of a soak.
struct SoakPlan: Sendable {
    /// How long the scheduled load lasts.
    let seconds: Double
    /// Calls per second that are scheduled over all connections that read at once.
    let rate: Double
    /// Entries that calls name.
    let entries: Int
    /// Connections that come and go; and those that stay, and read slowly.
    let connections: Int
    let slowReaders: Int
    /// Whether the server is killed now and then. It has room for everything then: what is missing afterwards is lost.
    let kills: Bool
    let durability: Persistence
    let seed: UInt64

    /// Memory for entries where the server evicts, in MiB: less than the entries would take.
    static let evictingMemoryMiB = 64
    static let evictingEntries = 400_000
    /// Entries where nothing may be evicted.
    static let keptEntries = 50_000
    static let snapshotSeconds = 5
    private static let segmentMiB = 16

    /// What a server is started with.
    func serverPlan(executable: String?, disk: String?) -> ServerPlan {
        var plan = ServerPlan(.needletail, executable: executable, persistence: durability, parent: disk)
        plan.shedsCalls = true
        plan.snapshotSeconds = Self.snapshotSeconds
        plan.flags = ["--log-segment-size", "\(Self.segmentMiB)MiB"]
        if !kills {
            plan.flags += ["--memory-max-memory", "\(Self.evictingMemoryMiB)MiB", "--memory-eviction", "s3fifo"]
        }
        return plan
    }

    // MARK: Parts of the run

    /// What is dropped at the start, and what is compared with it at the end: five minutes of thirty.
    var windowSeconds: Double { min(seconds / 6, 300) }
    /// Parts of a window that are looked at for what the host takes: thirty, of ten seconds where a window has five minutes.
    var spanSeconds: Double { windowSeconds / 30 }
    /// The second window, and the last.
    var earlyWindow: Range<Double> { windowSeconds..<2 * windowSeconds }
    var lateWindow: Range<Double> { seconds - windowSeconds..<seconds }
    /// Where memory is looked at the last time.
    var lastFifth: Range<Double> { seconds * 0.8..<seconds }
    /// Between two lines of progress.
    var intervalSeconds: Double { min(seconds / 10, 60) }
    /// Between two looks at the server's memory.
    var memoryLookSeconds: Double { min(max(seconds / 600, 0.02), 1) }

    // MARK: What must be judged

    /// Slices of a window that may be left out as disturbed. Of a run with kills as many are as recoveries take.
    static let leftOutShareMax = 0.25
    /// From here on stops are as far apart as in a run of a day; in a shorter one they may take more than that share.
    static let judgedSecondsMin = 180.0

    /// Whether both windows must have a P99: they are long enough for its samples, with as much left out as may be.
    var judgesLatency: Bool {
        let samples = rate * windowSeconds * (1 - Self.leftOutShareMax)
        return seconds >= Self.judgedSecondsMin && samples >= Double(LatencyHistogram.samplesMin(forPercentile: 99))
    }

    /// Whether memory must have been seen in both of its windows. Growth is not judged where the process is another one
    /// after each kill.
    var judgesMemory: Bool { !kills && seconds >= Self.judgedSecondsMin }

    // MARK: Chaos

    /// Between two times that the server stands still, on average.
    var freezeEverySeconds: Double { min(seconds / 12, 15) }
    static let freezeMillis = 100...400
    /// Between two kills.
    var killEverySeconds: Double { min(seconds / 4, 60) }
    /// Calls of a connection before it ends: so many that a short run has connections that end, too.
    var callsPerConnection: ClosedRange<Int> {
        let callsMax = Int(rate * seconds) / connections / Self.connectionsInTurnMin
        return 10...min(max(callsMax, 20), Self.callsPerConnectionMax)
    }
    private static let callsPerConnectionMax = 2_000
    /// Connections that follow each other in one place, at least.
    private static let connectionsInTurnMin = 8
    /// After a disturbance, for what it has held up.
    static let calmSeconds = 0.25
    /// How long calls may still wait for what a disturbance has held up, from its end on. A stop holds up less than half a
    /// second's calls, which a server that is well answers within a second; who takes longer is slow.
    static let aftermathSecondsMax = 5.0
    /// We have stood still ourselves when so much time has passed between two looks at the clock.
    static let stallSeconds = 0.1
    /// An answer that has not come by then will not: longer than the server's budget for a call.
    static let answerSecondsMax = 20.0

    // MARK: The mix

    /// Calls under way on a connection.
    static let inFlightMax = 8
    static let keysPerCall = 20
    /// A slow reader's call, how many of them are under way, and how many bytes it reads how often.
    static let slowKeysPerCall = 100
    static let slowInFlight = 4
    static let slowReadBytes = 2_048
    static let slowReadNanoseconds: SoakTime = 20_000_000
    static let ttlMillis: ClosedRange<Int64> = SoakModel.ttlNanosecondsMin / 1_000_000...3_000
    /// How often each is drawn, of 100.
    static let mix: [(operation: SoakOperation, share: Int)] = [
        (.get, 35), (.multiGet, 20), (.put, 18), (.expiringPut, 7), (.conditionalPut, 8), (.remove, 4), (.increment, 8),
    ]
}
