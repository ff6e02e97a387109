//! A second way over a Thrift value, beside the scanners: through the reader's own operations, value by value. It recurses
//! where the scanners keep a stack, and shares nothing with them.

import NeedletailWire

/// A reader whose every value can be read without knowing its struct.
protocol ThriftWalker: WireReader, ~Copyable, ~Escapable {
    @_lifetime(self: copy self)
    mutating func readFixed(_ byteCount: Int) throws(WireError)

    /// An integer of any width.
    @_lifetime(self: copy self)
    mutating func readAnyInteger(_ type: WireType) throws(WireError)

    /// Enters a list or set of whatever its head says.
    @_lifetime(self: copy self)
    mutating func beginAnyList() throws(WireError) -> (count: Int, element: WireType)

    /// Enters a map of whatever its head says.
    @_lifetime(self: copy self)
    mutating func beginAnyMap() throws(WireError) -> (count: Int, key: WireType, value: WireType)
}

/// No field is known.
private let noFields = FieldTable()

extension ThriftWalker where Self: ~Copyable, Self: ~Escapable {
    /// Reads a value of `type` to its end, with at most `depthLimit` structs and filled containers inside one another.
    @_lifetime(self: copy self)
    mutating func walk(_ type: WireType, depthLimit: Int) throws(WireError) {
        switch type {
        case .bool: _ = try readBool()
        case .int8: try readFixed(1)
        case .double: _ = try readDouble()
        case .int16, .int32, .int64: try readAnyInteger(type)
        case .binary: _ = try readBinary()
        case .uuid: try readFixed(16)
        case .structure:
            if depthLimit == 0 { throw .depthOverLimit(limit: 0) }
            var scope = try beginStruct()
            while let field = try nextField(&scope, in: noFields) {
                try walk(field.type, depthLimit: depthLimit - 1)
            }
        case .list, .set:
            let (count, element) = try beginAnyList()
            if count > 0, depthLimit == 0 { throw .depthOverLimit(limit: 0) }
            for _ in 0..<count { try walk(element, depthLimit: depthLimit - 1) }
            endContainer()
        case .map, .any:
            let (count, key, value) = try beginAnyMap()
            if count > 0, depthLimit == 0 { throw .depthOverLimit(limit: 0) }
            for _ in 0..<count {
                try walk(key, depthLimit: depthLimit - 1)
                try walk(value, depthLimit: depthLimit - 1)
            }
            endContainer()
        }
    }
}
