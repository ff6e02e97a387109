//! "Did you mean": the known name that is nearest to a misspelt one. Small inputs only; quadratic in the names'
//! lengths.

package enum NearestName {
    /// A name is only compared up to this length: what is longer is no slip of the fingers.
    private static let lengthMax = 80

    /// The one of `candidates` that is nearest to `name`, if it is near enough to be meant. Letters compare without
    /// case; dots, dashes and underscores count as the same.
    package static func of(_ name: String, in candidates: some Sequence<String>) -> String? {
        let wanted = normal(name)
        guard !wanted.isEmpty, wanted.count <= lengthMax else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let letters = normal(candidate)
            let distance = distance(wanted, letters)
            let distanceMax = max(1, min(wanted.count, letters.count) / 4)
            if distance <= distanceMax, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func normal(_ name: String) -> [UInt8] {
        name.lowercased().utf8.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") ? UInt8(ascii: ".") : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
