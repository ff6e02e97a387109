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
    private let proxy: DelayProxy?

    /// Where servers that are measured find it.
    var address: Address { proxy?.address ?? redis.address }

    /// Starts it and writes all histories; that is not delayed.
    /// - Parameter delay: nil: none.
    init(
        _ codec: BlobCodec, _ owners: KeySpace, _ history: EventHistory, executable: String?, delay: LogNormal?,
        seed: UInt64, on cores: CorePlan
    ) throws {
        self.codec = codec
        // Redis and the delay run where there is time.
        redis = try ServerProcess(ServerPlan(.redis), on: cores.all)
        version = redis.version
        var plan = ServerPlan(.needletail, executable: executable)
        plan.store = redis.address
        plan.flags = ["--history-codec", codec.rawValue]
        let writer = try ServerProcess(plan, on: cores.server)
        defer { writer.stop() }
        try HistoryFiller.fill(writer.address, owners, history)
        let probe = try StoreProbe(redis.address)
        let count = try probe.keyCount()
        guard count == owners.count * history.periods else {
            throw WrongAnswer("\(owners.count * history.periods) periods were written, Redis holds \(count) keys")
        }
        blobSize = try probe.valueSize()
        let address = redis.address
        proxy = try delay.map { try DelayProxy(to: address, $0, seed: seed, on: cores.all) }
    }

    /// Ends the delay and Redis.
    /// - Returns: what became of the replies; nil without a delay.
    /// - Throws: if the delay ended before.
    @discardableResult
    func stop() throws -> DelayFigures? {
        defer { redis.stop() }
        return try proxy?.stop()
    }
}
