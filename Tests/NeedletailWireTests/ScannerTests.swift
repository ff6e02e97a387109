//! Walks over values: the same end whole and in pieces, work that grows with the bytes, broken values refused.

import NIOCore
import NeedletailWire
import Testing

@Suite struct ScannerTests {
    private static let depthLimit = 64

    /// Where a value ends when all bytes are there; nil if they are not.
    private func end(_ scanner: some ValueScanner, _ bytes: [UInt8]) throws -> Int? {
        var scanner = scanner
        let buffer = message(bytes)
        var offset = 0
        return try scanner.advance(over: buffer.readableBytesSpan, from: &offset) ? offset : nil
    }

    /// Feeds `bytes` in pieces of `step`, spoiling what the walk has passed: it must not need that again.
    private func endInPieces(_ scanner: some ValueScanner, _ bytes: [UInt8], step: Int = 1) throws -> Int? {
        var scanner = scanner
        var buffer = ByteBuffer(bytes: bytes)
        var offset = 0
        var available = 0
        while true {
            let isDone = try scanner.advance(
                over: buffer.readableBytesSpan.extracting(0..<available), from: &offset)
            if isDone { return offset }
            if available == bytes.count { return nil }
            // No head is longer than fifteen bytes: the walk is never further behind.
            #expect(offset + 15 >= available)
            let passed = min(offset, available)
            if passed > 0 { buffer.setRepeatingByte(0xc1, count: 1, at: passed - 1) }
            available = min(available + step, bytes.count)
        }
    }

    private func check(_ scanner: some ValueScanner, _ bytes: [UInt8]) throws {
        #expect(try end(scanner, bytes) == bytes.count)
        #expect(try end(scanner, bytes + [0xc1, 0xff, 0x00]) == bytes.count)
        #expect(try endInPieces(scanner, bytes) == bytes.count)
        #expect(try endInPieces(scanner, bytes + [0xc1, 0xff], step: 7) == bytes.count)
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 50)) {
            #expect(try end(scanner, Array(bytes[..<count])) == nil)
        }
    }

    @Test func theEndOfMessagePackIsFoundWholeAndInPieces() throws {
        var generator = SeededGenerator(seed: 1)
        for round in 0..<Scale.pick(150, full: 1_500) {
            let value = MessagePackValue.random(&generator, depth: 5)
            var foreign = ForeignMessagePack(
                generator: SeededGenerator(seed: generator.next()), isWasteful: round.isMultiple(of: 2))
            let bytes = foreign.encode(value)
            guard bytes.count < 20_000 else { continue }
            try check(MessagePackScanner(depthLimit: Self.depthLimit), bytes)
            #expect(try readMessagePack(bytes) == Decoded(value: value, end: bytes.count))
        }
    }

    @Test func theEndOfThriftIsFoundWholeAndInPieces() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<Scale.pick(30, full: 300) {
            for type in ForeignThrift.types {
                let value = ForeignThrift.random(type, &generator, depth: 3)
                let (binary, compact) = (value.binaryBytes, value.compactBytes)
                guard binary.count < 20_000 else { continue }
                try check(ThriftBinaryScanner(type, depthLimit: Self.depthLimit), binary)
                try check(ThriftCompactScanner(type, depthLimit: Self.depthLimit), compact)
            }
        }
    }

    @Test func aLongListInPiecesIsWalkedOnce() throws {
        let count = Scale.pick(5_000, full: 50_000)
        let elements = (0..<count).map { ForeignThrift.binary([UInt8](repeating: 7, count: $0 % 5)) }
        let list = ForeignThrift.list(.binary, elements)
        let values = elements.indices.map { MessagePackValue.bytes([UInt8](repeating: 7, count: $0 % 5)) }
        let messagePack = writeMessagePack(.array(values))
        for step in [1, 3, 1_000] {
            let binary = try endInPieces(ThriftBinaryScanner(.list, depthLimit: 1), list.binaryBytes, step: step)
            #expect(binary == list.binaryBytes.count)
            let compact = try endInPieces(ThriftCompactScanner(.list, depthLimit: 1), list.compactBytes, step: step)
            #expect(compact == list.compactBytes.count)
            let ended = try endInPieces(MessagePackScanner(depthLimit: 1), messagePack, step: step)
            #expect(ended == messagePack.count)
        }
    }

    @Test func runsOfKeysOfOneLengthEndWhereTheyDo() throws {
        for run in 1...13 {
            for size in [0, 1, 16, 255] {
                let keys = Array(repeating: [UInt8](repeating: 0xc4, count: size), count: run)
                let values = (keys + [[1, 2, 3]] + keys).map { MessagePackValue.bytes($0) }
                try check(MessagePackScanner(depthLimit: 2), writeMessagePack(.array(values)))
                try check(MessagePackScanner(depthLimit: 2), writeMessagePack(.array([.array(values), .nil])))
            }
        }
    }

    @Test func aCompletedWalkStaysComplete() throws {
        let buffer = ByteBuffer(bytes: hex("92c0c0c0"))
        var scanner = MessagePackScanner(depthLimit: 8)
        var offset = 0
        for _ in 0..<3 {
            let isDone = try scanner.advance(over: buffer.readableBytesSpan, from: &offset)
            #expect(isDone && offset == 3)
        }
    }

    @Test func theOffsetTellsHowManyBytesAreNeededAtLeast() throws {
        func needed(_ scanner: some ValueScanner, _ text: String) throws -> Int {
            var scanner = scanner
            let buffer = ByteBuffer(bytes: hex(text))
            var offset = 0
            #expect(try !scanner.advance(over: buffer.readableBytesSpan, from: &offset))
            return offset
        }
        #expect(try needed(MessagePackScanner(depthLimit: 8), "91c600010000ff") == 6 + 65_536)
        #expect(try needed(MessagePackScanner(depthLimit: 8), "dbffffffff") == 5 + 0xffff_ffff)
        #expect(try needed(ThriftBinaryScanner(.binary, depthLimit: 8), "00010000ff") == 4 + 65_536)
        #expect(try needed(ThriftBinaryScanner(.list, depthLimit: 8), "0a7fffffff") == 5 + 8 * 0x7fff_ffff)
        #expect(try needed(ThriftBinaryScanner(.map, depthLimit: 8), "100a7fffffff") == 6 + 24 * 0x7fff_ffff)
        #expect(try needed(ThriftCompactScanner(.binary, depthLimit: 8), "808004ff") == 3 + 65_536)
    }

    @Test func depthIsRefusedByBudgetNotByTheStack() {
        func deep(_ level: String, _ depth: Int) -> [UInt8] {
            let level = hex(level)
            return (0..<depth).flatMap { _ in level } + [0, 0, 0, 0, 0, 0, 0, 0]
        }
        let expected = WireError.depthOverLimit(limit: Self.depthLimit)
        for depth in [65, 10_000] {
            for level in ["91", "8100", "dd00000001"] {
                #expect(throws: expected) {
                    try end(MessagePackScanner(depthLimit: Self.depthLimit), deep(level, depth))
                }
            }
            for (type, level) in [
                (WireType.structure, "0c0001"), (.list, "0f00000001"), (.set, "0e00000001"), (.map, "0d0d00000001"),
            ] {
                #expect(throws: expected) {
                    try end(ThriftBinaryScanner(type, depthLimit: Self.depthLimit), deep(level, depth + 1))
                }
            }
            for (type, level) in [(WireType.structure, "1c"), (.list, "19"), (.set, "1a"), (.map, "01bb")] {
                #expect(throws: expected) {
                    try end(ThriftCompactScanner(type, depthLimit: Self.depthLimit), deep(level, depth + 1))
                }
            }
        }
    }

    @Test func aStructAtTheDepthLimitIsRead() throws {
        for format in WireFormat.allCases {
            func nested(_ depth: Int) -> SampleChild {
                (1..<depth).reduce(SampleChild(number: 0)) { child, number in
                    SampleChild(number: Int32(number), child: [child])
                }
            }
            let (allowed, tooDeep) = (format.encode(nested(64)), format.encode(nested(65)))
            #expect(try format.decode(SampleChild.self, from: allowed).value == nested(64))
            #expect(try format.skip(allowed) == allowed.count)
            #expect(throws: WireError.depthOverLimit(limit: 64)) { try format.decode(SampleChild.self, from: tooDeep) }
            #expect(throws: WireError.depthOverLimit(limit: 64)) { try format.skip(tooDeep) }
        }
    }

    @Test func brokenValuesAreRefusedInPiecesToo() {
        #expect(throws: WireError.unknownType(0xc1)) {
            try endInPieces(MessagePackScanner(depthLimit: 8), hex("93c0a161c1"))
        }
        #expect(throws: WireError.badLength(-1)) {
            try endInPieces(ThriftBinaryScanner(.structure, depthLimit: 8), hex("0b0001ffffffff"))
        }
        #expect(throws: WireError.unknownType(7)) {
            try endInPieces(ThriftBinaryScanner(.structure, depthLimit: 8), hex("07000100"))
        }
        #expect(throws: WireError.varintTooLong) {
            try endInPieces(ThriftCompactScanner(.structure, depthLimit: 8), hex("18ffffffffff"))
        }
        #expect(throws: WireError.unknownType(14)) {
            try endInPieces(ThriftCompactScanner(.structure, depthLimit: 8), hex("1e00"))
        }
    }
}
