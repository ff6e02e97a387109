//! Histories that were never recorded, to test their judge with, and a second judge, which takes no short cut.

/// Calls on a register that does everything right, and mistakes on top.
enum RandomHistory {
    /// Two eras of `calls` calls each. Without a mistake they are linearizable.
    static func make(
        calls: Int = 5, callers: Int = 3, isSpoiled: Bool = true, using generator: inout SeededGenerator
    ) -> KeyHistory {
        var store = Store()
        var eras = [era(calls, callers, on: &store, at: 0, using: &generator)]
        store.kill(using: &generator)
        eras.append(era(calls, callers, on: &store, at: 1_000_000, using: &generator))
        if isSpoiled, generator.chance(80) { spoil(&eras, using: &generator) }
        return KeyHistory(eras: eras)
    }

    private static func era(
        _ count: Int, _ callers: Int, on store: inout Store, at start: Int64, using generator: inout SeededGenerator
    ) -> [RecordedCall] {
        // Each call takes effect at its own tick; a caller makes the next one when it has its answer.
        var free = Array(repeating: start, count: callers)
        return (0..<count).map { number in
            let effect = start + Int64(number + 1) * 100
            let caller = free.indices.randomElement(using: &generator) ?? 0
            let begin = min(effect, max(free[caller] + 1, effect - .random(in: 0...300, using: &generator)))
            let end = effect + .random(in: 0...300, using: &generator)
            free[caller] = end
            let call = store.anyCall(number + Int(start), using: &generator)
            let isAnswered = generator.chance(80)
            if !isAnswered, generator.chance(50) { return RecordedCall(call, nil, start: begin) }
            let survives = generator.chance(60)
            let answer = store.perform(call, survives: survives && isAnswered)
            return RecordedCall(
                call, isAnswered ? answer : nil, survivesKill: survives, start: begin, end: end)
        }
    }

    /// Gives one call another call's answer, or its own one another version.
    private static func spoil(_ eras: inout [[RecordedCall]], using generator: inout SeededGenerator) {
        let places = eras.indices.flatMap { era in
            eras[era].indices.filter { eras[era][$0].answer != nil }.map { (era, $0) }
        }
        guard let (era, index) = places.randomElement(using: &generator) else { return }
        let old = eras[era][index]
        let others = eras.flatMap { $0 }.filter { $0.call.isRead == old.call.isRead && $0.call.isRead }
        let answer: StoreAnswer? =
            switch old.answer {
            case .read: others.randomElement(using: &generator)?.answer
            case .written(let value, let version):
                .written(value: value, version: version + (generator.chance(50) ? 1 : -1))
            case .done(let wasThere): .done(wasThere: !wasThere)
            case .notApplied: .notApplied(version: nil)
            default: nil
            }
        eras[era][index] = RecordedCall(
            old.call, answer, survivesKill: old.survivesKill, start: old.start, end: old.end)
    }

    /// A register and its log.
    private struct Store {
        private var entry: StoredEntry?
        private var version: Int64 = 0
        /// The states since the last one that survives, it included.
        private var states: [StoredEntry?] = [nil]

        func anyCall(_ number: Int, using generator: inout SeededGenerator) -> StoreCall {
            let condition =
                [.ifAbsent, .ifVersion(.random(in: max(0, version - 2)...version + 1, using: &generator))]
                .randomElement(using: &generator) ?? PutCondition.always
            return switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4: .get("k")
            case 4..<6: .put("k", value: "\(number)")
            case 6: .put("k", value: "\(number)", condition)
            case 7: .remove("k")
            case 8: .increment("k", by: 1)
            default: .touch("k", ttlMillis: nil)
            }
        }

        mutating func perform(_ call: StoreCall, survives: Bool) -> StoreAnswer {
            let answer = apply(call)
            if answer.tellsOfAChange { states = survives ? [entry] : states + [entry] }
            return answer
        }

        private mutating func apply(_ call: StoreCall) -> StoreAnswer {
            switch call {
            case .put(_, let value, _, .always): return write(value)
            case .put(_, let value, _, let condition):
                let isAllowed = condition == .ifVersion(entry?.version ?? 0) || condition == .ifAbsent && entry == nil
                return isAllowed ? write(value) : .notApplied(version: entry?.version)
            case .increment(_, let delta):
                return write("\((Int64(entry?.value ?? "0") ?? 0) + delta)")
            case .remove:
                defer { entry = nil }
                return .done(wasThere: entry != nil)
            case .touch:
                guard let value = entry?.value else { return .done(wasThere: false) }
                _ = write(value)
                return .done(wasThere: true)
            default: return .read(entry)
            }
        }

        private mutating func write(_ value: String) -> StoreAnswer {
            version += 1
            entry = StoredEntry(value: value, version: version)
            return .written(value: value, version: version)
        }

        mutating func kill(using generator: inout SeededGenerator) {
            entry = states.randomElement(using: &generator) ?? nil
            states = [entry]
        }
    }
}

/// Every order, every choice of calls that took effect, every cut.
enum TryingEverything {
    static func explains(_ history: KeyHistory) -> Bool {
        explains(history.eras[...], from: Register())
    }

    private static func explains(_ eras: ArraySlice<[RecordedCall]>, from register: Register) -> Bool {
        guard let calls = eras.first else { return true }
        return explains(calls, [register], cuts: [register], eras.dropFirst())
    }

    /// - Parameters:
    ///   - states: the register after each call that has its place.
    ///   - cuts: what a kill may take the register back to.
    private static func explains(
        _ calls: [RecordedCall], _ states: [Register], cuts: [Register], _ further: ArraySlice<[RecordedCall]>
    ) -> Bool {
        let last = states[states.count - 1]
        if calls.allSatisfy({ $0.answer == nil }) {
            if further.isEmpty { return true }
            for cut in cuts where explains(further, from: cut.following(versionsOf: last)) { return true }
        }
        for (index, call) in calls.enumerated() {
            let isNext = calls.allSatisfy { call.start <= $0.end }
            guard isNext, let register = last.after(call.call, call.answer) else { continue }
            var rest = calls
            rest.remove(at: index)
            let isChange = call.answer?.tellsOfAChange ?? true
            // What a call without effect has told of the last state is known of it at a cut, too.
            let next =
                isChange && !call.survivesKill
                ? cuts + [register] : isChange ? [register] : cuts.dropLast() + [register]
            if explains(rest, states + [register], cuts: next, further) { return true }
        }
        return false
    }
}
