//! What `log verify` prints, for people and for programs.

internal import Foundation
internal import WriteAheadLog

struct VerificationReport: Encodable {
    struct File: Encodable {
        var name: String
        /// segment or snapshot.
        var kind: String
        var bytes: Int
        var records: Int64
        var lastLSN: Int64
        /// What does not hold; empty: the file is whole.
        var damages: [Damage]
    }

    struct Damage: Encodable {
        var file: String
        var offset: Int
        var reason: String
        /// What `serve --salvage` would give up.
        var loss: String
    }

    struct Tail: Encodable {
        var file: String
        var offset: Int
        var bytes: Int
        var records: Int
    }

    var isWhole: Bool
    var files: [File]
    /// Damage that is in no file that is there, such as one that is missing.
    var otherDamages: [Damage]
    var records: Int
    var changes: Int
    var lastLSN: Int64
    var snapshotLSN: Int64?
    var tail: Tail?

    init(_ found: LogVerification) {
        let damages = found.damages.map {
            Damage(file: $0.file, offset: $0.offset, reason: $0.flaw.description, loss: $0.loss)
        }
        isWhole = damages.isEmpty
        files = found.files.map { file in
            File(
                name: file.name, kind: file.name.hasSuffix(".snapshot") ? "snapshot" : "segment", bytes: file.bytes,
                records: file.records, lastLSN: file.lastLSN, damages: damages.filter { $0.file == file.name })
        }
        otherDamages = damages.filter { damage in !found.files.contains { $0.name == damage.file } }
        records = found.records
        changes = found.entries
        lastLSN = found.lastLSN
        snapshotLSN = found.snapshotLSN
        tail = found.tail.map { Tail(file: $0.file, offset: $0.offset, bytes: $0.bytes, records: $0.records) }
    }

    func printJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }

    func printText() {
        for file in files {
            let state = file.damages.isEmpty ? "ok" : "damaged"
            let place = "up to LSN \(file.lastLSN)"
            print("\(file.name): \(file.kind), \(file.bytes) bytes, \(file.records) records, \(place), \(state)")
            for damage in file.damages { show(damage) }
        }
        for damage in otherDamages { show(damage) }
        if let tail {
            let place = "\(tail.file), offset \(tail.offset), \(tail.bytes) bytes, \(tail.records) records"
            print("a torn end, which the next start cuts: \(place)")
        }
        print("\(isWhole ? "whole" : "damaged"): \(records) records, \(changes) changes, up to LSN \(lastLSN)")
    }

    private func show(_ damage: Damage) {
        print("  \(damage.file), offset \(damage.offset): \(damage.reason). `serve --salvage` gives up \(damage.loss)")
    }
}
