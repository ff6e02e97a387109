//! What is known of a call beside its times, for whoever looks at slow calls: the service notes it while it serves the call,
//! plainly and without allocating, and the connection keeps it as long as the answer is missing.
//!
//! Unsafe inside: the notes lie in memory that this class owns and frees. A property of a class is checked for exclusive
//! access each time, which a call pays for in several places. So nobody may write notes while he reads them: whoever hands
//! them on hands on a copy, or exchanges them with what he has.
//!
//! Threads: all on one event loop. Always true: while a call is served, and while its service is told that it was answered or
//! cancelled, the notes are of that call; at all other times they are empty.

public import Timing
public import Tracing

/// What a service notes of one call.
public struct CallNote: Sendable {
    /// The keys that it names.
    public var keys = 0
    /// The service's number for how it ended; 0: well.
    public var status = 0
    /// When it was done, if the service looked at the clock then; nobody needs to look again.
    public var end: MonotonicTime?
    /// What its request says of its caller, where the request has a field for that; without baggage, for which nobody asks.
    public var caller: CallMetadata? { didSet { isMoreThanNumbers = true } }
    /// Of the trace in which it is recorded; nil: it is not.
    public var span: (any Span)? { didSet { isMoreThanNumbers = true } }
    /// Whether one of the last two was ever set.
    private var isMoreThanNumbers = false

    public init() {}

    /// Has it be of a call of which nothing is known yet. Of most calls these are three numbers.
    @inline(__always)
    mutating func clear() {
        if isMoreThanNumbers {
            self = CallNote()
        } else {
            keys = 0
            status = 0
            end = nil
        }
    }
}

/// A call that took long.
public struct SlowCall: Sendable {
    /// The method, as metrics name it.
    public let method: String
    public let format: RPCFormat
    public let times: CallTimes
    /// When all was done that is done at once: the rest of the time it waited, for the log or for others.
    public let served: MonotonicTime
    public let end: MonotonicTime
    /// The message without a frame.
    public let requestBytes: Int
    /// The answer, as far as it was written; 0 if the call was cancelled.
    public let answerBytes: Int
    /// The address of the client.
    public let peer: String
    /// What its connection and its header say.
    public let origin: CallOrigin?
    public let note: CallNote

    /// From its arrival to its answer.
    public var nanoseconds: Int64 { end.nanoseconds(since: times.arrival) }
}

/// The notes of one event loop's calls.
@safe
public final class CallNotes {
    /// Calls that take so long from their arrival to their answer are slow; `Int64.max`: none is.
    let slowNanosecondsMin: Int64
    private let tookLong: (SlowCall) -> Void

    @usableFromInline let place: UnsafeMutablePointer<CallNote>

    /// Of the call that is served, or that is just answered.
    @inlinable
    public var current: CallNote {
        @inline(__always) _read { yield unsafe place.pointee }
        @inline(__always) _modify { yield unsafe &place.pointee }
    }

    /// - Parameter tookLong: told of each slow call.
    public init(slowNanosecondsMin: Int64 = .max, tookLong: @escaping (SlowCall) -> Void = { _ in }) {
        self.slowNanosecondsMin = slowNanosecondsMin
        self.tookLong = tookLong
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: CallNote())
    }

    deinit {
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    func tell(of call: SlowCall) { tookLong(call) }
}
