//! The naive Thrift at work on the benchmark's values: message to tree, tree to struct, and back.

internal import NIOCore
internal import NeedletailWire

/// A plain struct that is made of a tree.
protocol NaiveThriftConvertible {
    init(tree: NaiveThriftStruct) throws(NaiveThriftError)
    var tree: NaiveThriftStruct { get }
    var checksum: Int { get }
}

struct NaiveSmallRecord: NaiveThriftConvertible {
    var timestampMillis: Int64
    var sequence: Int32
    var name: String
    var key: [UInt8]
    var isFinal: Bool
    var amount: Double
    var ttlMillis: Int64?
    var note: String?

    init(tree: NaiveThriftStruct) throws(NaiveThriftError) {
        timestampMillis = try tree.int64(1)
        sequence = try tree.int32(2)
        name = try tree.string(3)
        key = try tree.binary(4)
        isFinal = try tree.bool(5)
        amount = try tree.double(6)
        ttlMillis = tree.fields[7] == nil ? nil : try tree.int64(7)
        note = tree.fields[8] == nil ? nil : try tree.string(8)
    }

    var tree: NaiveThriftStruct {
        let tree = NaiveThriftStruct([
            1: .int64(timestampMillis), 2: .int32(sequence), 3: .binary(Array(name.utf8)), 4: .binary(key),
            5: .bool(isFinal), 6: .double(amount),
        ])
        if let ttlMillis { tree.fields[7] = .int64(ttlMillis) }
        if let note { tree.fields[8] = .binary(Array(note.utf8)) }
        return tree
    }

    var checksum: Int {
        Int(timestampMillis) &+ Int(sequence) &+ name.utf8.count &+ key.count &+ (isFinal ? 1 : 0) &+ Int(amount)
            &+ Int(ttlMillis ?? 0) &+ (note?.utf8.count ?? 0)
    }
}

struct NaiveKeyList: NaiveThriftConvertible {
    var keys: [[UInt8]]

    init(tree: NaiveThriftStruct) throws(NaiveThriftError) {
        keys = try tree.list(1).compactMap(\.binary)
    }

    var tree: NaiveThriftStruct {
        let elements = keys.map { NaiveThriftValue.binary($0) }
        return NaiveThriftStruct([1: .list(NaiveThriftList(elementType: NaiveThriftType.binary, elements: elements))])
    }

    var checksum: Int { keys.count &+ (keys.last?.count ?? 0) }
}

struct NaiveTreeNode: NaiveThriftConvertible {
    var name: String
    var number: Int64
    var children: [NaiveTreeNode]

    init(tree: NaiveThriftStruct) throws(NaiveThriftError) {
        name = try tree.string(1)
        number = try tree.int64(2)
        children = []
        for case .structure(let child) in try tree.list(3) { children.append(try NaiveTreeNode(tree: child)) }
    }

    var tree: NaiveThriftStruct {
        let elements = children.map { NaiveThriftValue.structure($0.tree) }
        return NaiveThriftStruct([
            1: .binary(Array(name.utf8)), 2: .int64(number),
            3: .list(NaiveThriftList(elementType: NaiveThriftType.structure, elements: elements)),
        ])
    }

    var checksum: Int { Int(number) &+ name.utf8.count &+ children.count }
}

/// The naive codec at work on one value.
struct NaiveCodec<Value: NaiveThriftConvertible>: MeasuredCodec {
    private let value: Value
    private let input: [UInt8]
    private var output: [UInt8] = []

    init(_ type: Value.Type, message: [UInt8]) throws {
        value = try Value(tree: NaiveThriftReader(message).readStruct())
        input = message
    }

    var message: [UInt8] { NaiveThriftWriter.bytes(of: value.tree) }

    mutating func encode() -> Int {
        output = NaiveThriftWriter.bytes(of: value.tree)
        return output.count
    }

    func decode() throws -> Int {
        try Value(tree: NaiveThriftReader(input).readStruct()).checksum
    }
}
