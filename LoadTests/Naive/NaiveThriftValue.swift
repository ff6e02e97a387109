//! Thrift as it is often done at first: a message becomes a tree of objects, and the tree becomes the program's structs.
//!
//! Nothing here is slow on purpose. It is what one writes who has the specification beside him, wants to see any message
//! whole, and leaves the cost to the machine: every struct is an object with a dictionary, every value a case of one
//! enum, every binary a copy. `NaiveThriftReader` and `NaiveThriftWriter` say what each of these costs.

/// Any value of a message.
indirect enum NaiveThriftValue {
    case bool(Bool)
    case int8(Int8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    /// Text and bytes alike, for the wire does not tell them apart.
    case binary([UInt8])
    case structure(NaiveThriftStruct)
    case list(NaiveThriftList)
    case set(NaiveThriftList)
    case map(NaiveThriftMap)
}

/// A struct: an object, so that whoever holds a part of a message can hand it on, and a dictionary, so that fields may come
/// in any order.
final class NaiveThriftStruct {
    var fields: [Int16: NaiveThriftValue]

    init(_ fields: [Int16: NaiveThriftValue] = [:]) { self.fields = fields }
}

/// The elements of a list or a set, and what the wire calls their type.
struct NaiveThriftList {
    var elementType: UInt8
    var elements: [NaiveThriftValue]
}

struct NaiveThriftMap {
    var keyType: UInt8
    var valueType: UInt8
    var pairs: [(key: NaiveThriftValue, value: NaiveThriftValue)]
}

/// The numbers of the types on the wire.
enum NaiveThriftType {
    static let stop: UInt8 = 0
    static let bool: UInt8 = 2
    static let int8: UInt8 = 3
    static let double: UInt8 = 4
    static let int16: UInt8 = 6
    static let int32: UInt8 = 8
    static let int64: UInt8 = 10
    static let binary: UInt8 = 11
    static let structure: UInt8 = 12
    static let map: UInt8 = 13
    static let set: UInt8 = 14
    static let list: UInt8 = 15
}

enum NaiveThriftError: Error, Hashable {
    case truncated
    case unknownType(UInt8)
    case badLength(Int)
    /// A field is absent, or of another type.
    case noField(Int16)
    case notText
}

// MARK: From the tree

extension NaiveThriftStruct {
    /// A field's value as `pick` finds it. An unknown field stays in the tree and is read for nothing.
    private func field<Value>(_ id: Int16, _ pick: (NaiveThriftValue) -> Value?) throws(NaiveThriftError) -> Value {
        guard let field = fields[id], let value = pick(field) else { throw .noField(id) }
        return value
    }

    func bool(_ id: Int16) throws(NaiveThriftError) -> Bool {
        try field(id) { if case .bool(let value) = $0 { value } else { nil } }
    }

    func int32(_ id: Int16) throws(NaiveThriftError) -> Int32 {
        try field(id) { if case .int32(let value) = $0 { value } else { nil } }
    }

    func int64(_ id: Int16) throws(NaiveThriftError) -> Int64 {
        try field(id) { if case .int64(let value) = $0 { value } else { nil } }
    }

    func double(_ id: Int16) throws(NaiveThriftError) -> Double {
        try field(id) { if case .double(let value) = $0 { value } else { nil } }
    }

    func binary(_ id: Int16) throws(NaiveThriftError) -> [UInt8] { try field(id) { $0.binary } }

    func list(_ id: Int16) throws(NaiveThriftError) -> [NaiveThriftValue] {
        try field(id) { if case .list(let list) = $0 { list.elements } else { nil } }
    }

    /// Text: the second copy of its bytes, after the one in the tree.
    func string(_ id: Int16) throws(NaiveThriftError) -> String {
        guard let text = String(validating: try binary(id), as: UTF8.self) else { throw .notText }
        return text
    }
}

extension NaiveThriftValue {
    var binary: [UInt8]? { if case .binary(let bytes) = self { bytes } else { nil } }
    var structure: NaiveThriftStruct? { if case .structure(let structure) = self { structure } else { nil } }
}
