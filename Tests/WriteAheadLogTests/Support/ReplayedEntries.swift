//! A target of replay that is plain: a dictionary, and the rules of `ReplayTarget` word by word.

import NeedletailThreads
import Timing
import WriteAheadLog

struct ReplayedEntry: Hashable, Sendable {
    var value: [UInt8]
    var version: Int64
    var expiry: WallTime = .distantFuture
}

final class ReplayedEntries: ReplayTarget, @unchecked Sendable {
    // The engine's lock, which ThreadSanitizer understands.
    private let lock = Lock()
    private var kept: [[UInt8]: ReplayedEntry] = [:]
    private var expected: Int?

    /// How many changes were said to come.
    var changesExpected: Int? {
        lock.lock()
        defer { lock.unlock() }
        return expected
    }

    var entries: [[UInt8]: ReplayedEntry] {
        lock.lock()
        defer { lock.unlock() }
        return kept
    }

    /// The values by key, as text.
    var texts: [String: String] {
        Dictionary(
            uniqueKeysWithValues: entries.map {
                (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value.value, as: UTF8.self))
            })
    }

    func begin(expecting changes: Int) {
        lock.lock()
        defer { lock.unlock() }
        expected = changes
    }

    func place(_ records: inout MutableSpan<LogRecord>, workers: Int) {
        for index in records.indices {
            let sum = Self.array(records[index].key).reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
            records[index].hash = sum
            records[index].worker = Int(sum % UInt64(workers))
        }
    }

    func apply(_ records: Span<LogRecord>, worker: Int, of workers: Int) {
        for index in records.indices {
            let record = records[index]
            let (key, value) = (Self.array(record.key), Self.array(record.value))
            lock.lock()
            defer { lock.unlock() }
            if let entry = kept[key], entry.version >= record.lsn { continue }
            switch record.change {
            case .put:
                kept[key] = ReplayedEntry(value: value, version: record.lsn, expiry: record.expiry)
            case .remove:
                kept[key] = nil
            case .touch:
                kept[key]?.version = record.lsn
                kept[key]?.expiry = record.expiry
            }
        }
    }

    private static func array(_ span: RawSpan) -> [UInt8] { unsafe span.withUnsafeBytes { unsafe Array($0) } }
}
