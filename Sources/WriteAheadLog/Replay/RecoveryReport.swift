/// How far a recovery, or another reading of a log, has come.
package struct RecoveryProgress: Sendable, Hashable {
    package var bytesDone = 0
    package var bytesTotal = 0
    package var records = 0

    package init() {}

    /// 0 to 1.
    package var fraction: Double { bytesTotal == 0 ? 1 : min(1, Double(bytesDone) / Double(bytesTotal)) }
}

/// What a recovery did.
package struct RecoveryReport: Sendable, Hashable {
    /// Records that were replayed, the snapshot's included.
    package var records = 0
    /// Changes in them: a batch has several.
    package var entries = 0
    /// Bytes of the files that were read.
    package var bytes = 0
    package var seconds = 0.0
    /// The LSN of the snapshot that was used; nil if there was none.
    package var snapshotLSN: Int64?
    /// What was cut off the end; nil if the log ended cleanly.
    package var tail: LogTail?
    /// What was given up, where salvaging was asked for.
    package var losses: [LogDamage] = []

    package var recordsPerSecond: Double { seconds > 0 ? Double(records) / seconds : 0 }
}

/// Why a log was not recovered.
package enum LogRecoveryError: Error, Sendable, Hashable, CustomStringConvertible {
    case storage(LogStorageError)
    /// What was on disk is not there any more.
    /// - Parameters:
    ///   - path: the directory.
    ///   - first: where it was noticed.
    ///   - losses: what would be lost by going on without what cannot be read.
    case damaged(path: String, first: LogDamage, losses: [LogDamage])

    package var description: String {
        switch self {
        case .storage(let error): return "\(error)"
        case .damaged(let path, let first, let losses):
            let shown = losses.prefix(Self.lossesShown).map(\.loss).joined(separator: "; ")
            let rest = losses.count > Self.lossesShown ? "; and \(losses.count - Self.lossesShown) more places" : ""
            return """
                the log in '\(path)' is damaged: \(first). Restore a backup, or start with --salvage, which gives up: \
                \(shown)\(rest)
                """
        }
    }

    private static let lossesShown = 5
}
