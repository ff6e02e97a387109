//! The keys that are asked for most, in memory of fixed size: the sketch "Space-Saving" of Metwally, Agrawal and El Abbadi
//! (Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005). When a key comes that has no counter and
//! none is free, it takes over that of the least count, count and all, and remembers how much of it is not its own.
//!
//! Always true: the counts add up to the number of keys that came; a counter's key came at most `count` and at least
//! `count - error` times; a key without a counter came at most `leastCount` times, which is at most the number of keys that
//! came, divided by the capacity.

/// A sketch of the most frequent keys.
struct SpaceSaving: Sendable {
    /// A key and how often it came.
    struct Counter: Sendable, Hashable {
        let key: [UInt8]
        /// At most so often.
        var count: UInt64
        /// So much of `count` may be other keys'.
        var error: UInt64
    }

    let capacity: Int
    private(set) var counters: [Counter] = []
    private var places: [[UInt8]: Int] = [:]
    /// How many keys came.
    private(set) var total: UInt64 = 0

    /// - Parameter capacity: the most counters. A key that is more than its share of 1 in so many is certain to have one.
    init(capacity: Int) {
        precondition(capacity > 0, "a sketch has counters")
        self.capacity = capacity
        counters.reserveCapacity(capacity)
        places.reserveCapacity(capacity)
    }

    /// The most that a key without a counter may have come.
    var leastCount: UInt64 { counters.count < capacity ? 0 : counters.lazy.map(\.count).min() ?? 0 }

    /// Counts a key.
    mutating func add(_ key: [UInt8]) {
        total += 1
        if let place = places[key] {
            counters[place].count += 1
        } else if counters.count < capacity {
            places[key] = counters.count
            counters.append(Counter(key: key, count: 1, error: 0))
        } else {
            replaceLeast(by: key)
        }
    }

    /// One walk over the counters: there are few, and keys are sampled.
    private mutating func replaceLeast(by key: [UInt8]) {
        var least = 0
        for place in counters.indices where counters[place].count < counters[least].count { least = place }
        let count = counters[least].count
        places[counters[least].key] = nil
        places[key] = least
        counters[least] = Counter(key: key, count: count + 1, error: count)
    }

    /// The most frequent keys of several sketches together, the most frequent first. A sketch that has no counter for a key
    /// may have seen it as often as its least count.
    static func top(_ number: Int, of sketches: [SpaceSaving]) -> [Counter] {
        var merged: [[UInt8]: Counter] = [:]
        let leastCounts = sketches.reduce(0) { $0 + $1.leastCount }
        for sketch in sketches {
            let least = sketch.leastCount
            for counter in sketch.counters {
                var sum = merged[counter.key] ?? Counter(key: counter.key, count: leastCounts, error: leastCounts)
                sum.count = sum.count - least + counter.count
                sum.error = sum.error - least + counter.error
                merged[counter.key] = sum
            }
        }
        let sorted = merged.values.sorted { ($0.count, $1.error) > ($1.count, $0.error) }
        return Array(sorted.prefix(number))
    }
}
