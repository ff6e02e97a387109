/// What a directory held when it was recovered: where a log goes on.
package struct RecoveredLog: Sendable {
    /// The last LSN that was replayed, the snapshot's included; 0 for an empty directory.
    package var lastLSN: Int64 = 0
    /// The greatest LSN that was seen, also in a tail that was cut: the next ones are greater.
    package var greatestLSN: Int64 = 0
    /// The number after which the next segment's follows.
    package var lastSegment: UInt64 = 0
    /// The segments that are still needed, in their order.
    package var segments: [ClosedSegment] = []
    /// The LSN of the snapshot; nil if there is none.
    package var snapshotLSN: Int64?
    /// The snapshot's size; 0 if there is none.
    package var snapshotBytes = 0
    package var directoryID: UInt64 = 0
    /// Whether something was given up: then a snapshot is to be taken, or the next start meets the same damage.
    package var isSalvaged = false

    package init() {}
}
