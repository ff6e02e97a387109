//! A read of many keys, its parts ended by hand.

import NIOCore
import NeedletailWire
import StorageEngine
import Testing

struct MultiReadTests {
    /// A read of `count` keys, one to a part, and the parts that have begun.
    private final class Reading {
        var begun: [ReadPart] = []
        var cancelled: [Int32] = []
        var ends = 0
        private(set) var read: MultiRead!

        init(_ count: Int, concurrency: Int) {
            read = MultiRead(
                BinaryList(strings: (0..<count).map { "k\($0)" }),
                width: FanOutWidth(concurrency: concurrency, keysPerPart: 1)
            ) { [unowned self] in ends += 1 }
            read.run(
                (0..<count).map { index in
                    ReadPart([Int32(index)]) { [unowned self] part in
                        part.onCancel = { [unowned self] in cancelled.append(part.keys[0]) }
                        begun.append(part)
                    }
                })
        }

        func end(_ index: Int) {
            begun[index].found(ByteBuffer(integer: UInt8(index)), at: begun[index].keys[0])
            begun[index].end()
        }
    }

    @Test(arguments: [1, 2, 5, 9])
    func noMorePartsRunThanTheWidthAllows(concurrency: Int) {
        let reading = Reading(7, concurrency: concurrency)
        for ended in 0..<7 {
            #expect(reading.begun.count == min(ended + concurrency, 7))
            #expect(reading.ends == 0)
            reading.end(ended)
        }
        #expect(reading.ends == 1)
        #expect(reading.read.statuses.allSatisfy { $0 == .found })
        #expect(reading.read.values == (0..<7).map { ByteBuffer(integer: UInt8($0)) })
    }

    @Test func valuesBeyondTheBoundAreNotKept() {
        let reading = Reading(5, concurrency: 5)
        reading.read.valueBytesMax = 3
        for index in [4, 3, 1, 2, 0] { reading.end(index) }
        #expect(reading.ends == 1)
        #expect(reading.read.statuses == [.tooLarge, .found, .tooLarge, .found, .found])
        #expect(reading.read.values.map(\.readableBytes) == [0, 1, 0, 1, 1])
    }

    @Test func aCancelledReadDropsWhatHasNotBegunAndDiscardsWhatComesLate() {
        let reading = Reading(5, concurrency: 2)
        reading.end(0)
        reading.read.cancel()
        #expect(reading.cancelled.sorted() == [1, 2])
        #expect(reading.read.cancelledParts == 4)
        #expect(reading.begun.count == 3)
        reading.end(1)
        reading.end(2)
        #expect(reading.begun.count == 3 && reading.ends == 0)
        #expect(
            reading.read.statuses
                == [.found, .deadlineExceeded, .deadlineExceeded, .deadlineExceeded, .deadlineExceeded])
        #expect(reading.read.values[1].readableBytes == 0)
        reading.read.cancel()
        #expect(reading.cancelled.count == 2)
    }

    @Test func keysWithoutAResultHaveFailedWithTheirPart() {
        let reading = Reading(2, concurrency: 2)
        reading.begun[0].end(.unavailable(reason: "gone"))
        reading.begun[1].missing(at: 1)
        reading.begun[1].end()
        #expect(reading.read.statuses == [.failed, .missing])
        #expect(reading.read.failure == .unavailable(reason: "gone"))
        #expect(reading.ends == 1)
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func whatOneKeyHasToItselfDoesNotHideWhatElseFailed(order: [Int]) {
        let reading = Reading(2, concurrency: 2)
        let errors: [EngineError] = [.unsupported("a list"), .unavailable(reason: "gone")]
        for place in order {
            reading.begun[place].failed(errors[place], at: Int32(place))
            reading.begun[place].end()
        }
        #expect(reading.read.failure == .unavailable(reason: "gone"))
        #expect(reading.read.statuses == [.failed, .failed])
    }

    @Test func aReadThatFailsEndsOnce() {
        let reading = Reading(3, concurrency: 1)
        reading.end(0)
        reading.read.fail(.unavailable(reason: "gone"))
        reading.end(1)
        #expect(reading.read.statuses == [.found, .failed, .failed])
        #expect(reading.ends == 1 && reading.begun.count == 2)
    }

    @Test func aValueIsTakenAsItComes() {
        let reading = Reading(3, concurrency: 3)
        var taken: [Int] = []
        reading.read.onValue = { index, _ in
            taken.append(index)
            if taken.count == 2 { reading.read.cancel() }
        }
        reading.end(2)
        reading.end(0)
        reading.end(1)
        #expect(taken == [2, 0])
        #expect(reading.ends == 0)
    }
}

struct EngineCallTests {
    @Test func onlyTheFirstEndCounts() {
        var results: [Int] = []
        let call = EngineCall<Int> { results.append((try? $0.get()) ?? -1) }
        #expect(!call.hasEnded)
        call.succeed(1)
        call.succeed(2)
        call.fail(.notAnInteger)
        call.cancel()
        #expect(results == [1] && call.hasEnded && !call.isCancelled)
    }

    @Test func aCancelledCallTellsTheEngineAndNobodyElse() {
        var results = 0
        var cancels = 0
        let call = EngineCall<Int> { _ in results += 1 }
        call.onCancel = { cancels += 1 }
        call.cancel()
        call.cancel()
        call.succeed(1)
        #expect(results == 0 && cancels == 1 && call.isCancelled && call.hasEnded)
        // Who learns of the call only now is told at once.
        call.onCancel = { cancels += 1 }
        #expect(cancels == 2)
    }

    @Test func aCallThatHasEndedIsNotCancelled() {
        var cancels = 0
        let call = EngineCall<Int> { _ in }
        call.onCancel = { cancels += 1 }
        call.fail(.overflow)
        call.cancel()
        #expect(cancels == 0)
    }
}
