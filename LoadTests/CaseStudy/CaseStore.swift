//! What the blobs of one codec lie in: a Redis process of their own, filled through the service, and the delay in front of
//! it. Redis is one process for each codec, not a cluster: a cluster's nodes name each other's ports, which would lead
//! around the delay.

internal import Histogram

final class CaseStore {
    let codec: BlobCodec
    let version: String
    /// The median blob, in bytes.
    let blobSize: Int
    private let redis: ServerProcess
    private var proxy: DelayProxy?

    /// Where servers that are measured find it.
    var address: Address { proxy?.address ?? redis.address }

    /// Starts it and writes all histories.
    init(_ codec: BlobCodec, _ setup: CaseStudySetup) throws {
        self.codec = codec
        // Redis and the delay run where there is time.
        redis = try ServerProcess(ServerPlan(.redis), on: setup.cores.all)
        version = redis.version
        var plan = ServerPlan(.needletail, executable: setup.executable)
        plan.store = redis.address
        plan.flags = ["--history-codec", codec.rawValue]
        let writer = try ServerProcess(plan, on: setup.cores.server)
        defer { writer.stop() }
        try HistoryFiller.fill(writer.address, setup.owners, setup.history)
        let probe = try StoreProbe(redis.address)
        let count = try probe.keyCount()
        guard count == setup.keyCount else {
            throw WrongAnswer("\(setup.keyCount) periods were written, Redis holds \(count) keys")
        }
        blobSize = try probe.valueSize()
    }

    /// From now on it is found behind the delay.
    func startDelay(_ setup: CaseStudySetup) throws {
        proxy = try DelayProxy(to: redis.address, setup.delay, seed: setup.seed, on: setup.cores.all)
    }

    /// Ends the delay.
    /// - Returns: what became of the replies; nil without a delay.
    /// - Throws: if the delay ended before.
    @discardableResult
    func stopDelay() throws -> DelayFigures? {
        defer { proxy = nil }
        return try proxy?.stop()
    }

    /// Ends Redis, and the delay if there is one.
    func stop() {
        _ = try? stopDelay()
        redis.stop()
    }
}
