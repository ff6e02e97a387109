//! Which calls one event loop sheds. Used on that loop only.
//!
//! A call that is answered at once is alone while it is executed: only how long it waited for that counts. Calls that are
//! answered later are counted by their methods, too.
//!
//! Nothing of this is looked at for a call as long as there is no need: `isPressing` says so, which changes with the first
//! call of a turn and with calls that are answered later.
//!
//! Calls that wait for their answers are held back before any is shed: a connection that has some in flight is not served
//! on while half of a method's limit is used (`isCrowded`). So a client that sends without waiting waits, as for a socket
//! that takes no more, and calls are shed for concurrency only where as many clients as the limit's half have called.
//!
//! Always true: `fullCount` and `crowdedCount` are the numbers of methods whose limit, or half of it, is reached.

internal import NeedletailTelemetry
internal import NeedletailThreads
internal import Timing

final class LoopAdmission {
    /// Shorter waits are no queue: it is what a loop takes for one large call, or for a tick of turns. Calls with budgets
    /// that are not longer may end late, but not because of others.
    private static let waitNanoseconds: Int64 = 2_000_000

    private let isEnabled: Bool
    private let targetNanoseconds: Int64
    private var sojourn: SojournControl
    /// By the methods' numbers.
    private let limitsPlace: Confined<[ConcurrencyLimit]>
    private var limits: [ConcurrencyLimit] {
        @inline(__always) _read { yield limitsPlace.value }
        @inline(__always) _modify { yield &limitsPlace.value }
    }
    private let methodNames: [[UInt8]]
    private var fullCount = 0
    private var crowdedCount = 0
    private let metrics: RPCMetrics
    /// Some calls are to be shed, maybe.
    private(set) var isPressing = false

    init(_ configuration: AdmissionConfiguration, methodNames: [String], metrics: RPCMetrics) {
        isEnabled = configuration.isEnabled
        targetNanoseconds = configuration.targetMillis * 1_000_000
        sojourn = SojournControl(intervalNanoseconds: configuration.intervalMillis * 1_000_000)
        let bounds = isEnabled ? configuration.inFlightMin...configuration.inFlightMax : Int.max...Int.max
        limitsPlace = Confined(methodNames.map { _ in ConcurrencyLimit(bounds: bounds) })
        self.methodNames = methodNames.map { Array($0.utf8) }
        self.metrics = metrics
        guard isEnabled else { return }
        for method in limits.indices { metrics.setInFlightLimit(limits[method].limit, ofMethod: method) }
    }

    // MARK: Waiting for a turn

    /// Told at the beginning of a turn how long its first call has waited, nanoseconds.
    func observe(wait: Int64, at now: MonotonicTime) {
        guard isEnabled else { return }
        sojourn.observe(wait, at: now)
        isPressing = fullCount > 0 || sojourn.standing > Self.waitNanoseconds
    }

    /// How hard it is for a call of `method` that has waited so long, nanoseconds.
    func pressure(_ method: RawSpan, wait: Int64) -> CallPressure {
        if fullCount > 0, let index = methodNames.firstIndex(where: { method.equals($0) }), limits[index].isFull {
            return .full
        }
        return CallPressure(missed: sojourn.missedTarget(wait), target: targetNanoseconds)
    }

    // MARK: Waiting for an answer

    /// Calls in flight that will be answered later.
    var inFlight: Int { limits.reduce(0) { $0 + $1.inFlight } }

    /// Who has calls in flight is to wait for them.
    var isCrowded: Bool { crowdedCount > 0 }

    /// A call was begun that will be answered later.
    func began(_ method: Int) {
        change(method) { $0.begin() }
    }

    /// A call was answered that had been begun at `start`.
    func ended(_ method: Int, since start: MonotonicTime, at now: MonotonicTime) {
        change(method) { $0.end(nanoseconds: now.nanoseconds(since: start), at: now) }
    }

    /// A call is not waited for any more.
    func gaveUp(_ method: Int) {
        change(method) { $0.giveUp() }
    }

    /// Has every method's limit stay within this share of its bounds.
    func narrow(toPercent percent: Int) {
        for method in limits.indices { change(method) { $0.narrow(toPercent: percent) } }
    }

    @inline(__always)
    private func change(_ method: Int, _ body: (inout ConcurrencyLimit) -> Void) {
        let (wasFull, wasCrowded, limit) = (limits[method].isFull, limits[method].isCrowded, limits[method].limit)
        body(&limits[method])
        metrics.setInFlight(limits[method].inFlight, ofMethod: method)
        if limits[method].limit != limit { metrics.setInFlightLimit(limits[method].limit, ofMethod: method) }
        if limits[method].isCrowded != wasCrowded { crowdedCount += wasCrowded ? -1 : 1 }
        guard limits[method].isFull != wasFull else { return }
        fullCount += wasFull ? -1 : 1
        isPressing = fullCount > 0 || sojourn.standing > Self.waitNanoseconds
    }
}

extension RawSpan {
    fileprivate func equals(_ name: [UInt8]) -> Bool {
        guard byteCount == name.count else { return false }
        for index in 0..<byteCount
        where unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) != name[index] { return false }
        return true
    }
}
