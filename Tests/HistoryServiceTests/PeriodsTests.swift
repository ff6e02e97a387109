import NIOCore
import NeedletailWire
import Testing

@testable import HistoryService

struct PeriodsTests {
    @Test func momentsBefore1970LieInPeriodsBelowZero() {
        let periods = Periods(lengthMillis: 1_000)
        #expect(periods.period(at: 0) == 0)
        #expect(periods.period(at: 999) == 0)
        #expect(periods.period(at: 1_000) == 1)
        #expect(periods.period(at: -1) == -1)
        #expect(periods.period(at: -1_000) == -1)
        #expect(periods.period(at: -1_001) == -2)
    }

    @Test(arguments: [1, 2, 7, 3_600_000, Int64.max])
    func theEndsOfTimeLieInPeriods(lengthMillis: Int64) {
        let periods = Periods(lengthMillis: lengthMillis)
        for moment in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] {
            let period = periods.period(at: moment)
            let start = periods.start(of: period)
            #expect(start <= moment)
            // Not by addition, which overflows.
            #expect(start == .min || moment.subtractingReportingOverflow(start).partialValue < lengthMillis)
        }
        #expect(periods.periods(in: .min ..< .min + 1).count == 1)
    }

    @Test func aRangeEndsBeforeItsUpperBound() {
        let periods = Periods(lengthMillis: 10)
        #expect(periods.periods(in: 0..<10) == 0...0)
        #expect(periods.periods(in: 0..<11) == 0...1)
        #expect(periods.periods(in: -1..<1) == -1...0)
    }

    @Test func keysSortAsTimeDoes() {
        let owner = ByteBuffer(string: "ann")
        let numbers: [Int64] = [.min, -2, -1, 0, 1, 2, .max]
        let keys = HistoryKey.keys(owner.readableBytesSpan, numbers)
        let bytes = keys.indices.map { Array(keys.buffer(at: $0).readableBytesView) }
        #expect(bytes.sorted { $0.lexicographicallyPrecedes($1) } == bytes)
        #expect(bytes[4] == Array("h:ann".utf8) + [0x80, 0, 0, 0, 0, 0, 0, 1])
        #expect(bytes.allSatisfy { $0.count == 3 + HistoryKey.overheadBytes })
        for (index, number) in numbers.enumerated() {
            #expect(HistoryKey.key(owner.readableBytesSpan, number) == keys.buffer(at: index))
        }
    }
}
