internal import Foundation
internal import NIOCore
internal import NeedletailWire
internal import Testing

@testable internal import needletail_load

/// The codec benchmark: that all sides mean the same, and what is made of their figures.
@Suite struct CodecContestTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../LoadTests/Codecs").standardizedFileURL.path

    @Test("ours and the naive codec encode and decode the same values")
    func values() throws {
        let contest = try CodecContest(peers: [])
        #expect(contest.cases.count == CodecStructure.allCases.count * CodecFormat.allCases.count)
        for codecCase in contest.cases {
            #expect(codecCase.structure.message(codecCase.format).count == codecCase.messageBytes)
            let naive = codecCase.contenders.filter { $0.title == CodecContest.naive }
            #expect(naive.count == (codecCase.format == .binary ? 1 : 0))
        }
    }

    @Test("the samples are what their titles say")
    func samples() {
        func count(_ node: TreeNode) -> Int { node.children.reduce(1) { $0 + count($1) } }
        func depth(_ node: TreeNode) -> Int { (node.children.map(depth).max() ?? -1) + 1 }
        #expect(count(CodecSample.tree) == CodecSample.treeNodeCount)
        #expect(depth(CodecSample.tree) == CodecSample.treeDepth)
        let keys = CodecSample.list.keys
        #expect(keys.count == CodecSample.keyCount)
        #expect(keys.indices.allSatisfy { keys.byteCount(at: $0) == CodecSample.keySize })
    }

    @Test("the naive reader refuses what is cut off, and keeps what it does not know")
    func naive() throws {
        let message = CodecStructure.small.message(.binary)
        for count in message.indices {
            #expect(throws: NaiveThriftError.self) { try NaiveThriftReader(Array(message.prefix(count))).readStruct() }
        }
        let map = NaiveThriftMap(keyType: 3, valueType: 2, pairs: [(.int8(1), .bool(true))])
        let tree = NaiveThriftStruct([
            1: .set(NaiveThriftList(elementType: 6, elements: [.int16(-2)])), 2: .map(map), 3: .double(1.5),
        ])
        let bytes = NaiveThriftWriter.bytes(of: tree)
        #expect(NaiveThriftWriter.bytes(of: try NaiveThriftReader(bytes).readStruct()) == bytes)
        var reader = ThriftBinaryReader(ByteBuffer(bytes: bytes))
        try reader.skip(FieldHeader(id: 0, type: .structure))
        #expect(reader.cursor.remaining == 0)
    }

    @Test("the naive readers of both protocols make the same tree", arguments: CodecStructure.allCases)
    func naiveCompact(_ structure: CodecStructure) throws {
        let message = structure.message(.compact)
        let tree = try NaiveCompactReader(message).readStruct()
        #expect(NaiveThriftWriter.bytes(of: tree) == structure.message(.binary))
        for count in Set([0, 1, message.count / 2, message.count - 1]) {
            #expect(throws: NaiveThriftError.self) {
                try NaiveCompactReader(Array(message.prefix(count))).readStruct()
            }
        }
    }

    @Test("the naive reader of the compact protocol takes every type")
    func naiveCompactTypes() throws {
        var writer = ThriftCompactWriter(ByteWriter(into: ByteBuffer()))
        var scope = writer.beginStruct(fieldCount: 2)
        writer.field(&scope, 1, "yes", .bool)
        writer.write(true)
        // Farther away than a step in the field's head can say.
        writer.field(&scope, 300, "numbers", .list)
        writer.write([Int64.min, -1, 0, .max])
        writer.endStruct()
        let tree = try NaiveCompactReader(Array(writer.finish().finish().readableBytesView)).readStruct()
        #expect(try tree.bool(1))
        let numbers = try tree.list(300).map { if case .int64(let number) = $0 { number } else { 7 as Int64 } }
        #expect(numbers == [.min, -1, 0, .max])
        // A map of one pair: a double and a set of booleans; an i8 and an i16.
        let bytes: [UInt8] =
            [0x1b, 1, 0x7a] + [0, 0, 0, 0, 0, 0, 0xf8, 0x3f] + [0x21, 1, 2] + [0x13, 0xff, 0x14, 3, 0]
        let other = try NaiveCompactReader(bytes).readStruct()
        guard case .map(let map)? = other.fields[1], case .double(1.5)? = map.pairs.first?.key,
            case .set(let set)? = map.pairs.first?.value, set.elements.count == 2
        else {
            Issue.record("another map")
            return
        }
        guard case .int8(-1)? = other.fields[2], case .int16(-2)? = other.fields[3] else {
            Issue.record("other numbers")
            return
        }
        #expect(throws: NaiveThriftError.unknownType(13)) { try NaiveCompactReader([0x1d, 0]).readStruct() }
    }

    private func contender(_ title: String, way: String? = nil, _ rounds: [CodecTimes]) -> CodecContender {
        var contender = CodecContender(title, way: way) { _ in CodecTimes(encode: 1, decode: 1) }
        contender.rounds = rounds
        return contender
    }

    @Test("a comparison is with the fastest way, and a ratio is the median of rounds side by side")
    func comparison() throws {
        let codecCase = CodecCase(
            structure: .small, format: .binary, messageBytes: 86,
            contenders: [
                contender(CodecContest.ours, [.init(encode: 1, decode: 2), .init(encode: 2, decode: 4)]),
                contender("C++", way: "slow", [.init(encode: 90, decode: 10), .init(encode: 90, decode: 10)]),
                contender("C++", way: "fast", [.init(encode: 2, decode: 2), .init(encode: 2, decode: 2)]),
                contender(CodecContest.naive, [.init(encode: 6, decode: 6), .init(encode: 6, decode: 6)]),
            ])
        let comparisons = CodecReport.comparisons(codecCase)
        #expect(comparisons.map(\.other) == ["C++", CodecContest.naive])
        let first = try #require(comparisons.first)
        #expect(first.way == "fast")
        #expect(first.ratios[0].rounds == [0.75, 1.5])
        #expect(first.ratios[0].median == 1.125)
        #expect(!first.isWithinLimit)
        // 3 of 12 and 6 of 12: more than 1/3.6.
        #expect(comparisons.last?.isWithinLimit == false)
    }

    @Test("a report is a table and JSON that says every round")
    func report() throws {
        var contest = try CodecContest(peers: [])
        try contest.runRound(milliseconds: 1)
        let report = CodecReport(
            contest, command: ["needletail-load", "codecs"], machine: .current(cores: 2), versions: ["C++": "1"],
            milliseconds: 1, skipped: ["C++, because it is not installed"])
        let rows = report.markdown.filter { $0.hasPrefix("| ") }
        // The head, and ours against the naive codec for each structure.
        #expect(rows.count == 1 + CodecStructure.allCases.count)
        #expect(report.markdown.last == "Skipped: C++, because it is not installed")
        let read = try JSONDecoder().decode(CodecReport.self, from: JSONEncoder().encode(report))
        #expect(read.contenders.count == contest.cases.reduce(0) { $0 + $1.contenders.count })
        #expect(read.contenders.allSatisfy { $0.rounds.count == 1 && $0.rounds[0].sum > 0 })
    }

    @Test(
        "a missing header or library is found in what compilers say",
        arguments: [
            ("msgpack.cpp:8:10: fatal error: msgpack.hpp: No such file or directory", true),
            ("msgpack.cpp:8:10: fatal error: 'msgpack.hpp' file not found", true),
            ("/usr/bin/ld: cannot find -lthrift: No such file or directory", true),
            ("thrift.cpp:9:1: error: unknown type name 'foo'", false),
        ])
    func missingParts(output: String, isMissing: Bool) {
        #expect((CodecPeerProgram.missingPart(output) != nil) == isMissing)
    }

    @Test("without a compiler a peer is left out by name")
    func noCompiler() throws {
        let folder = try TemporaryDirectory()
        #expect {
            try CodecPeerProgram(.msgpack, sources: Self.sources, compiler: "no-such-compiler", in: folder, on: nil)
        } throws: { error in
            (error as? MissingCodecPeer)?.description.hasPrefix("msgpack-cxx, because there is no C++ compiler") == true
        }
    }

    @Test("a peer that is installed encodes what we encode, and measures", arguments: CodecPeer.allCases)
    func peers(peer: CodecPeer) throws {
        let folder = try TemporaryDirectory()
        try CodecContest.writeMessages(to: folder)
        let program: CodecPeerProgram
        do {
            program = try CodecPeerProgram(
                peer, sources: Self.sources, compiler: "c++", optimizations: ["-O0"], in: folder, on: nil)
        } catch is MissingCodecPeer {
            return
        }
        try CodecContest.check(program)
        var contest = try CodecContest(peers: [program])
        try contest.runRound(milliseconds: 1)
        for codecCase in contest.cases where peer.formats.contains(codecCase.format) {
            let ways = peer.ways(for: codecCase.structure)
            #expect(codecCase.contenders.filter { $0.title == peer.title }.count == ways.count)
        }
    }
}
