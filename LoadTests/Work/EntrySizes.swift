//! Sizes that differ from entry to entry. An entry's size follows from its number, so that answers stay checkable, and
//! there are few enough sizes for each to have a request encoded beforehand: sizes come in classes, each of which stands
//! for an equal share of the entries.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// How large one entry is, in bytes.
struct EntrySize: Sendable, Hashable, Codable {
    var key: Int
    var value: Int
}

/// The sizes of a key space's entries.
struct EntrySizes: Sendable, Hashable, Codable {
    /// A power of two. With 256 classes requests of all sizes stay in a core's cache.
    static let classCount = 256
    /// Numbers from 0 to `classCount`, each once, multiplied: keys and values of one class are of quantiles that have
    /// nothing to do with each other.
    private static let scatter = 167

    /// As tables name it.
    let title: String
    /// By class.
    let classes: [EntrySize]

    /// The class of an entry: evenly over the entries, and without a tie to how often an entry is drawn.
    @inline(__always)
    static func index(of number: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(number) &* 0x9e37_79b9_7f4a_7c15) &>> 32) & (classCount &- 1)
    }

    /// - Parameters:
    ///   - keySize: of the quantile, above 0 and below 1.
    ///   - valueSize: of the quantile.
    init(_ title: String, keySize: (Double) -> Int, valueSize: (Double) -> Int) {
        self.title = title
        let quantile = { (index: Int) in (Double(index) + 0.5) / Double(Self.classCount) }
        classes = (0..<Self.classCount).map { index in
            EntrySize(
                key: keySize(quantile(index)), value: valueSize(quantile(index * Self.scatter % Self.classCount)))
        }
    }

    /// Keys of one size, and values of few sizes, each with its share.
    init(keySize: Int, values: [(size: Int, weight: Int)]) {
        let sum = Double(values.reduce(0) { $0 + $1.weight })
        self.init("mixed") { _ in
            keySize
        } valueSize: { quantile in
            var below = 0.0
            for (size, weight) in values {
                below += Double(weight) / sum
                if quantile < below { return size }
            }
            return values.last?.size ?? KeySpace.valueSizes.lowerBound
        }
    }

    /// Facebook's general-purpose pool (B. Atikoglu et al., "Workload Analysis of a Large-Scale Key-Value Store",
    /// SIGMETRICS 2012): key sizes of a generalised extreme value distribution, value sizes of a generalised Pareto
    /// distribution. Keys have at least the 8 bytes that hold a number and at most the 250 that memcached takes.
    static let etc = EntrySizes("Facebook ETC") { quantile in
        let (location, scale, shape) = (30.7984, 8.20449, 0.078688)
        let size = location + scale / shape * (pow(-log(quantile), -shape) - 1)
        return min(max(Int(size.rounded()), KeySpace.keySizes.lowerBound), 250)
    } valueSize: { quantile in
        let (location, scale, shape) = (15.0, 214.476, 0.348238)
        let size = location + scale / shape * (pow(1 - quantile, -shape) - 1)
        return max(Int(size.rounded()), KeySpace.valueSizes.lowerBound)
    }

    private func mean(_ size: (EntrySize) -> Int) -> Int {
        (classes.reduce(0) { $0 + size($1) } + Self.classCount / 2) / Self.classCount
    }

    var meanKeySize: Int { mean(\.key) }
    var meanValueSize: Int { mean(\.value) }
    /// Whether a request of many keys has the same length whichever they are.
    var hasOneKeySize: Bool { classes.allSatisfy { $0.key == classes[0].key } }
}
