//! What a user sees, over every protocol, codec and way of buffering.

import HeldEngines
import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import HistoryService

struct BehaviourTests {
    struct Way: Sendable, CustomStringConvertible {
        var format: RPCFormat
        var codec: BlobCodec
        var buffers: BlobBuffers
        var concurrency: Int

        var description: String { "\(format), \(codec), \(buffers), \(concurrency) at a time" }

        static let all = RPCFormat.allCases.flatMap { format in
            BlobCodec.allCases.flatMap { codec in
                BlobBuffers.allCases.map { buffers in
                    Way(format: format, codec: codec, buffers: buffers, concurrency: buffers == .pooled ? 4 : 1)
                }
            }
        }

        func history(seed: UInt64 = 1, limits: HistoryLimits = HistoryLimits()) -> History {
            History(
                HistoryConfiguration(
                    periodMillis: 100, codec: codec, buffers: buffers,
                    width: FanOutWidth(concurrency: concurrency, keysPerPart: 3)), limits: limits, format: format,
                seed: seed)
        }
    }

    @Test(arguments: Way.all)
    func eventsAreReadInTheOrderOfTime(way: Way) throws {
        let history = way.history()
        let answer = try history.write("ann", [.at(250, "c"), .at(-1, "a"), .at(99, "b"), .at(1_000, "d")]).get()
        #expect(answer == SetDataResponse(written: 4, durability: .memory))
        let all = try history.read("ann", from: -100, to: 2_000).get()
        #expect(all.events == [.at(-1, "a"), .at(99, "b"), .at(250, "c"), .at(1_000, "d")])
        #expect(all.complete && all.missingPeriods == nil)
        // From is in the range, to is not.
        #expect(try history.texts("ann", from: 99, to: 250) == ["b"])
        #expect(try history.texts("ann", from: 99, to: 251) == ["b", "c"])
        #expect(try history.texts("ann", from: 100, to: 250) == [])
        #expect(try history.texts("bob", from: -100, to: 2_000) == [])
    }

    @Test(arguments: Way.all)
    func equalTimesKeepTheOrderOfInsertion(way: Way) throws {
        let history = way.history()
        try history.add("ann", [.at(5, "1"), .at(7, "2"), .at(5, "3")])
        try history.add("ann", [.at(7, "4"), .at(5, "5")])
        #expect(try history.texts("ann", from: 0, to: 100) == ["1", "3", "5", "2", "4"])
        let newest = try history.read("ann", from: 0, to: 100, newestFirst: true).get()
        #expect(newest.texts == ["4", "2", "5", "3", "1"])
    }

    @Test(arguments: Way.all)
    func aLimitTakesTheFirstOfTheOrder(way: Way) throws {
        let history = way.history()
        try history.add("ann", (0..<50).map { .at(Int64($0) * 10, "\($0)") })
        for limit in [1, 9, 10, 11, 49, 50, 51, .max] as [Int32] {
            let first = try history.read("ann", from: 0, to: 500, limit: limit).get()
            #expect(first.texts == (0..<min(50, Int(limit))).map { "\($0)" })
            let last = try history.read("ann", from: 0, to: 500, limit: limit, newestFirst: true).get()
            #expect(last.texts == (max(0, 50 - Int(limit))..<50).reversed().map { "\($0)" })
            #expect(first.complete && last.complete)
        }
        let part = try history.read("ann", from: 105, to: 395, limit: 12, newestFirst: true).get()
        #expect(part.texts == (28..<40).reversed().map { "\($0)" })
    }

    @Test func theEndsOfTimeCanBeWrittenAndRead() throws {
        for periodMillis in [1, 100, 3_600_000, Int64.max] {
            let history = History(HistoryConfiguration(periodMillis: periodMillis))
            try history.add("ann", [.at(.max, "late"), .at(.min, "early"), .at(.max - 1, "before")])
            #expect(try history.texts("ann", from: .min, to: .min + 1) == ["early"])
            #expect(try history.texts("ann", from: .max - 1, to: .max) == ["before"])
            #expect(try history.texts("ann", from: .min, to: .min) == [])
        }
    }

    @Test func aRangeThatEndsBeforeItBeginsIsEmptyAndComplete() throws {
        let history = History()
        try history.add("ann", [.at(5, "a")])
        for (from, to) in [(5, 5), (6, 5), (Int64.max, Int64.min)] as [(Int64, Int64)] {
            let answer = try history.read("ann", from: from, to: to).get()
            #expect(answer == GetDataByRangeResponse(events: [], complete: true))
        }
    }

    @Test func nothingToAddIsNothingDone() throws {
        let history = History()
        #expect(try history.write("ann", []).get() == SetDataResponse(written: 0))
        #expect(history.engine.begun.isEmpty)
    }

    @Test func whatMayNotBeAskedIsNotDone() throws {
        var limits = HistoryLimits()
        limits.keysPerRequestMax = 5
        limits.keySizeMax = 20
        let history = History(limits: limits)
        let owner = String(repeating: "x", count: 11)
        let refused = [
            try history.read("ann", from: 0, to: 501).failure(),
            try history.read("ann", from: 99, to: 501).failure(),
            try history.read("ann", from: .min, to: .max).failure(),
            try history.read(owner, from: 0, to: 1).failure(),
            try history.read("", from: 0, to: 1).failure(),
            try history.read("ann", from: 0, to: 1, limit: 0).failure(),
            try history.write(owner, [.at(0, "a")]).failure(),
            try history.write("ann", [.at(0, "a")], ttlMillis: 0).failure(),
        ]
        for failure in refused {
            #expect(failure?.code == .invalidArgument)
            #expect(failure?.effect == .notExecuted)
        }
        #expect(history.engine.begun.isEmpty)
        #expect(try history.read("ann", from: 0, to: 500).get().complete)
    }

    @Test func aPeriodExpiresAtTheLaterOfItsExpiries() throws {
        let history = History()
        try history.add("ann", [.at(0, "a")], ttlMillis: 1_000)
        try history.add("ann", [.at(1, "b")], ttlMillis: 10)
        history.pass(milliseconds: 999)
        #expect(try history.texts("ann", from: 0, to: 100) == ["a", "b"])
        try history.add("ann", [.at(2, "c")], ttlMillis: 500)
        history.pass(milliseconds: 499)
        #expect(try history.texts("ann", from: 0, to: 100) == ["a", "b", "c"])
        history.pass(milliseconds: 1)
        #expect(try history.texts("ann", from: 0, to: 100) == [])
        // Without a time to live it stays.
        try history.add("ann", [.at(3, "d")], ttlMillis: 10)
        try history.add("ann", [.at(4, "e")])
        try history.add("ann", [.at(5, "f")], ttlMillis: 10)
        history.pass(milliseconds: 1_000_000)
        #expect(try history.texts("ann", from: 0, to: 100) == ["d", "e", "f"])
    }

    @Test func blobsOfTheOtherCodecAreReadAndChanged() throws {
        let msgpack = History(HistoryConfiguration(periodMillis: 100, codec: .msgpack))
        let thrift = HistoryService(
            engine: msgpack.engine, session: msgpack.engine.makeSession(on: msgpack.loop, timers: msgpack.timers),
            configuration: HistoryConfiguration(periodMillis: 100, codec: .thrift), limits: HistoryLimits(),
            host: msgpack.host, timers: msgpack.timers,
            clock: .manual(msgpack.time))
        for round in 0..<6 {
            _ = try msgpack.write(
                "ann", [.at(Int64(round), "\(round)")], on: round % 2 == 0 ? msgpack.service : thrift
            ).get()
            #expect(try msgpack.texts("ann", from: 0, to: 100) == (0...round).map { "\($0)" })
        }
    }

    /// What a period of an owner holds.
    private struct Period {
        var events: [Event]
        var expiryMillis: Int64
    }

    @Test(arguments: Way.all)
    func rangeReadsEqualAModel(way: Way) throws {
        for seed in 0..<6 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let history = way.history(seed: seed)
            var model: [String: [Int64: Period]] = [:]
            var elapsed: Int64 = 0
            for step in 0..<120 {
                let owner = ["ann", "bob"].randomElement(using: &generator)!
                // Borders of periods are as frequent as what lies between.
                func moment() -> Int64 {
                    Int64.random(in: -5...5, using: &generator) * 100
                        + ([-1, 0, 1, 37] as [Int64]).randomElement(using: &generator)!
                }
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<4:
                    let events = (0..<Int.random(in: 1...6, using: &generator)).map {
                        Event.at(moment(), "\(step).\($0)")
                    }
                    let ttl = Bool.random(using: &generator) ? Int64.random(in: 1...200, using: &generator) : nil
                    try history.add(owner, events, ttlMillis: ttl)
                    let expiry = ttl.map { elapsed + $0 } ?? .max
                    for (number, added) in Dictionary(
                        grouping: events, by: { Int64(($0.timestampMillis + 100_000) / 100) })
                    {
                        let old = model[owner]?[number].flatMap { $0.expiryMillis > elapsed ? $0 : nil }
                        model[owner, default: [:]][number] = Period(
                            events: (old?.events ?? []) + added, expiryMillis: max(old?.expiryMillis ?? 0, expiry))
                    }
                case 4:
                    let pause = Int64.random(in: 1...60, using: &generator)
                    history.pass(milliseconds: pause)
                    elapsed += pause
                default:
                    let (from, to) = (moment(), moment())
                    let limit = Bool.random(using: &generator) ? Int32.random(in: 1...12, using: &generator) : nil
                    let isNewestFirst = Bool.random(using: &generator)
                    var expected = (model[owner] ?? [:]).sorted { $0.key < $1.key }
                        .filter { $0.value.expiryMillis > elapsed }
                        .flatMap { $0.value.events }
                        .filter { $0.timestampMillis >= from && $0.timestampMillis < to }
                        .sorted { $0.timestampMillis < $1.timestampMillis }
                    if isNewestFirst { expected.reverse() }
                    if let limit { expected = Array(expected.prefix(Int(limit))) }
                    let answer = try history.read(owner, from: from, to: to, limit: limit, newestFirst: isNewestFirst)
                    #expect(try answer.get() == GetDataByRangeResponse(events: expected, complete: true))
                }
            }
            #expect(history.timers.count == 0)
        }
    }
}
