//! A target of replay that is plain: a dictionary, and the rules of `ReplayTarget` word by word.

import Synchronization
import Timing
import WriteAheadLog

struct ReplayedEntry: Hashable, Sendable {
    var value: [UInt8]
    var version: Int64
    var expiry: WallTime = .distantFuture
}

final class ReplayedEntries: ReplayTarget {
    private let state = Mutex<[[UInt8]: ReplayedEntry]>([:])

    var entries: [[UInt8]: ReplayedEntry] { state.withLock { $0 } }

    /// The values by key, as text.
    var texts: [String: String] {
        Dictionary(
            uniqueKeysWithValues: entries.map {
                (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value.value, as: UTF8.self))
            })
    }

    func place(_ records: inout MutableSpan<LogRecord>, workers: Int) {
        for index in records.indices {
            let sum = Self.array(records[index].key).reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
            records[index].hash = sum
            records[index].worker = Int(sum % UInt64(workers))
        }
    }

    func apply(_ records: Span<LogRecord>) {
        for index in records.indices {
            let record = records[index]
            let (key, value) = (Self.array(record.key), Self.array(record.value))
            state.withLock { entries in
                if let entry = entries[key], entry.version >= record.lsn { return }
                switch record.change {
                case .put:
                    entries[key] = ReplayedEntry(value: value, version: record.lsn, expiry: record.expiry)
                case .remove:
                    entries[key] = nil
                case .touch:
                    entries[key]?.version = record.lsn
                    entries[key]?.expiry = record.expiry
                }
            }
        }
    }

    private static func array(_ span: RawSpan) -> [UInt8] { unsafe span.withUnsafeBytes { unsafe Array($0) } }
}
