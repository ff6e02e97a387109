//! The store's operations on a table of 10,000 entries, one thread, no log.

internal import MemoryEngine
internal import NIOCore
internal import NeedletailWire
internal import StorageEngine
internal import Timing

enum TableBenchmarks {
    static let all = [get, getMissing, multiGet, overwrite, insert]

    private static let cycle = MicroSample.entryCount

    private static let get = MicroBenchmark("table.get", cycle: cycle, countedOperations: cycle) {
        let table = try FilledTable()
        return { operations in
            var place = 0
            var sum = 0
            for _ in 0..<operations {
                let key = table.keys[place]
                table.engine.read(key.readableBytesSpan, now: FilledTable.now, session: table.session) {
                    sum &+= $0[0].byteCount
                }
                place = FilledTable.next(place)
            }
            return sum
        }
    }

    private static let getMissing = MicroBenchmark("table.get-missing", cycle: cycle, countedOperations: cycle) {
        let table = try FilledTable()
        let keys = (0..<cycle).map { MicroSample.key(cycle + $0) }
        return { operations in
            var place = 0
            var sum = 0
            for _ in 0..<operations {
                let key = keys[place]
                table.engine.read(key.readableBytesSpan, now: FilledTable.now, session: table.session) {
                    sum &+= Int($0[0].status.rawValue)
                }
                place = FilledTable.next(place)
            }
            return sum
        }
    }

    private static let callsOfMany = cycle / MicroSample.keysPerCall

    /// An operation is a call of 100 keys.
    private static let multiGet = MicroBenchmark(
        "table.multi-get-100", cycle: callsOfMany, countedOperations: callsOfMany
    ) {
        let table = try FilledTable()
        var place = 0
        let calls = (0..<callsOfMany).map { _ in
            BinaryList(
                (0..<MicroSample.keysPerCall).map { _ in
                    defer { place = FilledTable.next(place) }
                    return table.keys[place]
                })
        }
        return { operations in
            var sum = 0
            for operation in 0..<operations {
                table.engine.read(calls[operation % callsOfMany], now: FilledTable.now, session: table.session) {
                    for index in 0..<$0.count { sum &+= $0[index].byteCount }
                }
            }
            return sum
        }
    }

    private static let overwrite = MicroBenchmark("table.put-overwrite", cycle: cycle, countedOperations: cycle) {
        let table = try FilledTable()
        return { operations in
            var place = 0
            for _ in 0..<operations {
                try table.put(place)
                place = FilledTable.next(place)
            }
            return table.engine.statistics().keys
        }
    }

    /// From an empty table to one of 10,000 entries, so that each put bears its share of the table's growth.
    private static let insert = MicroBenchmark("table.put-growing", cycle: cycle, countedOperations: cycle) {
        let keys = FilledTable.sampleKeys
        return { operations in
            var sum = 0
            for _ in 0..<(operations / cycle) { sum &+= try FilledTable(keys).engine.statistics().keys }
            return sum
        }
    }
}

/// An engine with its entries, and one session.
final class FilledTable {
    /// Nothing expires.
    static let now = WallTime(milliseconds: 1_700_000_000_000)
    /// A seed of our own, or else each process would fill other buckets.
    static let configuration = MemoryEngineConfiguration(seed: 1)
    static var sampleKeys: [ByteBuffer] { (0..<MicroSample.entryCount).map(MicroSample.key) }

    let engine = MemoryEngine(configuration: configuration)
    let session: MemorySession
    let keys: [ByteBuffer]
    private let value = MicroSample.value(1)

    init(_ keys: [ByteBuffer] = sampleKeys) throws {
        session = engine.makeSession(on: nil)
        self.keys = keys
        for place in keys.indices { try put(place) }
    }

    @inline(__always)
    func put(_ place: Int) throws(EngineError) {
        let (key, value) = (keys[place], value)
        _ = try engine.put(
            key.readableBytesSpan, value: value.readableBytesSpan, options: PutOptions(), now: Self.now,
            session: session)
    }

    /// The place of the key after this one.
    @inline(__always)
    static func next(_ place: Int) -> Int { (place &+ MicroSample.keyStep) % MicroSample.entryCount }
}
