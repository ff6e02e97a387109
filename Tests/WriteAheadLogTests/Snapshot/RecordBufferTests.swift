//! What waits to be written to a snapshot.

import Testing
import Timing

@testable import WriteAheadLog

@Suite struct RecordBufferTests {
    /// Every growth copies all there is, while the engine frees nothing.
    @Test func itGrowsAFewTimesHoweverManyRecordsCome() {
        let buffer = RecordBuffer(capacity: 4_096, RecordSeal(directoryID: 7))
        let value = [UInt8](repeating: 1, count: 100)
        var (growths, capacity) = (0, buffer.capacity)
        for number in 0..<10_000 {
            unsafe buffer.addPut(
                [1, 2, 3].span.bytes, value: value.span.bytes, lsn: Int64(number + 1), expiry: .distantFuture)
            if buffer.capacity != capacity { (growths, capacity) = (growths + 1, buffer.capacity) }
        }
        #expect(buffer.used > 1 << 20)
        #expect(growths <= 10 && capacity < 2 * buffer.used)
    }

    @Test func aRecordThatIsLongerThanAllTheRestFits() {
        let buffer = RecordBuffer(capacity: 4_096, RecordSeal(directoryID: 7))
        let value = [UInt8](repeating: 1, count: 100_000)
        unsafe buffer.addPut([1].span.bytes, value: value.span.bytes, lsn: 1, expiry: .distantFuture)
        #expect(buffer.used > 100_000 && buffer.capacity >= buffer.used)
    }
}
