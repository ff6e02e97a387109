//! What `/stats` answers, and where it comes from.

package import NeedletailTelemetry

/// The server's figures at one moment: `/stats` as JSON, read by `needletail stats` and by the page.
package struct ServerReport: Codable, Sendable {
    package struct Engine: Codable, Sendable {
        package var kind: String
        package var keys: Int
        /// Entries: header, key, value and the allocator's rounding.
        package var entryBytes: Int
        /// Buckets, directories, queues.
        package var tableBytes: Int
        /// 0: no limit.
        package var memoryLimitBytes: Int
        package var expiredKeys: Int
        package var evictedKeys: Int
        package var contendedLocks: Int
    }

    /// What is kept on disk.
    package struct Log: Codable, Sendable {
        /// loading, ok, full, failed or closed.
        package var state: String
        /// Why it is full or has failed.
        package var reason: String?
        /// The versions of the last change that was logged, and of the last that is on disk.
        package var appendedLSN: Int64 = 0
        package var syncedLSN: Int64 = 0
        package var segments = 0
        package var segmentBytes = 0
        /// Snapshots that were written since the start, and how long and how large the last one was.
        package var snapshots = 0
        package var snapshotRunning = false
        package var lastSnapshotSeconds: Double?
        package var lastSnapshotBytes = 0
        package var snapshotsFailed = 0
        /// Places that the scrub found damaged.
        package var damageFound = 0
    }

    /// What is shed in overload.
    package struct Admission: Codable, Sendable {
        package var enabled: Bool
        package var targetMillis: Int64
        package var intervalMillis: Int64
        /// Requests that were begun, will be answered later, and have not been.
        package var inFlight: Int
        package var shedBySojourn: UInt64
        package var shedByConcurrency: UInt64
    }

    package struct Method: Codable, Sendable {
        package var method: String
        package var requests: UInt64
        /// Those that will be answered later and have not been, and how many of them there may be, over all event loops. 0:
        /// no limit.
        package var inFlight: Int
        package var inFlightLimit: Int
        /// Durations that these shares of the calls since the start did not exceed.
        package var p50Micros: Double
        package var p90Micros: Double
        package var p99Micros: Double
        package var p999Micros: Double
        /// Nil if there were no calls in it.
        package var lastMinute: LastMinute?
    }

    package struct Process: Codable, Sendable {
        package var cpuSeconds: Double
        /// Nil, here and below: it could not be read, for instance because no more files may be open.
        package var residentBytes: Int?
        package var threads: Int?
        package var openFileDescriptors: Int?
    }

    package var build: String
    package var ready: Bool
    package var uptimeSeconds: Double
    package var durability: String
    package var eventLoops: Int
    package var rpcPort: Int
    package var connections: Int
    package var connectionsRejected: Int
    package var engine: Engine
    /// Nil with the durability memory.
    package var log: Log?
    package var admission: Admission
    package var methods: [Method]
    /// The greatest lateness of an event loop in the last 10 s.
    package var eventLoopLagSeconds: Double
    /// Who says that he calls; empty if nobody does.
    package var callers: [Caller]
    package var process: Process
    package var runtime: Runtime
    package var governor: Governor
    /// How every alert rule stands.
    package var alerts: [AlertReport]
}

/// Where the admin server gets its answers; asked from its own threads, so everything behind it is safe to share.
package struct ReportSource: Sendable {
    /// Why the server is not ready; nil if it is.
    package var notReady: @Sendable () -> String?
    package var report: @Sendable () -> ServerReport
    package var slow: @Sendable () -> SlowReport
    package var metrics: @Sendable () -> [MetricFamily]
    /// Asks for a snapshot; false if there is nothing to write one of.
    package var requestSnapshot: @Sendable () -> Bool
}
