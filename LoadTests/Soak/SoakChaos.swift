//! When the server is stopped for a moment, and when it is killed. It does neither: it says what is due.

struct SoakChaos: Sendable {
    enum Action: Hashable, Sendable {
        case none
        /// Stop it, up to about then.
        case freeze(until: SoakTime)
        /// Let it go on; it has been stopped since then.
        case resume(since: SoakTime)
        case kill
    }

    private let plan: SoakPlan
    private var random: WyRand
    private var nextFreeze: SoakTime = .max
    private var frozen: (since: SoakTime, until: SoakTime)?
    private var nextKill: SoakTime = .max

    init(_ plan: SoakPlan) {
        self.plan = plan
        random = WyRand(seed: plan.seed ^ 0x5c5c_5c5c_5c5c_5c5c)
    }

    var isFrozen: Bool { frozen != nil }

    /// When something is due next.
    var nextTime: SoakTime { frozen?.until ?? min(nextFreeze, nextKill) }

    mutating func begin(at now: SoakTime) {
        scheduleFreeze(after: now)
        if plan.kills { nextKill = now + SoakTime(plan.killEverySeconds * 1e9) }
    }

    private mutating func scheduleFreeze(after now: SoakTime) {
        // Uniform around the mean, so that a short run has some too.
        nextFreeze = now + SoakTime(plan.freezeEverySeconds * Double.random(in: 0.5...1.5, using: &random) * 1e9)
    }

    mutating func next(at now: SoakTime) -> Action {
        if let (since, until) = frozen {
            guard now >= until else { return .none }
            frozen = nil
            scheduleFreeze(after: now)
            return .resume(since: since)
        }
        if now >= nextKill {
            nextKill = now + SoakTime(plan.killEverySeconds * 1e9)
            return .kill
        }
        guard now >= nextFreeze else { return .none }
        let until = now + SoakTime(Int.random(in: SoakPlan.freezeMillis, using: &random)) * 1_000_000
        frozen = (now, until)
        return .freeze(until: until)
    }
}
