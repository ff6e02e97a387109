extension PluginRequest {
    /// A type where it is used: `{"kind": "list", "element": {"kind": "i32", "annotations": []}, "annotations": []}`.
    public struct TypeReference: Sendable, Hashable {
        public indirect enum Kind: Sendable, Hashable {
            /// `bool`, `i8`, `i16`, `i32`, `i64`, `double`, `string`, `binary` or `uuid`.
            case base(ThriftIDL.TypeReference.Base)
            case list(TypeReference)
            case set(TypeReference)
            case map(key: TypeReference, value: TypeReference)
            /// A typedef, an enum, a struct, a union or an exception.
            case definition(DefinitionReference)
        }

        public var kind: Kind
        public var annotations: [Annotation]
    }
}

extension PluginRequest.TypeReference: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, element, key, value, name, document, annotations
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func nested(_ key: CodingKeys) throws -> Self { try container.decode(Self.self, forKey: key) }
        annotations = try container.decode([PluginRequest.Annotation].self, forKey: .annotations)
        let kind = try container.decode(String.self, forKey: .kind)
        switch kind {
        case "list": self.kind = .list(try nested(.element))
        case "set": self.kind = .set(try nested(.element))
        case "map": self.kind = .map(key: try nested(.key), value: try nested(.value))
        case "definition": self.kind = .definition(try PluginRequest.DefinitionReference(from: decoder))
        default:
            guard let base = TypeReference.Base(rawValue: kind) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .kind, in: container, debugDescription: "'\(kind)' is no kind of type")
            }
            self.kind = .base(base)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(annotations, forKey: .annotations)
        switch kind {
        case .base(let base): try container.encode(base.rawValue, forKey: .kind)
        case .list(let element):
            try container.encode("list", forKey: .kind)
            try container.encode(element, forKey: .element)
        case .set(let element):
            try container.encode("set", forKey: .kind)
            try container.encode(element, forKey: .element)
        case .map(let key, let value):
            try container.encode("map", forKey: .kind)
            try container.encode(key, forKey: .key)
            try container.encode(value, forKey: .value)
        case .definition(let reference):
            try container.encode("definition", forKey: .kind)
            try container.encode(reference.name, forKey: .name)
            try container.encode(reference.document, forKey: .document)
        }
    }
}
