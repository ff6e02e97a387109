internal import NIOCore
internal import Testing

@testable internal import RedisEngine

@Suite struct RESPParserTests {
    /// Replies of every type, and what they are.
    private static let stream =
        "+OK\r\n:-42\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*2\r\n$0\r\n\r\n+x\r\n$-1\r\n-ERR no\r\n"
    private static let replies: [RESPValue] = [
        .status(ByteBuffer(string: "OK")), .integer(-42), .bulk(ByteBuffer(string: "a\r\n")), .null, .null, .array([]),
        .array([.integer(1), .array([.bulk(ByteBuffer()), .status(ByteBuffer(string: "x"))]), .null]),
        .error(RESPErrorReply(text: "ERR no")),
    ]

    private func parse(_ pieces: some Sequence<ByteBuffer>, _ limits: RESPParser.Limits = .init()) throws -> [RESPValue]
    {
        var parser = RESPParser(limits: limits)
        var replies: [RESPValue] = []
        for piece in pieces {
            parser.append(piece)
            while let reply = try parser.next() { replies.append(reply) }
        }
        return replies
    }

    @Test func repliesOfEveryTypeAreRead() throws {
        #expect(try parse([ByteBuffer(string: Self.stream)]) == Self.replies)
    }

    @Test func repliesComeInTwoPiecesSplitAnywhere() throws {
        let bytes = Array(Self.stream.utf8)
        for split in 0...bytes.count {
            let pieces = [ByteBuffer(bytes: bytes[..<split]), ByteBuffer(bytes: bytes[split...])]
            #expect(try parse(pieces) == Self.replies, "split at \(split)")
        }
    }

    @Test func repliesComeByteByByte() throws {
        #expect(try parse(Self.stream.utf8.map { ByteBuffer(bytes: [$0]) }) == Self.replies)
    }

    @Test func randomRepliesInRandomPiecesComeBack() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let replies = (0..<Int.random(in: 1...5, using: &generator)).map { _ in Self.random(3, &generator) }
            var rest = replies.reduce(into: ByteBuffer()) { Self.write($1, to: &$0) }
            var pieces: [ByteBuffer] = []
            while let piece = rest.readSlice(
                length: min(rest.readableBytes, Int.random(in: 1...40, using: &generator))),
                piece.readableBytes > 0
            { pieces.append(piece) }
            #expect(try parse(pieces) == replies)
        }
    }

    @Test func damagedBytesNeverTrap() {
        var generator = SeededGenerator(seed: 11)
        var errors = 0
        for _ in 0..<5_000 {
            var bytes = Array(Self.stream.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do { _ = try parse([ByteBuffer(bytes: bytes)]) } catch { errors += 1 }
        }
        #expect(errors > 1_000)
    }

    @Test(arguments: [
        ("?\r\n", RESPError.unknownType(UInt8(ascii: "?"))),
        (":1x\r\n", .malformedInteger), (":\r\n", .malformedInteger), (":9223372036854775808\r\n", .malformedInteger),
        ("$-2\r\n", .malformedLength), ("*x\r\n", .malformedLength), ("$1\r\nab\r\n", .missingLineEnd),
        ("+OK\n", .missingLineEnd),
        ("\r\n", .missingLineEnd), ("$101\r\n" + String(repeating: "x", count: 103), .missingLineEnd),
        ("$4294967296\r\n", .malformedLength), ("$9223372036854775807\r\n", .malformedLength),
        ("*50\r\n" + String(repeating: ":1\r\n", count: 50), .replyTooLarge(limit: 100)),
        ("*1000000\r\n", .replyTooLarge(limit: 100)), ("*1\r\n*1\r\n*1\r\n*1\r\n", .tooDeep(limit: 3)),
        ("+" + String(repeating: "x", count: 50), .lineTooLong(limit: 40)),
    ])
    func whatIsNoReplyIsRefused(text: String, error: RESPError) {
        let limits = RESPParser.Limits(replyBytesMax: 100, lineBytesMax: 40, depthMax: 3)
        #expect(throws: error) { try parse([ByteBuffer(string: text)], limits) }
    }

    @Test func bulkStringsThatDoNotFitArePassedOver() throws {
        let texts = [60, 41, 40, 101].map { String(repeating: "x", count: $0) }
        let bulks = texts.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
        let stream = ["*4\r\n", bulks[0], bulks[1], bulks[2], "$-1\r\n", bulks[3], bulks[0], ":1\r\n"].joined()
        let bytes = Array(stream.utf8)
        let first = RESPValue.bulk(ByteBuffer(string: texts[0]))
        let third = RESPValue.bulk(ByteBuffer(string: texts[2]))
        let expected: [RESPValue] = [.array([first, .tooLarge, third, .null]), .tooLarge, first, .integer(1)]
        let limits = RESPParser.Limits(replyBytesMax: 100)
        #expect(try parse([ByteBuffer(bytes: bytes)], limits) == expected)
        #expect(try parse(bytes.map { ByteBuffer(bytes: [$0]) }, limits) == expected)
        for split in 0...bytes.count {
            let pieces = [ByteBuffer(bytes: bytes[..<split]), ByteBuffer(bytes: bytes[split...])]
            #expect(try parse(pieces, limits) == expected, "split at \(split)")
        }
    }

    @Test func whatIsPassedOverReservesNoMemory() throws {
        var parser = RESPParser(limits: RESPParser.Limits(replyBytesMax: 100))
        parser.append(ByteBuffer(string: "$4294967295\r\nx"))
        let before = try parser.next()
        for _ in 0..<3 { parser.append(ByteBuffer(string: "x")) }
        let after = try parser.next()
        #expect(before == nil && after == nil)
    }

    @Test func integersReachTheirBounds() throws {
        #expect(
            try parse([ByteBuffer(string: ":9223372036854775807\r\n:-9223372036854775808\r\n")]) == [
                .integer(.max), .integer(.min),
            ])
    }

    @Test func aBulkStringIsASliceOfWhatCame() throws {
        let received = ByteBuffer(string: "$5\r\nhello\r\n")
        let value = try #require(try parse([received]).first?.bulk)
        #expect(
            value.readerIndex == 4 && value == ByteBuffer(string: "hello")
                || value.storageCapacity == received.storageCapacity)
    }

    @Test func commandsAreArraysOfBulkStrings() throws {
        var commands = CommandWriter()
        commands.command("SET", "k", String(repeating: "v", count: 123))
        commands.isAsking = true
        commands.begin(words: 2)
        commands.word("GET" as StaticString)
        commands.word(ByteBuffer(bytes: [0, 13, 10]))
        let replies = try parse([commands.bytes])
        #expect(commands.count == 3)
        #expect(replies.map { $0.array?.count } == [3, 1, 2])
        #expect(replies[0].array?[2].text?.count == 123)
        #expect(replies[1].array?[0].text == "ASKING")
        #expect(replies[2].array?[1].bulk == ByteBuffer(bytes: [0, 13, 10]))
    }

    private static func random(_ depth: Int, _ generator: inout SeededGenerator) -> RESPValue {
        switch Int.random(in: 0...(depth > 0 ? 5 : 4), using: &generator) {
        case 0: .status(ByteBuffer(string: "fine"))
        case 1: .error(RESPErrorReply(text: "ERR some words"))
        case 2: .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: .null
        case 4:
            .bulk(
                ByteBuffer(
                    bytes: (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }))
        default: .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth - 1, &generator) })
        }
    }

    private static func write(_ value: RESPValue, to bytes: inout ByteBuffer) {
        switch value {
        case .status(let text): bytes.writeString("+\(String(buffer: text))\r\n")
        case .error(let error): bytes.writeString("-\(error.text)\r\n")
        case .integer(let number): bytes.writeString(":\(number)\r\n")
        case .null, .tooLarge: bytes.writeString("$-1\r\n")
        case .bulk(let value):
            bytes.writeString("$\(value.readableBytes)\r\n")
            bytes.writeImmutableBuffer(value)
            bytes.writeString("\r\n")
        case .array(let elements):
            bytes.writeString("*\(elements.count)\r\n")
            for element in elements { write(element, to: &bytes) }
        }
    }
}
