/// What records are replayed into.
///
/// Replay is idempotent and comes in two parts: the snapshot's records first, then those of the log from the snapshot's
/// LSN on. The snapshot was taken while changes went on, so it may hold entries that are newer than a record that
/// comes after it. Therefore a record is applied only if its LSN is greater than the version of the entry that is there;
/// a put or removal of a key that is not there is applied in any case, a touch of one is not. Entries that have expired
/// are kept until the end: a later touch may have prolonged them.
public protocol ReplayTarget: Sendable {
    /// Told once, before the first record: about how many changes come, from the size of the files. May be far too many, where
    /// keys were written again and again.
    func begin(expecting changes: Int)

    /// Sets each record's `hash` and its `worker` (0 to `workers` - 1), the same for equal keys. Called from any thread.
    func place(_ records: inout MutableSpan<LogRecord>, workers: Int)

    /// Applies records of one worker, thousands at a time, in their order. Called from that worker's thread.
    func apply(_ records: Span<LogRecord>, worker: Int, of workers: Int)

    /// Told when all records have been applied.
    func end()
}

extension ReplayTarget {
    public func begin(expecting changes: Int) {}
    public func end() {}
}
