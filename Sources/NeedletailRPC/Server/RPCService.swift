//! What a service is to a connection: something that reads a call's arguments and writes its answer, in whichever of the
//! three formats the connection speaks.
//!
//! The three methods are one generic function in every real service; they are spelled out here, because a call through a
//! protocol to a generic function would not be specialised, and a call to these is.

public import NeedletailWire
public import Timing

/// When a call came, for its deadline and its timings.
public struct Arrival: Sendable, BitwiseCopyable {
    /// When the bytes that hold the end of the call were read from the socket.
    public let time: MonotonicTime

    public init(time: MonotonicTime) { self.time = time }
}

/// Why a call did not reach its method. The connection answers it in the protocol's own way.
public enum CallRefusal: Error, Sendable, Hashable {
    case unknownMethod(String)
    case undecodable(WireError)
}

/// Serves the calls of one event loop's connections; used on that loop only.
public protocol RPCService: AnyObject, SendableMetatype {
    /// Reads the arguments, executes, writes the answer. Throws before anything was executed or written.
    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal)

    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal)

    @_lifetime(reader: copy reader)
    func call(
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal)

    /// Told of a call that was refused, for the service's counters.
    func refused(_ refusal: CallRefusal, _ format: RPCFormat)
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
