//! What is always true of an engine, checked the long way: for tests, between or (each shard under its lock) during
//! operations.

internal import NeedletailThreads
internal import Timing

extension MemoryEngine {
    /// Checks every shard and, if `quiescent` (no other thread uses the engine), the account; ends the process if
    /// something is wrong.
    package func _checkInvariants(quiescent: Bool = true) {
        for (index, shard) in shards.enumerated() {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            shard.checkInvariants(belongs: { self.shardIndex($0) == index })
            if quiescent { shard.settle(exactly: true) }
        }
        guard quiescent else { return }
        precondition(shared.account.chargedBytes == shards.reduce(0) { $0 + $1.flushedBytes })
        precondition(shards.allSatisfy { $0.flushedBytes >= 0 })
    }

    /// Table bytes for each entry, and chain links followed for each lookup that hits: the price of the table's load,
    /// both ways.
    package func _tableFigures() -> (bytesPerEntry: Double, linksPerHit: Double) {
        var entries = 0
        var bytes = 0
        var links = 0
        for shard in shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            entries += shard.table.count
            bytes += shard.table.bytes
            for index in 0..<Int(shard.table.bucketCount) {
                var depth = 0
                var bucket: BucketRef? = shard.table.bucket(at: index)
                while let current = bucket {
                    for slot in 0..<current.slotCount {
                        let word = current[slot].load()
                        if !word.isEmpty, !word.isLink { links += depth }
                    }
                    depth += 1
                    bucket = current.next
                }
            }
        }
        return (Double(bytes) / Double(max(1, entries)), Double(links) / Double(max(1, entries)))
    }

    /// Takes everything off the engine's hands that no reader holds; for tests that look at memory.
    package func _collectAll() {
        for shard in shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            shard.collect()
            shard.settle()
        }
    }
}

extension Shard {
    func checkInvariants(belongs: (UInt64) -> Bool) {
        var entries = 0
        var timed = 0
        var bytes = 0
        var chained = 0
        for index in 0..<Int(table.bucketCount) {
            var bucket = table.bucket(at: index)
            var keys: Set<[UInt8]> = []
            while true {
                for slot in 0..<bucket.slotCount {
                    let word = bucket[slot].load()
                    if word.isLink { precondition(slot == bucket.slotCount - 1, "a link that is not last") }
                    guard !word.isEmpty, !word.isLink else { continue }
                    let entry = word.entry
                    let hash = table.hash(of: entry)
                    precondition(belongs(hash), "an entry in the wrong shard")
                    precondition(word.tag == KeyHash.tag(hash), "a wrong tag")
                    precondition(TableHead.bucketIndex(hash, count: table.bucketCount) == index, "a wrong bucket")
                    precondition(keys.insert(unsafe Array(entry.key)).inserted, "a key twice")
                    entries += 1
                    bytes += charge(of: entry)
                    if entry.flags.contains(.timed) {
                        timed += 1
                        precondition(unsafe entry.timer.pointee.isScheduled, "a timed entry outside the wheel")
                    }
                    precondition(entry.flags.contains(.queued) == (queues != nil))
                }
                guard let next = bucket.next else { break }
                chained += 1
                bucket = next
            }
        }
        precondition(entries == table.count, "the table counts \(table.count), there are \(entries)")
        precondition(chained == table.overflowBuckets, "overflow buckets are miscounted")
        switch wheel {
        case .none: precondition(timed == 0)
        case .some(let wheel): precondition(wheel.count == timed)
        }
        if let queues {
            queues.checkInvariants { charge(of: $0) }
            precondition(queues.count == entries && queues.queuedBytes == bytes)
        }
        var waiting = 0
        unsafe retired.forEach { address, kind in
            if kind == .entry { waiting += charge(of: unsafe EntryRef(address)) }
        }
        precondition(entryBytes == bytes + waiting, "entry bytes: \(entryBytes), found \(bytes) and \(waiting) retired")
    }
}
