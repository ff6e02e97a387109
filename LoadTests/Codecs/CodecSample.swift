//! The values that the codec benchmark encodes and decodes, the same on every side.

internal import NIOCore
internal import NeedletailWire

/// What is measured: one shape each of what services send most.
enum CodecStructure: String, CaseIterable, Codable, Sendable {
    case small
    case list
    case tree

    /// A table's words for it.
    var title: String {
        switch self {
        case .small: "small struct"
        case .list: "list of \(CodecSample.keyCount) binaries"
        case .tree: "tree of \(CodecSample.treeNodeCount) nodes, \(CodecSample.treeDepth) deep"
        }
    }
}

enum CodecFormat: String, CaseIterable, Codable, Sendable {
    case binary
    case compact
    case messagepack

    /// A table's words for it.
    var title: String {
        switch self {
        case .binary: "Thrift binary"
        case .compact: "Thrift compact"
        case .messagepack: "MessagePack"
        }
    }
}

enum CodecSample {
    /// As `multiGet` of the comparison with Redis and memcached: so many keys of so many bytes.
    static let keyCount = 100
    static let keySize = 16
    /// Levels of the tree below its root; every node above the last level has two children.
    static let treeDepth = 8
    static let treeNodeCount = (2 << treeDepth) - 1

    static var small: SmallRecord {
        SmallRecord(
            timestampMillis: 1_735_689_600_123, sequence: 70_000, name: "temperature", key: key(7), isFinal: true,
            amount: 21.375, ttlMillis: 86_400_000, note: nil)
    }

    static var list: KeyList { KeyList(keys: BinaryList((0..<keyCount).map(key))) }

    static var tree: TreeNode {
        var number: Int64 = 0
        return node(depth: 0, &number)
    }

    /// 16 bytes, most of them digits, as keys of a service are.
    private static func key(_ number: Int) -> ByteBuffer {
        let digits = String(number * 7_919)
        return ByteBuffer(string: "key:" + String(repeating: "0", count: keySize - 4 - digits.utf8.count) + digits)
    }

    /// Numbers spread over all lengths that a variable-length integer can have.
    private static func node(depth: Int, _ number: inout Int64) -> TreeNode {
        number += 1
        let own = number
        let name = "node-\(own)"
        var children: [TreeNode] = []
        if depth < treeDepth { children = [node(depth: depth + 1, &number), node(depth: depth + 1, &number)] }
        return TreeNode(name: name, number: own << (own % 50), children: children)
    }
}
