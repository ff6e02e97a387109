/// Why a call is shed.
public enum ShedReason: Int, Sendable, Hashable, CaseIterable {
    /// Calls wait too long for their turns, and this one has.
    case sojourn
    /// Too many calls of its method have been begun and not been answered.
    case concurrency
}

/// How hard it is for a call to be admitted; whoever knows the call's budget asks it whether to shed the call.
///
/// A call's target is a third of its budget. While all calls wait longer than that, it is shed if it has waited twice as
/// long, two thirds of its budget: what is executed after that would often be answered too late. A call with a large budget
/// is shed by the configured target (`AdmissionConfiguration.targetMillis`), in the same way.
public struct CallPressure: Sendable, Hashable, BitwiseCopyable {
    /// Targets below this, in microseconds, are missed. `.max`: every target is. Negative: the method's calls in flight are
    /// as many as may be.
    private let micros: Int32

    private init(micros: Int32) { self.micros = micros }

    public static let none = CallPressure(micros: 0)
    static let full = CallPressure(micros: -1)

    /// A call's target is its budget divided by this.
    private static let budgetPerTarget: Int64 = 3

    /// - Parameters:
    ///   - missed: targets below this are missed, nanoseconds.
    ///   - target: a call's target if its budget does not ask for less, nanoseconds.
    init(missed: Int64, target: Int64) {
        micros = missed > target ? .max : Int32(clamping: missed / 1_000)
    }

    /// Why a call is to be shed that has `budgetMillis` from its arrival; nil: it is to be served.
    @inlinable
    public func shedReason(budgetMillis: Int64) -> ShedReason? {
        self == .none ? nil : reason(budgetMillis)
    }

    @usableFromInline
    func reason(_ budgetMillis: Int64) -> ShedReason? {
        if micros < 0 { return .concurrency }
        let (budget, overflow) = budgetMillis.multipliedReportingOverflow(by: 1_000)
        return micros == .max || !overflow && budget / Self.budgetPerTarget < Int64(micros) ? .sojourn : nil
    }
}

extension ShedReason {
    /// For the client.
    public var message: String {
        switch self {
        case .sojourn: "the server is overloaded: the call has waited too long for its turn"
        case .concurrency: "the server is overloaded: too many calls of this method are waiting for their answers"
        }
    }

    /// When to try again, milliseconds: a few times `admission.interval`, so that a burst has gone by.
    public var retryAfterMillis: Int32 { 100 }
}
