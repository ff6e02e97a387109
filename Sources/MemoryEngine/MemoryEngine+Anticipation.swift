//! Hints: the buckets of keys that will be asked for are prefetched one after another, then, when the first ones have
//! arrived, their entries. So the memory latencies of calls that came together overlap, as those of one multiGet do.
//!
//! Unsafe inside: between the hints and their end it keeps the addresses of buckets; the session is pinned meanwhile.

extension MemoryEngine {
    public func anticipate(_ key: RawSpan, session: MemorySession) {
        guard session.hintCount < MemorySession.hintsMax else { return }
        if session.hintCount == 0 { session.pin() }
        unsafe key.withUnsafeBytes { bytes in
            let key = unsafe Key(bytes, hash: shared.hash)
            let bucket = head(shardIndex(key.hash)).bucket(for: key.hash)
            bucket?.prefetch()
            unsafe (session.hints + session.hintCount).initialize(
                to: MemorySession.Hint(bucket: bucket, tag: key.tag))
        }
        session.hintCount &+= 1
    }

    public func finishAnticipating(session: MemorySession) {
        guard session.hintCount > 0 else { return }
        let lines = session.prefetchLines
        for index in 0..<session.hintCount {
            let hint = unsafe session.hints[index]
            guard let (candidate, next) = hint.bucket?.candidate(tag: hint.tag) else { continue }
            if let candidate { candidate.prefetch(lines: lines) } else { next?.prefetch() }
        }
        session.hintCount = 0
        session.unpin()
    }
}
