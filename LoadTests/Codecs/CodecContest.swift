//! Ours beside the naive codec and the peers, on the same values, taking turns on one core.

internal import Foundation
internal import MicroBenchmarks
internal import NIOCore
internal import NeedletailWire

/// One who encodes and decodes a structure in a format.
struct CodecContender {
    let title: String
    /// How the library is used, where there are several ways.
    var way: String?
    let measure: (_ milliseconds: Double) throws -> CodecTimes
    var rounds: [CodecTimes] = []

    init(_ title: String, way: String? = nil, measure: @escaping (_ milliseconds: Double) throws -> CodecTimes) {
        self.title = title
        self.way = way
        self.measure = measure
    }

    /// Ours, or the naive codec, in this process.
    init<Codec: MeasuredCodec>(_ title: String, _ codec: Codec) {
        self.init(title) { milliseconds in
            // Of its own: while a variable that a closure shares is being changed, every check of exclusive access below
            // has it to look at as well.
            var codec = codec
            return try CodecTimes.measure(&codec, milliseconds: milliseconds)
        }
    }

    /// Medians of the rounds.
    var times: CodecTimes? {
        guard let encode = median(rounds.map(\.encode)), let decode = median(rounds.map(\.decode)) else { return nil }
        return CodecTimes(encode: encode, decode: decode)
    }
}

/// A structure in a format, and all who can do it; ours first.
struct CodecCase {
    let structure: CodecStructure
    let format: CodecFormat
    let messageBytes: Int
    var contenders: [CodecContender]
}

struct CodecContest {
    static let ours = "Needletail"
    static let naive = "naive"

    private(set) var cases: [CodecCase]
    /// Rounds in which the container's quota stopped us; their figures are left out.
    private(set) var throttledRounds = 0

    /// Checks that all mean the same, and is ready to measure.
    init(peers: [CodecPeerProgram]) throws {
        cases = []
        try Self.add(CodecSample.small, .small, naive: NaiveSmallRecord.self, to: &cases)
        try Self.add(CodecSample.list, .list, naive: NaiveKeyList.self, to: &cases)
        try Self.add(CodecSample.tree, .tree, naive: NaiveTreeNode.self, to: &cases)
        for peer in peers {
            for index in cases.indices where peer.peer.formats.contains(cases[index].format) {
                cases[index].contenders += Self.contenders(peer, cases[index].structure, cases[index].format)
            }
        }
    }

    /// Writes our messages for the peers to read.
    static func writeMessages(to folder: TemporaryDirectory) throws {
        for structure in CodecStructure.allCases {
            for format in CodecFormat.allCases {
                let url = URL(filePath: folder.path("\(structure.rawValue).\(format.rawValue)"))
                try Data(structure.message(format)).write(to: url)
            }
        }
    }

    /// Compares what a peer encodes with ours: the same bytes in Thrift, the same values in MessagePack, where a map's
    /// absent field may be nil or not there.
    static func check(_ peer: CodecPeerProgram) throws {
        for (structure, format, way, message) in try peer.encodings() {
            let isEqual =
                format == .messagepack
                ? structure.isSame(message) : message == structure.message(format)
            guard isEqual else {
                throw CodecMismatch(
                    what: "\(peer.peer.title) (\(way)) encodes the \(structure.title) in \(format.title) differently")
            }
        }
    }

    /// All contenders of all cases in turn: A B A B ...
    mutating func runRound(milliseconds: Double) throws {
        let throttled = Throttling.count()
        var times: [[CodecTimes]] = []
        for codecCase in cases {
            times.append([])
            for contender in codecCase.contenders {
                try Interruption.check()
                times[times.count - 1].append(try contender.measure(milliseconds))
            }
        }
        guard Throttling.count() == throttled else {
            throttledRounds += 1
            return
        }
        for (index, row) in times.enumerated() {
            for (place, figures) in row.enumerated() { cases[index].contenders[place].rounds.append(figures) }
        }
    }

    private static func contenders(
        _ program: CodecPeerProgram, _ structure: CodecStructure, _ format: CodecFormat
    ) -> [CodecContender] {
        program.executables.flatMap { optimization, path in
            program.peer.ways(for: structure).map { way in
                CodecContender(program.peer.title, way: "\(way) \(optimization)") { milliseconds in
                    try program.measure(path, structure, format, way: way, milliseconds: milliseconds)
                }
            }
        }
    }

    private static func add<Value: CodecValue, Naive: NaiveThriftConvertible>(
        _ value: Value, _ structure: CodecStructure, naive: Naive.Type, to cases: inout [CodecCase]
    ) throws {
        let binary = WireCodec(value, as: BinaryFormat.self)
        let naiveCodec = try NaiveCodec(naive, message: binary.message)
        guard naiveCodec.message == binary.message else {
            throw CodecMismatch(what: "the naive codec encodes the \(structure.title) differently")
        }
        let compact = WireCodec(value, as: CompactFormat.self)
        let messagePack = WireCodec(value, as: MessagePackFormat.self)
        guard try binary.decoded == value, try compact.decoded == value, try messagePack.decoded == value else {
            throw CodecMismatch(what: "we do not decode the \(structure.title) as it was encoded")
        }
        cases.append(
            CodecCase(
                structure: structure, format: .binary, messageBytes: binary.message.count,
                contenders: [CodecContender(ours, binary), CodecContender(Self.naive, naiveCodec)]))
        cases.append(
            CodecCase(
                structure: structure, format: .compact, messageBytes: compact.message.count,
                contenders: [CodecContender(ours, compact)]))
        cases.append(
            CodecCase(
                structure: structure, format: .messagepack, messageBytes: messagePack.message.count,
                contenders: [CodecContender(ours, messagePack)]))
    }
}

extension CodecStructure {
    /// Our encoding.
    func message(_ format: CodecFormat) -> [UInt8] {
        func encode(_ value: some CodecValue) -> [UInt8] {
            switch format {
            case .binary: WireCodec(value, as: BinaryFormat.self).message
            case .compact: WireCodec(value, as: CompactFormat.self).message
            case .messagepack: WireCodec(value, as: MessagePackFormat.self).message
            }
        }
        return switch self {
        case .small: encode(CodecSample.small)
        case .list: encode(CodecSample.list)
        case .tree: encode(CodecSample.tree)
        }
    }

    /// Whether somebody's MessagePack is our value.
    func isSame(_ message: [UInt8]) -> Bool {
        func decodes<Value: CodecValue>(to value: Value) -> Bool {
            let decoded: Value? = try? MessagePackFormat.decode(ByteBuffer(bytes: message))
            return decoded == value
        }
        return switch self {
        case .small: decodes(to: CodecSample.small)
        case .list: decodes(to: CodecSample.list)
        case .tree: decodes(to: CodecSample.tree)
        }
    }
}
