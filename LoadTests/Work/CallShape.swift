//! What a call asks for, and how calls follow each other.

/// What a call does.
enum Operation: String, Sendable, Hashable, Codable, CaseIterable {
    case get
    case multiGet = "multi-get"
    case put
    case remove
    /// Used to load the entries; not a workload to choose.
    case multiPut = "multi-put"
    /// Of the case study: all events of an owner in a range of time.
    case getDataByRange = "get-data-by-range"

    /// Whether an answer brings values.
    var reads: Bool { self == .get || self == .multiGet || self == .getDataByRange }
    /// Whether a request brings values.
    var writesValues: Bool { self == .put || self == .multiPut }
}

/// One kind of call.
struct CallShape: Sendable, Hashable, Codable {
    var operation: Operation
    var keysPerCall: Int
    /// What Needletail's answer to a put must say was reached, where answers are decoded; nil: anything. The request does
    /// not ask for it: the server's configuration does.
    var persistence: Persistence?
    /// The budget that each request names; nil: none. What is answered later is counted as late.
    var timeoutMillis: Int32?
    /// Whether a key may be missing, because calls beside this one remove keys. What is there is compared all the same.
    var mayMiss = false
    /// What owners' histories hold, where they are read; the key of such a call is the owner.
    var history: EventHistory?

    static let get = CallShape(operation: .get, keysPerCall: 1)
    static let put = CallShape(operation: .put, keysPerCall: 1)
    static let remove = CallShape(operation: .remove, keysPerCall: 1)
    static func put(_ persistence: Persistence) -> CallShape {
        CallShape(operation: .put, keysPerCall: 1, persistence: persistence)
    }
    static func multiGet(_ keys: Int) -> CallShape { CallShape(operation: .multiGet, keysPerCall: keys) }

    static func getDataByRange(_ history: EventHistory) -> CallShape {
        CallShape(operation: .getDataByRange, keysPerCall: 1, history: history)
    }

    /// As a table names it.
    var title: String {
        switch operation {
        case .get, .put, .remove: operation.rawValue
        case .multiGet: "multiGet of \(grouped(keysPerCall))"
        case .multiPut: "multiPut of \(grouped(keysPerCall))"
        case .getDataByRange: "getDataByRange of \(history?.periods ?? 0) periods"
        }
    }
}

/// When the next call is sent.
enum Pace: Sendable, Hashable {
    /// A connection sends its next call when an answer has come; so many are under way on each.
    case closed(inFlight: Int)
    /// Calls are sent on a schedule, whether answers have come or not; so many a second over all connections.
    case open(rate: Double)
    /// An open loop whose rate changes evenly from the run's start to its end.
    case ramp(from: Double, to: Double)

    var isOpen: Bool { if case .closed = self { false } else { true } }

    var name: String { isOpen ? "open loop" : "closed loop" }
}
