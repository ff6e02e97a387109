//! The judge of histories, judged: by histories of which a person can say what they are, and by a search that tries
//! everything.

internal import Testing

@Suite struct LinearizabilityTests {
    /// A put of a value at `time.lowerBound` that was answered at `time.upperBound`.
    private func put(_ value: String, version: Int64, _ time: ClosedRange<Int64>, survives: Bool = true) -> RecordedCall
    {
        RecordedCall(
            .put("k", value: value), .written(value: value, version: version), survivesKill: survives,
            start: time.lowerBound, end: time.upperBound)
    }

    private func lostPut(_ value: String, at start: Int64) -> RecordedCall {
        RecordedCall(.put("k", value: value), nil, start: start)
    }

    private func get(_ value: String?, version: Int64 = 0, _ time: ClosedRange<Int64>) -> RecordedCall {
        RecordedCall(
            .get("k"), .read(value.map { StoredEntry(value: $0, version: version) }), start: time.lowerBound,
            end: time.upperBound)
    }

    private func call(_ call: StoreCall, _ answer: StoreAnswer?, _ time: ClosedRange<Int64>) -> RecordedCall {
        RecordedCall(call, answer, start: time.lowerBound, end: time.upperBound)
    }

    private func isLinearizable(_ eras: [RecordedCall]...) -> Bool {
        Linearizability.unexplainedEra(of: KeyHistory(eras: eras)) == nil
    }

    // MARK: Without kills

    @Test func nothingAtAllIsLinearizable() {
        #expect(isLinearizable([]))
        #expect(isLinearizable([get(nil, 0...1)]))
        #expect(!isLinearizable([get("1", version: 1, 0...1)]), "nobody wrote that")
    }

    @Test func readsDuringAWriteSeeEitherState() {
        let write = [put("1", version: 1, 0...10), put("2", version: 2, 20...40)]
        #expect(isLinearizable(write + [get("1", version: 1, 25...30)]))
        #expect(isLinearizable(write + [get("2", version: 2, 25...30)]))
        #expect(
            !isLinearizable(write + [get("2", version: 2, 22...25), get("1", version: 1, 26...30)]),
            "one reader has seen the new state before the other one asked")
        #expect(isLinearizable(write + [get("2", version: 2, 22...27), get("1", version: 1, 26...30)]))
    }

    @Test func aStaleReadIsFound() {
        let writes = [put("1", version: 1, 0...10), put("2", version: 2, 20...30)]
        #expect(isLinearizable(writes + [get("2", version: 2, 31...32)]))
        #expect(!isLinearizable(writes + [get("1", version: 1, 31...32)]))
        #expect(!isLinearizable(writes + [get(nil, 31...32)]))
    }

    @Test func aLostUpdateIsFound() {
        let first = call(.increment("k", by: 1), .written(value: "1", version: 1), 0...10)
        #expect(isLinearizable([first, call(.increment("k", by: 1), .written(value: "2", version: 2), 0...10)]))
        #expect(!isLinearizable([first, call(.increment("k", by: 1), .written(value: "1", version: 2), 0...10)]))
    }

    @Test func onlyOneOfTwoSwapsOfTheSameVersionWins() {
        func swap(_ value: String, _ answer: StoreAnswer) -> RecordedCall {
            call(.put("k", value: value, .ifVersion(1)), answer, 10...20)
        }
        let before = put("0", version: 1, 0...5)
        let won = swap("a", .written(value: "a", version: 2))
        #expect(isLinearizable([before, won, swap("b", .notApplied(version: 2))]))
        #expect(!isLinearizable([before, won, swap("b", .written(value: "b", version: 3))]))
        #expect(
            !isLinearizable([before, won, swap("b", .notApplied(version: 1))]), "refused for the version it asked for")
        #expect(!isLinearizable([before, won, swap("b", .notApplied(version: nil))]), "the key is there")
    }

    @Test func onlyOneOfTwoPutsIfAbsentWins() {
        func put(_ value: String, _ version: Int64, _ condition: PutCondition) -> RecordedCall {
            call(.put("k", value: value, condition), .written(value: value, version: version), 0...10)
        }
        #expect(isLinearizable([put("a", 1, .ifAbsent)]))
        #expect(!isLinearizable([put("a", 1, .ifAbsent), put("b", 2, .ifAbsent)]))
        #expect(!isLinearizable([put("a", 1, .ifAbsent), put("b", 2, .ifVersion(0))]))
        #expect(isLinearizable([put("a", 1, .ifAbsent), put("b", 2, .ifVersion(1))]))
    }

    @Test func aKeyIsRemovedOnce() {
        let before = put("1", version: 1, 0...5)
        func remove(_ wasThere: Bool) -> RecordedCall { call(.remove("k"), .done(wasThere: wasThere), 10...20) }
        #expect(isLinearizable([before, remove(true), remove(false), get(nil, 21...22)]))
        #expect(!isLinearizable([before, remove(true), remove(true)]))
        #expect(!isLinearizable([before, remove(false)]))
        #expect(!isLinearizable([before, remove(true), get("1", version: 1, 21...22)]), "the removal is undone")
    }

    @Test func versionsGrow() {
        #expect(!isLinearizable([put("1", version: 5, 0...10), put("2", version: 5, 20...30)]))
        #expect(!isLinearizable([put("1", version: 5, 0...10), put("2", version: 4, 20...30)]))
        let touch = call(.touch("k", ttlMillis: nil), .done(wasThere: true), 20...30)
        #expect(isLinearizable([put("1", version: 5, 0...10), touch, get("1", version: 6, 40...50)]))
        #expect(!isLinearizable([put("1", version: 5, 0...10), touch, get("1", version: 5, 40...50)]), "touched")
    }

    @Test func aCallWithoutAnAnswerMayTakeEffectLateOrNever() {
        let before = [put("1", version: 1, 0...5), lostPut("2", at: 6)]
        #expect(isLinearizable(before + [get("1", version: 1, 10...11), get("2", version: 2, 20...21)]))
        #expect(isLinearizable(before + [get("1", version: 1, 10...11), get("1", version: 1, 20...21)]))
        #expect(!isLinearizable(before + [get("2", version: 2, 10...11), get("1", version: 1, 20...21)]))
        #expect(
            !isLinearizable(before + [get("2", version: 2, 10...11), get("2", version: 3, 20...21)]), "it was one write"
        )
        #expect(!isLinearizable([get("2", version: 1, 0...5), lostPut("2", at: 6)]), "it was not called yet")
    }

    // MARK: With kills

    @Test func anAcknowledgedWriteIsNotLost() {
        let writes = [put("1", version: 1, 0...10), put("2", version: 2, 20...30)]
        #expect(isLinearizable(writes, [get("2", version: 2, 40...50)]))
        #expect(!isLinearizable(writes, [get("1", version: 1, 40...50)]))
        #expect(!isLinearizable(writes, [get(nil, 40...50)]))
    }

    @Test func anAcknowledgedRemovalIsNotUndone() {
        let calls = [put("1", version: 1, 0...10), call(.remove("k"), .done(wasThere: true), 20...30)]
        #expect(isLinearizable(calls, [get(nil, 40...50)]))
        #expect(!isLinearizable(calls, [get("1", version: 1, 40...50)]))
    }

    @Test func aWriteThatMayBeLostIsLostOrNot() {
        let writes = [put("1", version: 1, 0...10), put("2", version: 2, 20...30, survives: false)]
        #expect(isLinearizable(writes, [get("2", version: 2, 40...50)]))
        #expect(isLinearizable(writes, [get("1", version: 1, 40...50)]))
        #expect(!isLinearizable(writes, [get(nil, 40...50)]), "the first one survives")
        #expect(
            !isLinearizable(writes, [get("1", version: 1, 40...50), get("2", version: 2, 60...70)]), "lost for ever")
        #expect(!isLinearizable(writes + [put("3", version: 3, 35...36)], [get("2", version: 2, 40...50)]))
    }

    @Test func aReadBeforeTheKillMayHaveSeenWhatIsLost() {
        let calls = [put("1", version: 1, 0...10), lostPut("2", at: 20), get("2", version: 2, 25...30)]
        #expect(isLinearizable(calls, [get("1", version: 1, 40...50)]))
        #expect(isLinearizable(calls, [get("2", version: 2, 40...50)]))
        #expect(!isLinearizable(calls, [get("2", version: 3, 40...50)]), "it was one write")
        #expect(!isLinearizable(calls, [get(nil, 40...50)]))
    }

    @Test func whatWasReadAndThenOverwrittenIsLostOnlyWithItsSuccessor() {
        // The second put survives, so the log up to it does: the removal in front of it cannot be the cut.
        let calls = [
            put("1", version: 1, 0...10), RecordedCall(.remove("k"), nil, start: 15), get(nil, 16...17),
            call(.put("k", value: "2", .ifAbsent), .written(value: "2", version: 3), 20...30),
        ]
        #expect(isLinearizable(calls, [get("2", version: 3, 40...50)]))
        #expect(!isLinearizable(calls, [get("1", version: 1, 40...50)]))
        #expect(!isLinearizable(calls, [get(nil, 40...50)]))
    }

    @Test func aCallOfBeforeTheKillTakesNoEffectAfterIt() {
        let calls = [put("1", version: 1, 0...10), lostPut("2", at: 20)]
        #expect(isLinearizable(calls, [get("2", version: 2, 40...50)]))
        #expect(!isLinearizable(calls, [get("1", version: 1, 40...50), get("2", version: 2, 60...70)]))
    }

    @Test func versionsThatWereLostAreNotGivenAgain() {
        let calls = [put("1", version: 1, 0...10), put("2", version: 2, 20...30, survives: false)]
        #expect(isLinearizable(calls, [get("1", version: 1, 40...50), put("3", version: 3, 60...70)]))
        #expect(!isLinearizable(calls, [get("1", version: 1, 40...50), put("3", version: 2, 60...70)]))
    }

    @Test func theEraThatCannotBeIsNamed() {
        let history = KeyHistory(
            [put("1", version: 1, 0...10)], [get("1", version: 1, 20...30)], [get(nil, 40...50)],
            [get(nil, 60...70)])
        #expect(Linearizability.unexplainedEra(of: history) == 2)
    }

    // MARK: Against a search that tries everything

    /// Histories of few calls on a register that exists, most of them spoiled afterwards.
    @Test func theSearchAgreesWithOneThatTriesEverything() {
        var generator = SeededGenerator(seed: Surroundings.seed)
        var counts = [true: 0, false: 0]
        for _ in 0..<(Surroundings.isFullScale ? 50_000 : 3_000) {
            let history = RandomHistory.make(using: &generator)
            let verdict = Linearizability.unexplainedEra(of: history) == nil
            #expect(verdict == TryingEverything.explains(history), "seed \(Surroundings.seed)\n\(history)")
            counts[verdict, default: 0] += 1
        }
        #expect(counts.values.allSatisfy { $0 > 300 }, "both verdicts are there: \(counts)")
    }

    /// Thirty calls of eight callers at once, every fifth without an answer: the search ends.
    @Test func longHistoriesOfManyCallersAreJudgedInTime() {
        var generator = SeededGenerator(seed: Surroundings.seed)
        let start = ContinuousClock.now
        for _ in 0..<(Surroundings.isFullScale ? 500 : 40) {
            let history = RandomHistory.make(calls: 30, callers: 8, isSpoiled: false, using: &generator)
            #expect(Linearizability.unexplainedEra(of: history) == nil, "seed \(Surroundings.seed)\n\(history)")
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
