//! The C++ libraries that we are compared with: built when the benchmark runs, from the sources in `peer` and from the code
//! that Thrift's own compiler makes of our IDL.

/// A library of another language.
enum CodecPeer: String, CaseIterable, Sendable {
    case thrift
    case msgpack

    /// Better for some of the structures, worse for others: both count.
    static let optimizations = ["-O2", "-O3"]

    var title: String {
        switch self {
        case .thrift: "Apache Thrift C++"
        case .msgpack: "msgpack-cxx"
        }
    }

    var formats: [CodecFormat] {
        switch self {
        case .thrift: [.binary, .compact]
        case .msgpack: [.messagepack]
        }
    }

    /// The ways to use the library that its source in `peer` tells apart. The fastest counts.
    func ways(for structure: CodecStructure) -> [String] {
        switch (self, structure) {
        case (.thrift, _): ["virtual", "template"]
        case (.msgpack, .tree): ["copy", "reference"]
        case (.msgpack, _): ["copy", "reference", "borrow"]
        }
    }
}

/// A peer that was left out.
struct MissingCodecPeer: Error, CustomStringConvertible {
    let peer: CodecPeer
    let reason: String

    var description: String { "\(peer.title), because \(reason)" }
}
