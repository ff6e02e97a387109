public import Timing

/// What a snapshot is taken of. Used by one thread, while changes go on.
public protocol SnapshotSource: SendableMetatype {
    /// Returns once all changes whose LSNs were taken before the call are to be seen by `nextSlice`.
    func settle()

    /// Hands the entries of the next small part to `entry`, in place, expired ones included; false at the end. An entry
    /// that is there from the first slice to the last is handed out at least once.
    mutating func nextSlice(_ entry: (_ key: RawSpan, _ value: RawSpan, _ version: Int64, _ expiry: WallTime) -> Void)
        -> Bool
}
