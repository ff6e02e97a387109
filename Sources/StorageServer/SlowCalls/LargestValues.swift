/// The largest values that were seen, with their keys; each key once, with the largest of its values.
struct LargestValues: Sendable {
    struct Value: Sendable, Hashable {
        let key: [UInt8]
        var byteCount: Int
    }

    let capacity: Int
    /// The largest first.
    private(set) var values: [Value] = []

    init(capacity: Int) { self.capacity = capacity }

    /// Smaller values, and those of this size, change nothing.
    var byteCountMin: Int { values.count < capacity ? 0 : values.last?.byteCount ?? 0 }

    /// Takes a value into account.
    mutating func add(_ byteCount: Int, of key: [UInt8]) {
        guard byteCount > byteCountMin else { return }
        if let place = values.firstIndex(where: { $0.key == key }) {
            guard byteCount > values[place].byteCount else { return }
            values.remove(at: place)
        }
        let place = values.firstIndex { $0.byteCount < byteCount } ?? values.count
        values.insert(Value(key: key, byteCount: byteCount), at: place)
        if values.count > capacity { values.removeLast() }
    }
}
