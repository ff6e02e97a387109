extension PluginRequest {
    /// The value of a constant or a default, as written, with its names looked up: `{"kind": "integer", "value": 5}`.
    public indirect enum Value: Sendable, Hashable {
        case bool(Bool)
        /// Also where a bool is meant (0 and 1), or a double.
        case integer(Int64)
        case double(Double)
        /// Also the value of a `binary`, as UTF-8, and of a `uuid`.
        case string(String)
        /// `Color.RED`: the enum, and its member.
        case member(DefinitionReference, name: String)
        /// Another constant.
        case constant(DefinitionReference)
        case list([Value])
        /// In the order written; of a struct as well, by the names of its fields.
        case map([Pair])

        public struct Pair: Codable, Sendable, Hashable {
            public var key: Value
            public var value: Value

            public init(key: Value, value: Value) {
                self.key = key
                self.value = value
            }
        }
    }
}

extension PluginRequest.Value: Codable {
    private enum Kind: String, Codable {
        case bool, integer, double, string, member, constant, list, map
    }

    private enum CodingKeys: String, CodingKey {
        case kind, value, elements, pairs, name, document, member
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .bool: self = .bool(try container.decode(Bool.self, forKey: .value))
        case .integer: self = .integer(try container.decode(Int64.self, forKey: .value))
        case .double: self = .double(try container.decode(Double.self, forKey: .value))
        case .string: self = .string(try container.decode(String.self, forKey: .value))
        case .member:
            self = .member(
                try PluginRequest.DefinitionReference(from: decoder),
                name: try container.decode(String.self, forKey: .member))
        case .constant: self = .constant(try PluginRequest.DefinitionReference(from: decoder))
        case .list: self = .list(try container.decode([Self].self, forKey: .elements))
        case .map: self = .map(try container.decode([Pair].self, forKey: .pairs))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func encode(_ kind: Kind, _ value: some Encodable, _ key: CodingKeys) throws {
            try container.encode(kind, forKey: .kind)
            try container.encode(value, forKey: key)
        }
        switch self {
        case .bool(let value): try encode(.bool, value, .value)
        case .integer(let value): try encode(.integer, value, .value)
        case .double(let value): try encode(.double, value, .value)
        case .string(let value): try encode(.string, value, .value)
        case .member(let enumeration, let name):
            try encode(.member, name, .member)
            try container.encode(enumeration.name, forKey: .name)
            try container.encode(enumeration.document, forKey: .document)
        case .constant(let constant):
            try encode(.constant, constant.name, .name)
            try container.encode(constant.document, forKey: .document)
        case .list(let elements): try encode(.list, elements, .elements)
        case .map(let pairs): try encode(.map, pairs, .pairs)
        }
    }
}
