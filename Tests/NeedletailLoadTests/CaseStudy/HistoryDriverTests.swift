internal import NIOCore
internal import StorageAPI
internal import Testing

@testable internal import needletail_load

/// Answers of getDataByRange, as the generator sees them.
@Suite struct HistoryDriverTests {
    private static let history = EventHistory(periods: 3, eventsPerPeriod: 20, eventSize: 100)
    private static let owners = KeySpace(count: 10, keySize: 16, valueSize: 100)
    private let shape = CallShape.getDataByRange(history)

    private func answer(_ events: [Event], complete: Bool = true, missing: [Int64]? = nil) -> [UInt8] {
        AnswerFormat.messagePack.success(
            id: 70_000, "getDataByRange",
            GetDataByRangeResponse(events: events, complete: complete, missingPeriods: missing))
    }

    private func verify(_ answer: [UInt8], ofOwner owner: UInt64) throws {
        let chooser = KeyChooser(.sequential, seed: owner, count: Self.owners.count)
        try HistoryDriver(shape, Self.owners).verify(answer, chooser, shape, Self.owners)
    }

    @Test("an owner is found if all its events are there")
    func scans() throws {
        let driver = HistoryDriver(shape, Self.owners)
        let events = Self.history.events(ofOwner: 4)
        try checkScan(driver, answer(events), ExpectedCounts(found: 1), id: 70_000)
        try checkScan(driver, answer(events.dropLast()), ExpectedCounts(missing: 1))
        try checkScan(driver, answer([]), ExpectedCounts(missing: 1))
        try checkScan(driver, answer(events, complete: false, missing: [7]), ExpectedCounts(missing: 1))
        try checkScan(driver, AnswerFormat.messagePack.failure("getDataByRange"), ExpectedCounts(failed: 1))
    }

    @Test("every event is compared")
    func verifies() throws {
        var events = Self.history.events(ofOwner: 4)
        try verify(answer(events), ofOwner: 4)
        #expect(throws: WrongAnswer.self) { try verify(answer(events), ofOwner: 5) }
        #expect(throws: WrongAnswer.self) { try verify(answer(events.dropLast()), ofOwner: 4) }
        #expect(throws: WrongAnswer.self) { try verify(answer(events, complete: false), ofOwner: 4) }
        events[59].timestampMillis += 1
        #expect(throws: WrongAnswer.self) { try verify(answer(events), ofOwner: 4) }
    }

    @Test("events are of the size asked for, in order, and each period has its share")
    func histories() {
        let events = Self.history.events(ofOwner: 9)
        #expect(events.count == 60)
        #expect(events.allSatisfy { $0.data.readableBytes == 100 })
        let periods = events.map { ($0.timestampMillis - EventHistory.startMillis) / EventHistory.periodMillis }
        #expect(periods == (0..<60).map { $0 / 20 })
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.timestampMillis < $1.timestampMillis })
        #expect(Self.history.events(ofOwner: 9) == events)
        #expect(Self.history.events(ofOwner: 8) != events)
    }
}
