//! What a service is to a connection: something that reads a call's arguments and writes its answer, in whichever of the
//! three formats the connection speaks.
//!
//! The three methods are one generic function in every real service; they are spelled out here, because a call through a
//! protocol to a generic function would not be specialised, and a call to these is.

public import NeedletailTelemetry
public import NeedletailWire
public import Timing

/// The times of a call, for its deadline and its figures.
public struct CallTimes: Sendable, BitwiseCopyable {
    /// When the bytes that hold the end of the call were read from the socket. A deadline counts from here.
    public let arrival: MonotonicTime
    /// When the call is looked at: later than it arrived by what was served before it.
    public let start: MonotonicTime
    /// What the call's header allows it, from its arrival; 0 if it has no header, or the header says nothing. Negative if
    /// that is what the client sent, which is for the service to refuse.
    public let headerTimeoutMillis: Int32
    /// How hard it is for the call to be admitted, for a service that sheds calls (`RPCService.shedsCalls`).
    public let pressure: CallPressure

    public init(
        arrival: MonotonicTime, start: MonotonicTime, headerTimeoutMillis: Int32 = 0, pressure: CallPressure = .none
    ) {
        self.arrival = arrival
        self.start = start
        self.headerTimeoutMillis = headerTimeoutMillis
        self.pressure = pressure
    }

    func under(_ pressure: CallPressure) -> CallTimes {
        CallTimes(arrival: arrival, start: start, headerTimeoutMillis: headerTimeoutMillis, pressure: pressure)
    }
}

/// Why a call did not reach its method. The connection answers it in the protocol's own way.
public enum CallRefusal: Error, Sendable, Hashable {
    case unknownMethod(String)
    case undecodable(WireError)
    /// The arguments break a rule of the IDL.
    case invalid(ValidationError)
    /// A `ServerInterceptor` said no, and why.
    case denied(String)
    /// It came in plaintext where TLS is required.
    case tlsRequired
    /// It was shed.
    case overloaded(ShedReason)
}

/// What became of a call that reached its method; methods by their numbers.
public enum CallOutcome {
    case answered(Int)
    /// Answered, and the answer leaves when `RPCService.finishGroup` has succeeded.
    case provisional(Int)
    /// The answer comes later, with this token.
    case later(Int, LateAnswer)

    @inlinable
    public init<Method: RawRepresentable<Int>>(_ method: Method, _ reply: Reply) {
        switch reply {
        case .written: self = .answered(method.rawValue)
        case .provisional: self = .provisional(method.rawValue)
        case .later(let answer): self = .later(method.rawValue, answer)
        }
    }
}

/// Serves the calls of one event loop's connections; used on that loop only.
public protocol RPCService: CallCounting, SendableMetatype {
    /// The methods, as metrics name them. Their places in the list are their numbers.
    static var methodNames: [String] { get }

    /// Reads the arguments, executes, writes the answer. Throws before anything was executed or written.
    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome

    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome

    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome

    /// Told of a call that will be made soon: has what it needs fetched from memory, or does nothing. Whatever the call
    /// is, its effect is the same with and without this.
    /// - Returns: false if it did not look at the call; else the call has been read to its end.
    @_lifetime(reader: copy reader)
    func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool

    @_lifetime(reader: copy reader)
    func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool

    @_lifetime(reader: copy reader)
    func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool

    /// After the last of some calls that were anticipated together.
    func finishAnticipating()

    /// After a group of calls, some of which were answered provisionally, and before their answers leave: has what they say
    /// come true, at once.
    /// The calls have been counted as answered, and interceptors told so.
    /// - Returns: false if that failed: it is not known what became of those calls, and their connections are closed.
    func finishGroup() -> Bool

    /// Whether it decides about calls under pressure itself (`CallTimes.pressure`), because it knows their budgets and has an
    /// error to say it with. If not, such calls do not reach it: the connection refuses them.
    var shedsCalls: Bool { get }

    /// Whether a call may go before those of other connections when there are more than can be served at once: for what
    /// is asked to learn whether the server lives. Such calls are small, and few.
    func isUrgent(_ head: borrowing CallHead) -> Bool

    /// Where the service notes which caller a call names, for the figures of callers; the same during all its life. Nil: it
    /// does not look.
    var callers: LoopCallers? { get }

    /// Where it notes what it knows of the calls that it serves; nil: it does not. Asked for once.
    var notes: CallNotes? { get }

    /// Told of a call that was refused, for the service's counters.
    func refused(_ refusal: CallRefusal, _ format: RPCFormat)
}

extension RPCService {
    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool {
        false
    }

    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool {
        false
    }

    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool {
        false
    }

    public func finishAnticipating() {}

    /// For services that answer nothing provisionally.
    public func finishGroup() -> Bool { true }

    public var callers: LoopCallers? { nil }

    public var shedsCalls: Bool { false }

    public func isUrgent(_ head: borrowing CallHead) -> Bool { false }

    public var notes: CallNotes? { nil }

    public func refused(_ refusal: CallRefusal, _ format: RPCFormat) {}
}

/// The three formats of calls; framing does not count.
public enum RPCFormat: Int, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case messagePack
    case thriftBinary
    case thriftCompact

    /// As metrics and logs name it.
    public var name: String {
        switch self {
        case .messagePack: "msgpack"
        case .thriftBinary: "thrift"
        case .thriftCompact: "thrift-compact"
        }
    }
}
