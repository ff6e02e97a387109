//! Calls that go over all entries, as fast as they are answered: nothing is measured meanwhile, and no connection ends.

extension SoakClients {
    /// Writes every entry once.
    func storeAll() throws { try sweep { mix, model, entry, now in mix.filling(entry, &model, at: now) } }

    /// Reads every entry once.
    func readAll() throws {
        let step = SoakPlan.slowKeysPerCall
        let count = model.content.count
        try sweep(step: step) { mix, model, first, now in
            let last = min(Int(first) + step, count)
            return .multiGet((first..<UInt32(last)).map { model.beginRead($0, at: now) }, withVersions: true)
        }
    }

    /// Makes a call for every `step` entries, and waits for all answers.
    private func sweep(
        step: Int = 1, _ make: (inout SoakMix, inout SoakModel, UInt32, SoakTime) -> SoakCall
    ) throws {
        let wasMeasuring = isMeasuring
        isMeasuring = false
        defer { isMeasuring = wasMeasuring }
        let count = model.content.count
        var next = 0
        while next < count || underWay > 0 {
            try Interruption.check()
            while next < count, try begin({ mix, model, now in make(&mix, &model, UInt32(next), now) }) {
                next += step
            }
            try pass(until: now + SoakTime(SoakPlan.stallSeconds * 1e9))
        }
    }
}
