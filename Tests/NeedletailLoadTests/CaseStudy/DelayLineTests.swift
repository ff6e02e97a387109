internal import Testing

@testable internal import needletail_load

/// When replies of a connection leave.
@Suite struct DelayLineTests {
    private var line = DelayLine()

    private mutating func sizesLeaving(at now: Int64) -> [Int] {
        var sizes: [Int] = []
        while let reply = line.leave(at: now) { sizes.append(reply.size) }
        return sizes
    }

    @Test("delays of one connection run at the same time, and replies keep their order")
    mutating func order() throws {
        line.noteCommand(at: 0, delayNanoseconds: 50)
        line.noteCommand(at: 10, delayNanoseconds: 5)
        line.noteCommand(at: 20, delayNanoseconds: 60)
        #expect(line.nextDueNanoseconds == nil)
        for size in 1...3 {
            let isLate = try line.noteReply(size: size, at: 25)
            #expect(!isLate)
        }
        #expect(sizesLeaving(at: 49) == [])
        #expect(line.nextDueNanoseconds == 50)
        #expect(sizesLeaving(at: 50) == [1, 2])
        #expect(sizesLeaving(at: 79) == [])
        #expect(sizesLeaving(at: 100) == [3])
        #expect(line.nextDueNanoseconds == nil)
    }

    @Test("a reply that comes after its delay leaves when it comes, and so do those behind it")
    mutating func lateReply() throws {
        line.noteCommand(at: 0, delayNanoseconds: 10)
        line.noteCommand(at: 0, delayNanoseconds: 10)
        #expect(sizesLeaving(at: 20) == [])
        let isLate = try line.noteReply(size: 7, at: 30)
        #expect(isLate)
        #expect(line.leave(at: 31) == DelayLine.Leaving(size: 7, dueNanoseconds: 30))
        _ = try line.noteReply(size: 8, at: 40)
        #expect(line.leave(at: 40) == DelayLine.Leaving(size: 8, dueNanoseconds: 40))
    }

    @Test("a reply without a command is refused")
    mutating func reply() throws {
        #expect(throws: MalformedAnswer.self) { try line.noteReply(size: 1, at: 0) }
        line.noteCommand(at: 0, delayNanoseconds: 1)
        _ = try line.noteReply(size: 1, at: 0)
        #expect(throws: MalformedAnswer.self) { try line.noteReply(size: 1, at: 0) }
    }

    @Test("delays are drawn as the distribution says, and again from the same seed")
    func distribution() {
        let distribution = LogNormal(medianMillis: 4.5, sigma: 0.4)
        var random = WyRand(seed: 7)
        let delays = (0..<20_000).map { _ in Double(distribution.nanoseconds(&random)) / 1e6 }.sorted()
        // The quantiles of a log-normal are median * exp(sigma * those of the normal distribution).
        #expect(abs(delays[10_000] / 4.5 - 1) < 0.02)
        #expect(abs(delays[19_800] / 11.41 - 1) < 0.05)
        #expect(abs(delays[200] / 1.775 - 1) < 0.05)
        var again = WyRand(seed: 7)
        var once = WyRand(seed: 7)
        #expect(distribution.nanoseconds(&again) == distribution.nanoseconds(&once))
        var none = WyRand(seed: 7)
        #expect(LogNormal(medianMillis: 2, sigma: 0).nanoseconds(&none) == 2_000_000)
    }
}

/// Where values of Redis' protocol end.
@Suite struct RESPCutTests {
    static let values = [
        "+OK\r\n", "-ERR no\r\n", ":42\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n", "$5\r\na\r\nbc\r\n", "*0\r\n",
        "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "*2\r\n*1\r\n:1\r\n*2\r\n$-1\r\n+x\r\n",
    ]

    @Test("a value ends at its last byte, whole, cut off anywhere, and before another", arguments: values)
    func ends(_ value: String) throws {
        let bytes = Array(value.utf8)
        for count in 0..<bytes.count {
            #expect(try passRESPValue(bytes.span.extracting(0..<count), from: 0) == nil)
        }
        #expect(try passRESPValue(bytes.span, from: 0) == bytes.count)
        let joined = bytes + bytes
        #expect(try passRESPValue(joined.span, from: 0) == bytes.count)
        #expect(try passRESPValue(joined.span, from: bytes.count) == joined.count)
    }

    @Test(
        "what is no value is refused",
        arguments: ["hello\r\n", "$x\r\n", "$\r\n", "*12345678901\r\n", "$-2x\r\n", "*1\r\n?\r\n"])
    func malformed(_ value: String) {
        #expect(throws: MalformedAnswer.self) { try passRESPValue(Array(value.utf8).span, from: 0) }
    }
}
