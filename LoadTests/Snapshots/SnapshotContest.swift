//! Gets in an open loop, in windows without a snapshot and windows in which one is always being written, taking turns.

internal import Histogram

struct SnapshotContest {
    /// The share of its highest rate that the server is asked for.
    static let rateShare = 0.5
    /// A window lasts until it has about so many samples: a P99 needs 10,000, and the last second may be short of some.
    private static let samplesPerWindowMin = 12_000.0
    /// A server that has written a snapshot stands so long before it is measured without one.
    private static let settleMillis = 500
    /// For the last snapshot of a window to end.
    private static let snapshotMillisMax = 300_000
    private static let waitMillis = 50
    private static let warmUpSeconds = 0.25

    let server: ServerProcess
    let session: LoadSession
    let rounds: Int
    /// Of a window at least; it is longer where that is needed for its samples.
    let seconds: Double

    /// - Parameter result: has every round that came to its end, also if this throws; nil if none had.
    func run(into result: inout SnapshotResult?) throws {
        guard let adminPort = server.adminPort else { throw ServerError("a server without an admin port") }
        try session.warmUp(.get, inFlight: 1, seconds: Self.warmUpSeconds)
        let highest = try session.measure(.get, .closed(inFlight: 1), seconds: seconds).figures.rate
        var sofar = SnapshotResult(highestRate: highest, rate: highest * Self.rateShare)
        sofar.windowSeconds = max(seconds, Self.samplesPerWindowMin / sofar.rate)
        for round in 0..<rounds {
            let what = "round \(round + 1) of \(rounds)"
            sofar.add(without: try window(sofar, keepsSnapshotRunning: false, adminPort, what).measurement)
            if round == 0 { sofar.residentBytesBefore = try residentBytes() }
            let (measurement, watch) = try window(sofar, keepsSnapshotRunning: true, adminPort, what)
            let residentAfter = try waitForSnapshot(adminPort)
            guard watch.hasSeenSnapshot else { throw ServerError("snapshots were asked for, and none was written") }
            sofar.add(with: measurement, watch, residentAfter: residentAfter)
            result = sofar
            ThreadTime.sleep(milliseconds: Self.settleMillis)
        }
    }

    private func window(
        _ result: SnapshotResult, keepsSnapshotRunning: Bool, _ adminPort: Int, _ what: String
    ) throws -> (measurement: Measurement, watch: SnapshotWatch) {
        try session.warmUp(.get, inFlight: 1, seconds: Self.warmUpSeconds)
        let watcher = try SnapshotWatcher(
            adminPort: adminPort, process: server.process, keepsSnapshotRunning: keepsSnapshotRunning)
        let pace = Pace.open(rate: result.rate)
        let title = "\(what), gets \(keepsSnapshotRunning ? "beside a snapshot" : "alone")"
        let outcome = Result {
            try session.measure(.get, pace, seconds: result.windowSeconds) { Console.second($0, title, pace) }
        }
        Console.endProgress()
        let watch = try watcher.stop()
        return (try outcome.get(), watch)
    }

    /// Waits for the snapshot that is being written to end.
    /// - Returns: the most memory that the server took meanwhile.
    private func waitForSnapshot(_ adminPort: Int) throws -> Int {
        var resident = try residentBytes()
        for _ in 0..<Self.snapshotMillisMax / Self.waitMillis {
            try Interruption.check()
            guard try LogState.read(adminPort: adminPort).snapshotRunning else { return resident }
            ThreadTime.sleep(milliseconds: Self.waitMillis)
            resident = max(resident, try residentBytes())
        }
        throw ServerError("a snapshot did not end within \(Self.snapshotMillisMax / 1_000) s")
    }

    private func residentBytes() throws -> Int {
        guard let sample = ProcessSample.take(of: server.process) else { throw ServerError("the server has ended") }
        return sample.residentBytes
    }
}
