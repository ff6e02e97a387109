import Testing

@testable import StorageServer

/// The sketch's bounds against exact counts, on keys that come as often as Zipf's law has it.
@Suite struct SpaceSavingTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
            return bits ^ bits >> 31
        }
    }

    private static let keyCount = 5_000

    /// `count` keys, of which number n comes 1/n as often as number 1.
    private static func zipf(_ count: Int, seed: UInt64) -> [[UInt8]] {
        var sums: [Double] = []
        for number in 1...keyCount { sums.append((sums.last ?? 0) + 1 / Double(number)) }
        var generator = Generator(state: seed)
        return (0..<count).map { _ in
            let point = Double.random(in: 0..<sums[keyCount - 1], using: &generator)
            var range = 0..<keyCount
            while range.count > 1 {
                let middle = range.lowerBound + range.count / 2
                range = sums[middle - 1] > point ? range.lowerBound..<middle : middle..<range.upperBound
            }
            return Array("key \(range.lowerBound)".utf8)
        }
    }

    private static func exact(_ keys: [[UInt8]]) -> [[UInt8]: UInt64] {
        keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func expectBounds(_ counters: [SpaceSaving.Counter], _ exact: [[UInt8]: UInt64]) {
        for counter in counters {
            let count = exact[counter.key] ?? 0
            #expect(count <= counter.count && counter.count - counter.error <= count)
        }
    }

    @Test(arguments: [1, 2, 3], [8, 128]) func countsAreWithinTheirErrors(seed: UInt64, capacity: Int) {
        let keys = Self.zipf(20_000, seed: seed)
        let exact = Self.exact(keys)
        var sketch = SpaceSaving(capacity: capacity)
        for key in keys { sketch.add(key) }
        #expect(sketch.counters.count == capacity)
        #expect(sketch.counters.reduce(0) { $0 + $1.count } == UInt64(keys.count))
        #expect(sketch.leastCount <= UInt64(keys.count / capacity))
        Self.expectBounds(sketch.counters, exact)
        let counted = Set(sketch.counters.map(\.key))
        for (key, count) in exact where !counted.contains(key) { #expect(count <= sketch.leastCount) }
    }

    @Test func theHottestKeysAreFoundInTheirOrder() {
        var sketch = SpaceSaving(capacity: 128)
        for key in Self.zipf(50_000, seed: 4) { sketch.add(key) }
        let top = SpaceSaving.top(3, of: [sketch]).map { KeyText.of($0.key) }
        #expect(top == ["key 0", "key 1", "key 2"])
    }

    @Test func sketchesOfSeveralLoopsTogetherKeepTheBounds() {
        let streams = [Self.zipf(10_000, seed: 5), Self.zipf(20_000, seed: 6), Self.zipf(50, seed: 7)]
        let sketches = streams.map { keys in
            var sketch = SpaceSaving(capacity: 64)
            for key in keys { sketch.add(key) }
            return sketch
        }
        let top = SpaceSaving.top(10, of: sketches)
        #expect(top.count == 10 && top.first.map { KeyText.of($0.key) } == "key 0")
        Self.expectBounds(top, Self.exact(streams.flatMap(\.self)))
    }

    @Test func nothingIsTheTopOfNothing() { #expect(SpaceSaving.top(3, of: []).isEmpty) }
}

@Suite struct LargestValuesTests {
    private func values(_ largest: LargestValues) -> [String] {
        largest.values.map { "\(KeyText.of($0.key)):\($0.byteCount)" }
    }

    @Test func theLargestAreKeptEachKeyOnce() {
        var largest = LargestValues(capacity: 3)
        for (key, byteCount) in [("a", 5), ("b", 7), ("a", 9), ("c", 1), ("d", 2), ("b", 3), ("e", 2)] {
            largest.add(byteCount, of: Array(key.utf8))
        }
        #expect(values(largest) == ["a:9", "b:7", "d:2"])
        #expect(largest.byteCountMin == 2)
    }

    @Test func anEmptyValueIsNotLarge() {
        var largest = LargestValues(capacity: 3)
        largest.add(0, of: Array("a".utf8))
        #expect(largest.values.isEmpty && largest.byteCountMin == 0)
    }
}
