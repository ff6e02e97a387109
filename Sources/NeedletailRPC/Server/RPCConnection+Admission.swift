//! Whether a call is served or shed. A service that knows how long a call may take decides itself, with an error of its own;
//! for others the connection does, and refuses the call.

internal import NeedletailWire
internal import Timing

extension RPCConnection {
    /// The times of a call that is to be served, with what presses on it.
    @inline(__always)
    func admit(_ head: borrowing CallHead, _ times: CallTimes) throws(CallRefusal) -> CallTimes {
        guard loop.admission.isPressing else { return times }
        return try admitUnderPressure(head, times)
    }

    @inline(never)
    private func admitUnderPressure(
        _ head: borrowing CallHead, _ times: CallTimes
    ) throws(CallRefusal) -> CallTimes {
        let pressure = loop.admission.pressure(head.method, wait: wait(until: times.start))
        if pressure == .none || service.shedsCalls { return times.under(pressure) }
        let budget = times.headerTimeoutMillis > 0 ? Int64(times.headerTimeoutMillis) : .max
        guard let reason = pressure.shedReason(budgetMillis: budget) else { return times }
        metrics.add(to: reason == .sojourn ? .callsShedBySojourn : .callsShedByConcurrency)
        throw .overloaded(reason)
    }
}
