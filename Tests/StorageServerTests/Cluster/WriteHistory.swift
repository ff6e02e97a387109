//! What writers did to their keys, and what readers may therefore see. Each key has one writer, which makes one write at
//! a time, and each value names its key and its number.

import Foundation
import NIOCore
import StorageAPI
import Synchronization

final class WriteHistory: Sendable {
    private struct Writes {
        var attempted = 0
        var acknowledged = 0
    }

    private struct State {
        var writes: [String: Writes] = [:]
        var acknowledged = 0
        var failed: [String: Int] = [:]
        var wrong: [String] = []
    }

    private let state = Mutex(State())

    static func value(_ key: String, _ number: Int) -> String { "\(key)=\(number)" }

    /// The number of the next write to `key`.
    func attempt(_ key: String) -> Int {
        state.withLock {
            $0.writes[key, default: Writes()].attempted += 1
            return $0.writes[key]?.attempted ?? 0
        }
    }

    func acknowledged(_ key: String, _ number: Int) {
        state.withLock {
            $0.writes[key]?.acknowledged = number
            $0.acknowledged += 1
        }
    }

    /// A write had another end.
    func failed(_ reason: String) { state.withLock { $0.failed[reason, default: 0] += 1 } }

    /// Looks at a value that was read.
    func saw(_ key: String, _ value: String) {
        state.withLock { state in
            let number = value.hasPrefix(key + "=") ? Int(value.dropFirst(key.count + 1)) : nil
            guard let number, 1...max(state.writes[key]?.attempted ?? 0, 1) ~= number else {
                return state.wrong.append("\(key): \(value)")
            }
        }
    }

    /// Whether the last acknowledged write to `key` is lost if this is what there is at the end.
    func isLost(_ key: String, _ value: String?) -> Bool {
        let acknowledged = state.withLock { $0.writes[key]?.acknowledged ?? 0 }
        let number = value.flatMap { Int($0.dropFirst(key.count + 1)) } ?? 0
        return number < acknowledged
    }

    /// Values that nobody wrote there.
    var wrong: [String] { state.withLock { $0.wrong } }

    var acknowledgedCount: Int { state.withLock { $0.acknowledged } }

    /// How often writes had which other end.
    var failures: [String: Int] { state.withLock { $0.failed } }
}
