//! Who calls what, and how long that takes: calls that say where they come from, by their five-tuple. The first 64 of a
//! process are told apart; all others count together, however many there are.
//!
//! A five-tuple gets its place when it is first seen, from a list that all event loops share, under a lock; it keeps the place
//! for ever, so that counters only grow. Each loop remembers the places that it knows (`LoopCallers`), and counts into
//! histograms of its own. When the list is full and a loop knows all of it, nothing takes the lock any more.

internal import NeedletailThreads

/// Where a call comes from, and what it calls: the five-tuple.
public struct Caller: Sendable, Hashable {
    /// A longer name, in bytes, is not told apart from others.
    public static var nameBytesMax: Int { 64 }

    public let fromService: String
    public let fromCluster: String
    public let toService: String
    public let toCluster: String
    /// By its number.
    public let method: Int

    /// - Parameter method: by its number. Names that the call does not say are empty.
    public init(fromService: String, fromCluster: String, toService: String, toCluster: String, method: Int) {
        self.fromService = fromService
        self.fromCluster = fromCluster
        self.toService = toService
        self.toCluster = toCluster
        self.method = method
    }

    /// Whether all names are short enough to be labels.
    var isShort: Bool {
        let longest = max(
            max(fromService.utf8.count, fromCluster.utf8.count), max(toService.utf8.count, toCluster.utf8.count))
        return longest <= Self.nameBytesMax
    }
}

/// The callers of a process, and what each event loop measured of them.
public final class Callers: @unchecked Sendable {
    /// The most that are told apart.
    public static var countMax: Int { 64 }
    /// The place of all others.
    static var othersPlace: Int { countMax }

    private let lock = Lock()
    /// In the order of their places. Under the lock.
    private var known: [Caller] = []
    private var places: [Caller: Int] = [:]
    /// One row for each event loop, one histogram for each place.
    let rows: [LatencyHistograms]

    /// - Parameter loops: how many event loops count.
    public init(loops: Int) {
        rows = (0..<loops).map { _ in LatencyHistograms(count: Self.countMax + 1) }
    }

    /// The place of a caller, which gets one if it has none and there is one.
    func place(of caller: Caller) -> Int {
        lock.lock()
        defer { lock.unlock() }
        if let place = places[caller] { return place }
        guard known.count < Self.countMax else { return Self.othersPlace }
        places[caller] = known.count
        known.append(caller)
        return known.count - 1
    }

    /// The callers that have places from this one on, in the order in which they first called.
    public func callers(from place: Int = 0) -> ArraySlice<Caller> {
        lock.lock()
        defer { lock.unlock() }
        return known[place...]
    }

    /// What was measured since the start, at each place; that of all others is the last.
    public func distributions() -> [LatencyDistribution] {
        (0...Self.othersPlace).map { LatencyDistribution(merging: rows, at: $0) }
    }
}

/// One event loop's part: used on that loop only.
///
/// A call is named where its request is read (`note`) and measured where its answer is written (`takePlace`, `record`), both
/// while it is being served, with no other call between.
public final class LoopCallers {
    private let shared: Callers
    private let latencies: LatencyHistograms
    private var places: [Caller: Int] = [:]
    /// The caller before: mostly the next one, too.
    private var last: (caller: Caller, place: Int)?
    /// The call that is being served has said where it comes from.
    private var isNamed = false
    private var fromService = ""
    private var fromCluster = ""
    private var toService = ""
    private var toCluster = ""

    /// - Parameter loop: the number of the event loop.
    public init(_ shared: Callers, loop: Int) {
        self.shared = shared
        latencies = shared.rows[loop]
    }

    /// Told what the call that is being served says; nothing allocates here.
    public func note(fromService: String?, fromCluster: String?, toService: String?, toCluster: String?) {
        self.fromService = fromService ?? ""
        self.fromCluster = fromCluster ?? ""
        self.toService = toService ?? ""
        self.toCluster = toCluster ?? ""
        isNamed = true
    }

    /// The place of the call that was served just now; nil if it did not say where it comes from.
    /// - Parameter method: its number; nil if it reached none.
    ///
    /// Not inlined: in another module, the runtime would check each look at the property for exclusive access.
    public func takePlace(_ method: Int?) -> Int? { isNamed ? takeNamedPlace(method) : nil }

    private func takeNamedPlace(_ method: Int?) -> Int? {
        isNamed = false
        guard let method else { return nil }
        let caller = Caller(
            fromService: fromService, fromCluster: fromCluster, toService: toService, toCluster: toCluster,
            method: method)
        if let last, last.caller == caller { return last.place }
        let place = place(of: caller)
        last = (caller, place)
        return place
    }

    /// Counts a call that was answered.
    public func record(nanoseconds: Int64, at place: Int) { latencies.record(nanoseconds: nanoseconds, in: place) }

    private func place(of caller: Caller) -> Int {
        if let place = places[caller] { return place }
        // Others have taken all places that this loop does not know.
        guard places.count < Callers.countMax, caller.isShort else { return Callers.othersPlace }
        let place = shared.place(of: caller)
        for other in shared.callers(from: places.count) { places[other] = places.count }
        return place
    }

    /// How many callers it remembers.
    var knownCount: Int { places.count }
}
