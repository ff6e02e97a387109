/// Who needs whom, by number.
struct DependencyGraph {
    /// For each node those that it needs.
    var needs: [[Int]]

    /// Circles, each from its first node and without its end; a node is in one at most, though it may lie on more.
    ///
    /// A depth-first search that keeps its path itself: a file decides how long it gets.
    func circles() -> [[Int]] {
        var circles: [[Int]] = []
        var isKnown = [Bool](repeating: false, count: needs.count)
        var isDone = isKnown
        /// Where a node stands in `path`.
        var positions = [Int?](repeating: nil, count: needs.count)
        var path: [(node: Int, next: Int)] = []
        for start in needs.indices where !isDone[start] {
            path = [(start, 0)]
            positions[start] = 0
            while let (node, next) = path.last {
                guard next < needs[node].count else {
                    isDone[node] = true
                    positions[node] = nil
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let needed = needs[node][next]
                if let position = positions[needed] {
                    guard !isKnown[node], !isKnown[needed] else { continue }
                    let circle = path[position...].map(\.node)
                    for member in circle { isKnown[member] = true }
                    circles.append(circle)
                } else if !isDone[needed] {
                    positions[needed] = path.count
                    path.append((needed, 0))
                }
            }
        }
        return circles
    }
}
