//! What clients were told of their writes, and what a server has to have then.

/// The writes of a test, by how they ended.
struct WriteLedger: Sendable {
    private(set) var kept: [String: Int64] = [:]
    private(set) var unknown: [String] = []
    private(set) var refused: [String] = []
    private(set) var wrong: [String] = []

    /// - Returns: whether the write was answered as it is without any fault.
    @discardableResult
    mutating func add(_ key: String, _ end: WriteEnd) -> Bool {
        switch end {
        case .kept(let version): kept[key] = version
        case .unknown: unknown.append(key)
        case .refused: refused.append(key)
        case .wrong(let reason): wrong.append(reason)
        }
        if case .kept = end { return true } else { return false }
    }

    mutating func add(_ other: WriteLedger) {
        kept.merge(other.kept) { max($0, $1) }
        unknown += other.unknown
        refused += other.refused
        wrong += other.wrong
    }

    /// What a server has that it should not have, and has not that it should.
    func complaints(about server: RunningServer) async throws -> [String] {
        let client = LedgerClient(server)
        var complaints = wrong
        for (key, version) in kept {
            let present = try await client.version(of: key)
            if present != version { complaints.append("\(key): \(version) was acknowledged, it has \(present ?? 0)") }
        }
        for key in refused where try await client.version(of: key) != nil {
            complaints.append("\(key) was refused and is there")
        }
        // These may be there, but whole.
        for key in unknown { _ = try await client.version(of: key) }
        await client.close()
        return complaints
    }
}
