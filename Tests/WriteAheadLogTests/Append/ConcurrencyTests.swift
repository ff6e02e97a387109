//! Real threads: what several append while others commit and sync is whole, and in order.

import LogSimulation
import NeedletailThreads
import Synchronization
import Testing
import Timing
import WriteAheadLog

@Suite struct ConcurrencyTests {
    private static let writers = 4
    private static let recordsPerWriter = 2_000

    @Test func whatThreadsAppendSideBySideIsWholeAndInOrder() throws {
        let log = try TestLog(segmentBytes: 256 << 10, bufferBytesMax: 64 << 20)
        let running = Atomic<Int>(Self.writers)
        let committing = DedicatedThread("commit") {
            while running.load(ordering: .acquiring) > 0 { log.log.commit() }
        }
        let syncing = DedicatedThread("sync") {
            while running.load(ordering: .acquiring) > 0 { log.log.syncInBackground() }
        }
        let writing = (0..<Self.writers).map { writer in
            DedicatedThread("writer") {
                var last: Int64 = 0
                for number in 0..<Self.recordsPerWriter {
                    guard let lsn = append(log, writer, number) else { continue }
                    precondition(lsn > last, "LSNs of one thread rise")
                    last = lsn
                }
                running.wrappingSubtract(1, ordering: .releasing)
            }
        }
        for thread in writing + [committing, syncing] { thread.join() }
        #expect(log.log.close() == nil)
        let records = try log.records()
        let total = Int64(Self.writers * Self.recordsPerWriter)
        #expect(records.map(\.lsn) == Array(101...(100 + total)))
        // Of each thread all, in its order.
        var next = [Int](repeating: 0, count: Self.writers)
        for record in records {
            let (key, value) =
                switch record {
                case .put(_, let key, let value, _): (key, value)
                case .batch(_, let entries): (entries[0].key, entries[1].value)
                default: ("", [UInt8]())
                }
            let parts = key.split(separator: " ").compactMap { Int($0) }
            try #require(parts.count == 2)
            #expect(parts[1] == next[parts[0]])
            next[parts[0]] += 1
            #expect(value == content(parts[0], parts[1]))
        }
    }

    private func content(_ writer: Int, _ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: writer &+ number), count: number % 600)
    }

    private func append(_ log: TestLog, _ writer: Int, _ number: Int) -> Int64? {
        let (key, value) = ("\(writer) \(number)", content(writer, number))
        if number % 10 == 0 { return try? log.batch([(key, [], .distantFuture), ("second", value, .distantFuture)]) }
        return try? log.put(key, value)
    }

    @Test func everyWaiterOfEveryThreadIsAnsweredOnce() throws {
        let log = try TestLog(segmentBytes: 256 << 10)
        let running = Atomic<Int>(Self.writers)
        let committing = DedicatedThread("commit") {
            while running.load(ordering: .acquiring) > 0 { log.log.commit() }
        }
        let answered = Atomic<Int>(0)
        let writing = (0..<Self.writers).map { writer in
            DedicatedThread("writer") {
                defer { running.wrappingSubtract(1, ordering: .releasing) }
                let signal = Signal()
                var deferred: [() -> Void] = []
                let line = log.log.makeLine(wake: { signal.raise() }, later: { deferred.append($0) })
                for number in 0..<200 {
                    for part in 0..<3 {
                        guard let lsn = try? log.put("\(writer) \(number) \(part)") else { continue }
                        let level: LogLevel = part == 1 ? .logged : .synced
                        line.wait(for: lsn, level) { refusal in
                            precondition(refusal == nil)
                            precondition((level == .logged ? log.log.loggedLSN : log.log.syncedLSN) >= lsn)
                            answered.wrappingAdd(1, ordering: .relaxed)
                        }
                    }
                    while !deferred.isEmpty {
                        let bodies = deferred
                        deferred = []
                        for body in bodies { body() }
                    }
                    while line.count > 0 {
                        // A wake-up that is lost is found by this deadline.
                        guard signal.wait(until: .soon) else { return }
                        line.drain()
                    }
                }
                log.log.leave(line)
            }
        }
        for thread in writing + [committing] { thread.join() }
        #expect(answered.load(ordering: .relaxed) == Self.writers * 200 * 3)
    }
}

extension MonotonicTime {
    fileprivate static var soon: MonotonicTime { Clock.system.now().advanced(byMilliseconds: 30_000) }
}
