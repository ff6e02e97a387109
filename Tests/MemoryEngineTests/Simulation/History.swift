//! What happened to a simulated store, change by change: what it may hold after a crash is a prefix of this.

import Timing

struct History {
    enum Edit {
        case put([UInt8], expiry: WallTime)
        case remove
        case touch(expiry: WallTime)
    }

    /// What has one LSN.
    struct Change {
        var lsn: Int64
        var edits: [(key: String, edit: Edit)]
    }

    struct Entry: Equatable {
        var value: [UInt8]
        var version: Int64
        var expiry: WallTime
    }

    /// What was there when the last recovery ended.
    private var base: [String: Entry] = [:]
    private(set) var baseLSN: Int64 = 0
    private(set) var changes: [Change] = []
    /// What is there now.
    private(set) var entries: [String: Entry] = [:]
    /// The greatest LSN that was ever given out, of changes that were lost too.
    private(set) var greatestLSN: Int64 = 0

    func live(_ key: String, _ now: WallTime) -> Entry? {
        guard let entry = entries[key], entry.expiry > now else { return nil }
        return entry
    }

    mutating func add(_ lsn: Int64, _ edits: [(key: String, edit: Edit)]) throws(Violation) {
        guard lsn > greatestLSN else { throw Violation(description: "LSN \(lsn) was given out twice") }
        greatestLSN = lsn
        let change = Change(lsn: lsn, edits: edits)
        changes.append(change)
        Self.apply(change, to: &entries)
    }

    /// Has what follows an LSN not have happened, and nothing before it be lost any more.
    mutating func cut(through lsn: Int64) throws(Violation) {
        guard lsn == baseLSN || changes.contains(where: { $0.lsn == lsn }) else {
            throw Violation(description: "LSN \(lsn) was never given out")
        }
        for change in changes where change.lsn <= lsn { Self.apply(change, to: &base) }
        baseLSN = lsn
        changes = []
        entries = base
    }

    private static func apply(_ change: Change, to entries: inout [String: Entry]) {
        for (key, edit) in change.edits {
            switch edit {
            case .put(let value, let expiry):
                entries[key] = Entry(value: value, version: change.lsn, expiry: expiry)
            case .remove:
                entries[key] = nil
            case .touch(let expiry):
                entries[key]?.expiry = expiry
                entries[key]?.version = change.lsn
            }
        }
    }
}

/// Something that may not be.
struct Violation: Error, CustomStringConvertible {
    var description: String
}

/// What happened, as a number: equal for equal stories.
struct Trace {
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func note(_ numbers: Int64...) {
        for number in numbers { hash = (hash ^ UInt64(bitPattern: number)) &* 0x100_0000_01b3 }
    }
}
