//! What was recorded of one key: who called what, when, and what came back.

/// One call on the key and its answer.
struct RecordedCall: Hashable, Sendable {
    let call: StoreCall
    /// nil: there was none. The call may have taken effect at any time from `start` to the end of its era, or never.
    let answer: StoreAnswer?
    /// The answer promises that the effect outlives its process.
    let survivesKill: Bool
    /// When it was called and when the answer was there, in nanoseconds on one monotonic clock.
    let start: Int64
    let end: Int64

    init(_ call: StoreCall, _ answer: StoreAnswer?, survivesKill: Bool = true, start: Int64, end: Int64 = .max) {
        self.call = call
        self.answer = answer
        self.survivesKill = survivesKill && answer != nil
        self.start = start
        self.end = answer == nil ? .max : end
    }
}

/// The calls on one key that nobody had written before.
struct KeyHistory: Sendable {
    /// What happened between two kills. A kill ends each era but the last, and whatever was called before it was called of
    /// a process that is gone: it cannot take effect later.
    var eras: [[RecordedCall]]

    init(_ eras: [RecordedCall]...) { self.eras = eras }
    init(eras: [[RecordedCall]]) { self.eras = eras }

    var callCount: Int { eras.reduce(0) { $0 + $1.count } }
}

extension KeyHistory: CustomStringConvertible {
    var description: String {
        let lines = eras.enumerated().flatMap { number, calls in
            (number == 0 ? [] : ["--- kill -9"]) + calls.sorted { $0.start < $1.start }.map { "\($0)" }
        }
        return lines.joined(separator: "\n")
    }
}

extension RecordedCall: CustomStringConvertible {
    var description: String {
        let time = "\(start)...\(answer == nil ? "" : "\(end)")"
        let effect = answer == nil || call.isRead ? "" : survivesKill ? "  survives" : "  may be lost"
        return "\(time)  \(call) -> \(answer.map { "\($0)" } ?? "no answer")\(effect)"
    }
}
