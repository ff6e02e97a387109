//! A log over a simulated disk that the test commits by hand, with a clock that stands still.

import LogSimulation
import Timing
import WriteAheadLog

final class TestLog: Sendable {
    let storage: SimulatedLogStorage
    let time = ManualTime()
    let log: WriteAheadLog

    /// An empty log whose first LSN is 101.
    init(
        segmentBytes: Int = 4_096, bufferBytesMax: Int = 1 << 20, sparesMax: Int = 2, capacity: Int = .max,
        after recovered: RecoveredLog = RecoveredLog(), on disk: SimulatedDisk = SimulatedDisk()
    ) throws {
        storage = SimulatedLogStorage(disk)
        storage.capacity = capacity
        var configuration = LogConfiguration()
        configuration.segmentBytes = segmentBytes
        configuration.bufferBytesMax = bufferBytesMax
        configuration.sparesMax = sparesMax
        log = try WriteAheadLog(
            storage, configuration: configuration, after: recovered, firstLSN: 101, clock: .manual(time))
    }

    @discardableResult
    func put(_ key: String, _ value: [UInt8] = [], expiry: WallTime = .distantFuture) throws(LogRefusal) -> Int64 {
        let key = Array(key.utf8)
        return try log.appendPut(unsafe key.span.bytes, value: unsafe value.span.bytes, expiry: expiry)
    }

    @discardableResult
    func put(_ key: String, bytes: Int) throws(LogRefusal) -> Int64 {
        try put(key, [UInt8](repeating: 7, count: bytes))
    }

    func remove(_ key: String) throws(LogRefusal) -> Int64 {
        let key = Array(key.utf8)
        return try log.appendRemove(unsafe key.span.bytes)
    }

    func touch(_ key: String, expiry: WallTime) throws(LogRefusal) -> Int64 {
        let key = Array(key.utf8)
        return try log.appendTouch(unsafe key.span.bytes, expiry: expiry)
    }

    func batch(_ entries: [(key: String, value: [UInt8], expiry: WallTime)]) throws(LogRefusal) -> Int64 {
        let bytes = entries.reduce(0) {
            $0 + LogBatch.bytes(key: $1.key.utf8.count, value: $1.value.count, expiry: $1.expiry)
        }
        return try log.appendBatch(count: entries.count, entryBytes: bytes) { batch in
            for entry in entries {
                let key = Array(entry.key.utf8)
                batch.add(unsafe key.span.bytes, value: unsafe entry.value.span.bytes, expiry: entry.expiry)
            }
        }
    }

    /// A line whose owner is the test's thread.
    func makeLine() -> TestLine { TestLine(log) }

    // MARK: What came to the disk

    var segmentNames: [String] {
        storage.disk.names.filter { $0.hasSuffix(".log") && !$0.hasPrefix("spare") }
    }

    /// The segments in their order, each read to its terminator.
    func segments() throws -> [SegmentReader] {
        try segmentNames.map { try SegmentReader(storage.disk.contents($0) ?? []) }
    }

    /// All records but marks.
    func records() throws -> [SegmentReader.Record] {
        try segments().flatMap { $0.records.filter { !$0.isMark } }
    }
}

/// Waiters, in the order in which they were answered.
final class TestLine {
    private let deferred = Deferred()
    private let wakes = Wakes()
    let line: CommitLine
    private(set) var answers: [Answer] = []

    struct Answer: Equatable {
        var lsn: Int64
        var level: LogLevel
        var refusal: LogRefusal?
    }

    /// What runs at the end of the owner's turn.
    private final class Deferred {
        var bodies: [() -> Void] = []
    }

    private final class Wakes: @unchecked Sendable {
        var count = 0
    }

    init(_ log: WriteAheadLog) {
        let (deferred, wakes) = (deferred, wakes)
        line = log.makeLine(wake: { wakes.count += 1 }, later: { deferred.bodies.append($0) })
    }

    /// How often the log told the owner to look. (Logs of these tests run on the test's own thread.)
    var wakeCount: Int { wakes.count }

    func wait(_ lsn: Int64, _ level: LogLevel) {
        line.wait(for: lsn, level) { [unowned self] refusal in
            answers.append(Answer(lsn: lsn, level: level, refusal: refusal as? LogRefusal))
        }
    }

    /// The end of the owner's turn.
    func endTurn() {
        // A group that may grow is looked at again.
        while !deferred.bodies.isEmpty {
            let bodies = deferred.bodies
            deferred.bodies = []
            for body in bodies { body() }
        }
    }

    /// The LSNs answered without a refusal since the last time.
    func drain() -> [Int64] {
        line.drain()
        defer { answers = [] }
        return answers.filter { $0.refusal == nil }.map(\.lsn)
    }
}
