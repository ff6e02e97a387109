//! What `/slow` answers.

internal import Logging
internal import NeedletailRPC
internal import Timing

/// Slow calls, the latest first; hot keys and large values, if they are looked for.
package struct SlowReport: Codable, Sendable {
    /// Hot keys that are shown.
    static let hotKeysMax = 32

    /// One slow call. Durations are in microseconds.
    package struct Call: Codable, Sendable {
        /// Milliseconds since 1970.
        package var endedAtMillis: Int64
        package var method: String
        package var `protocol`: String
        package var status: String
        /// From its arrival to its answer: the sum of the three that follow.
        package var totalMicros: Double
        /// Waiting for its turn.
        package var queueMicros: Double
        /// Decoding, the service, encoding.
        package var executeMicros: Double
        /// Waiting for the log, for other loops or for the nodes of a distributed engine.
        package var waitMicros: Double
        package var keys: Int
        package var requestBytes: Int
        package var answerBytes: Int
        /// The client's address.
        package var peer: String
        /// Of the five-tuple what is known; the fifth is the method. These and the log id are a client's words: cut where they
        /// are long, and in one line.
        package var fromService: String?
        package var fromCluster: String?
        package var toService: String?
        package var toCluster: String?
        package var logID: String?
    }

    /// A key that came often among those that were looked at.
    package struct HotKey: Codable, Sendable {
        package var key: String
        /// At most so often, and at least `error` times less.
        package var count: UInt64
        package var error: UInt64
    }

    /// A key with one of the largest values.
    package struct LargeValue: Codable, Sendable {
        package var key: String
        package var bytes: Int
    }

    /// 0: no call is slow.
    package var thresholdMillis: Int64
    /// Slow calls since the start, of which the latest follow.
    package var total: Int
    package var calls: [Call]
    /// One key in so many is looked at; 0: none.
    package var sampleKeys: Int
    package var keysSampled: UInt64
    package var hotKeys: [HotKey]
    package var largestValues: [LargeValue]
}

extension SlowReport.Call {
    init(_ call: SlowCall, endedAt end: WallTime) {
        func micros(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1_000 }
        // What the request says goes before what its header says.
        let caller = (call.origin?.metadata ?? CallMetadata()).merging(call.note.caller ?? CallMetadata())
        self.init(
            endedAtMillis: end.milliseconds, method: call.method, protocol: call.format.name,
            status: ServiceCounters.statuses[call.note.status], totalMicros: micros(call.nanoseconds),
            queueMicros: micros(call.times.start.nanoseconds(since: call.times.arrival)),
            executeMicros: micros(call.served.nanoseconds(since: call.times.start)),
            waitMicros: micros(call.end.nanoseconds(since: call.served)), keys: call.note.keys,
            requestBytes: call.requestBytes, answerBytes: call.answerBytes, peer: call.peer,
            fromService: caller.fromService?.singleLine, fromCluster: caller.fromCluster?.singleLine,
            toService: caller.toService?.singleLine, toCluster: caller.toCluster?.singleLine,
            logID: caller.logID?.singleLine)
    }

    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(method)", "protocol": "\(`protocol`)", "status": "\(status)", "totalMicros": "\(totalMicros)",
            "queueMicros": "\(queueMicros)", "executeMicros": "\(executeMicros)", "waitMicros": "\(waitMicros)",
            "keys": "\(keys)", "requestBytes": "\(requestBytes)", "answerBytes": "\(answerBytes)", "peer": "\(peer)",
        ]
        if let fromService { metadata["fromService"] = "\(fromService)" }
        if let logID { metadata["logID"] = "\(logID)" }
        return metadata
    }
}

extension SlowReport.HotKey {
    init(_ counter: SpaceSaving.Counter) {
        self.init(key: KeyText.of(counter.key), count: counter.count, error: counter.error)
    }
}

extension SlowReport.LargeValue {
    init(_ value: LargestValues.Value) { self.init(key: KeyText.of(value.key), bytes: value.byteCount) }
}

/// A key as a person sees it.
enum KeyText {
    /// The text that the key is, if it is printable ASCII; else its bytes as `0x...` in hexadecimal digits.
    static func of(_ key: [UInt8]) -> String {
        if key.allSatisfy({ 0x20..<0x7f ~= $0 }), !key.starts(with: Array("0x".utf8)) {
            return String(decoding: key, as: UTF8.self)
        }
        let digits = Array("0123456789abcdef".utf8)
        let hex = key.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "0x" + String(decoding: hex, as: UTF8.self)
    }
}
