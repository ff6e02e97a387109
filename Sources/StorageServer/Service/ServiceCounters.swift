//! What the service counts on each event loop, and how a scrape reads it.

package import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageAPI

/// The layout of one loop's `CounterBlock`.
package enum ServiceCounters {
    /// A call's outcome as a label: success, then the contract's error codes in their order.
    static let statuses = [
        "ok", "invalid_argument", "deadline_exceeded", "overloaded", "out_of_memory", "read_only", "unavailable",
        "unauthenticated", "permission_denied", "not_an_integer", "unsupported", "internal", "cancelled",
    ]

    // Numbers, and outcomes first of all that is counted by something: where these stand the compiler knows, so that a call
    // finds its counter without a function.
    private static let statusCount = 13
    private static let formatCount = 3

    /// Of both services, by their numbers on the port.
    private static let methodNames =
        StorageMethod.allCases.map { "\($0.name)" } + HistoryMethod.allCases.map { "\($0.name)" }

    static let keysRequested = 0
    static let hits = 1
    static let misses = 2
    /// Parts of reads that had not ended when their read was given up.
    static let partsCancelled = 3
    /// Keys of all calls of many keys.
    static let keysInRequests = 4
    private static let requestBase = 5
    private static let keysBase =
        requestBase + (StorageMethod.allCases.count + HistoryMethod.allCases.count) * formatCount * statusCount
    private static let deadlineExceededBase = keysBase + keyBounds.count + 1
    private static let shedBase = deadlineExceededBase + DeadlineStage.allCases.count
    private static let refusedBase = shedBase + ShedReason.allCases.count

    /// How many counters a block has.
    package static let count = {
        precondition(statuses.count == statusCount && RPCFormat.allCases.count == formatCount)
        return refusedBase + RPCFormat.allCases.count
    }()

    /// The upper bounds of the histogram of keys in a call.
    private static let keyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

    /// Calls with so many keys, and a few more or less.
    static func requestsOfKeys(_ count: Int) -> Int {
        keysBase + (keyBounds.firstIndex { count <= $0 } ?? keyBounds.count)
    }

    /// Where it was seen that a call's time is over.
    enum DeadlineStage: Int, CaseIterable {
        case admission
        case execute
        /// A write was executed, and its log had not kept it yet.
        case sync
    }

    static func deadlineExceeded(_ stage: DeadlineStage) -> Int { deadlineExceededBase + stage.rawValue }

    /// Calls that were shed for this reason.
    package static func shed(_ reason: ShedReason) -> Int { shedBase + reason.rawValue }

    /// Calls of this format that did not reach a method.
    static func refused(_ format: RPCFormat) -> Int { refusedBase + format.rawValue }

    static func requests(_ method: Int, _ format: RPCFormat, _ failure: ErrorCode?) -> Int {
        requests(method, format, status: status(failure))
    }

    /// The place of an outcome in `statuses`.
    static func status(_ failure: ErrorCode?) -> Int {
        let code = Int(failure?.rawValue ?? 0)
        return 0..<statusCount ~= code ? code : Int(ErrorCode.internal.rawValue)
    }

    private static func requests(_ method: Int, _ format: RPCFormat, status: Int) -> Int {
        requestBase + (method * formatCount + format.rawValue) * statusCount + status
    }

    /// The service's metrics, summed over all loops.
    static func families(_ blocks: [CounterBlock]) -> [MetricFamily] {
        func sum(_ index: Int) -> Double { Double(blocks.reduce(0) { $0 &+ $1[index] }) }
        var requests: [MetricFamily.Sample] = []
        for format in RPCFormat.allCases {
            for (method, methodName) in methodNames.enumerated() {
                for (status, name) in statuses.enumerated() {
                    let value = sum(self.requests(method, format, status: status))
                    // A success is shown from the start, a failure once there was one: ten times fewer lines.
                    guard status == 0 || value > 0 else { continue }
                    requests.append(
                        .init(
                            [("method", methodName), ("protocol", format.name), ("status", name)], value))
                }
            }
            let value = sum(refused(format))
            if value > 0 {
                requests.append(
                    .init([("method", "unknown"), ("protocol", format.name), ("status", "refused")], value))
            }
        }
        return [
            MetricFamily("requests_total", .counter, "Calls answered.", requests),
            MetricFamily(
                "keys_requested_total", .counter, "Keys asked for by get and multiGet.", value: sum(keysRequested)),
            keysFamily(blocks),
            MetricFamily("keyspace_hits_total", .counter, "Keys asked for and found.", value: sum(hits)),
            MetricFamily("keyspace_misses_total", .counter, "Keys asked for and missing.", value: sum(misses)),
            MetricFamily(
                "fanout_parts_cancelled_total", .counter,
                "Parts of reads of many keys that had not ended when the time was over.", value: sum(partsCancelled)),
            MetricFamily(
                "deadline_exceeded_total", .counter, "Calls whose time was over, by where that was seen.",
                DeadlineStage.allCases.map { .init([("stage", "\($0)")], sum(deadlineExceeded($0))) }),
            MetricFamily(
                "requests_shed_total", .counter, "Calls that were not executed because of overload, by why.",
                ShedReason.allCases.map { .init([("reason", "\($0)")], sum(shed($0))) }),
        ]
    }

    private static func keysFamily(_ blocks: [CounterBlock]) -> MetricFamily {
        func sum(_ index: Int) -> UInt64 { blocks.reduce(0) { $0 &+ $1[index] } }
        var samples: [MetricFamily.Sample] = []
        var count: UInt64 = 0
        for index in 0...keyBounds.count {
            count += sum(keysBase + index)
            let bound = index < keyBounds.count ? "\(keyBounds[index])" : "+Inf"
            samples.append(.init([("le", bound)], Double(count), suffix: "_bucket"))
        }
        samples.append(.init([], Double(sum(keysInRequests)), suffix: "_sum"))
        samples.append(.init([], Double(count), suffix: "_count"))
        return MetricFamily("request_keys", .histogram, "Keys in a call of multiGet, multiPut or multiRemove.", samples)
    }

    /// Calls answered for each method, with any outcome.
    static func requestsByMethod(_ blocks: [CounterBlock]) -> [(method: String, count: UInt64)] {
        methodNames.enumerated().map { method, name in
            var count: UInt64 = 0
            for format in RPCFormat.allCases {
                for status in statuses.indices {
                    count += blocks.reduce(0) { $0 &+ $1[requests(method, format, status: status)] }
                }
            }
            return (name, count)
        }
    }
}
