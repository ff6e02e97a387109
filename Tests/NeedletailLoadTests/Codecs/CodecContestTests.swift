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
