//! What is fuzzed. A target takes any bytes and says whether the oracles hold for them; libFuzzer (Fuzzer.swift), the
//! mutations of `MutationTests` and the replay of the committed inputs all go through the one function `check`.

import NIOCore
import NeedletailRPC
import StorageAPI

/// Something that holds for any input, and did not.
struct OracleFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

enum FuzzTarget: Sendable, Hashable {
    /// A connection that has spoken this protocol once: the input is what follows.
    case connection(RPCWire)
    /// A connection from its first byte.
    case firstBytes
    /// The format's scanner, reader and structs, without a connection.
    case format(RPCFormat)

    static let wires = [
        RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact),
        RPCWire(.thriftCompact, .framed), RPCWire(.thriftBinary, .theader),
        RPCWire(.thriftCompact, .theader, isCompressed: true), RPCWire(.thriftBinary, .ttheader),
        RPCWire(.thriftCompact, .ttheader),
    ]

    static let all: [FuzzTarget] =
        wires.map { .connection($0) } + [.firstBytes] + RPCFormat.allCases.map { .format($0) }

    /// The target of this name, which is also its folder's in `Corpus` and `Regressions`.
    init?(named name: String) {
        guard let target = Self.all.first(where: { $0.name == name }) else { return nil }
        self = target
    }

    var name: String {
        switch self {
        case .connection(let wire):
            wire.format.name + (wire.framing == .unframed ? "" : "-\(wire.framing)")
                + (wire.isCompressed ? "-compressed" : "")
        case .firstBytes: "first-bytes"
        case .format(let format): format.name + "-format"
        }
    }

    /// Feeds `input` to what is fuzzed.
    /// - Throws: `OracleFailure`.
    func check(_ input: [UInt8]) throws {
        switch self {
        case .connection(let wire): try ConnectionOracle(input, preface: Self.preface(wire)).check()
        case .firstBytes: try ConnectionOracle(input).check()
        case .format(let format): try FormatOracle(format).check(input)
        }
    }

    /// A call that settles the connection's protocol.
    private static func preface(_ wire: RPCWire) -> [UInt8] {
        Array(encodeCall(wire, id: 1, StorageMethods.Ping.self, .init()).readableBytesView)
    }
}

extension FuzzTarget: CustomStringConvertible {
    var description: String { name }
}
