/// A type where it is used.
public struct TypeReference: Sendable, Hashable {
    public enum Base: String, Sendable, Hashable, CaseIterable {
        case bool
        /// `byte` means the same.
        case i8
        case i16
        case i32
        case i64
        case double
        case string
        case binary
        case uuid
    }

    public indirect enum Kind: Sendable, Hashable {
        case base(Base)
        case list(TypeReference)
        case set(TypeReference)
        case map(key: TypeReference, value: TypeReference)
        /// A typedef, an enum, a struct, a union or an exception.
        case named(String)
    }

    public var kind: Kind
    public var annotations: [Annotation]
    public var location: SourceLocation

    public init(_ kind: Kind, annotations: [Annotation] = [], location: SourceLocation) {
        self.kind = kind
        self.annotations = annotations
        self.location = location
    }
}

/// The value of a constant or the default of a field, as written.
public struct ConstantValue: Sendable, Hashable {
    public indirect enum Kind: Sendable, Hashable {
        /// `true` and `false` are identifiers until their type is known.
        case integer(Int64)
        case double(Double)
        /// Unescaped.
        case string(String)
        /// An enum's case (`Color.RED`, `shared.Color.RED`), a constant, `true`, `false`.
        case identifier(String)
        case list([ConstantValue])
        case map([Pair])
    }

    public struct Pair: Sendable, Hashable {
        public var key: ConstantValue
        public var value: ConstantValue

        public init(key: ConstantValue, value: ConstantValue) {
            self.key = key
            self.value = value
        }
    }

    public var kind: Kind
    public var location: SourceLocation

    public init(_ kind: Kind, location: SourceLocation) {
        self.kind = kind
        self.location = location
    }
}
