extension PluginRequest {
    /// A constant, a type or a service. What a kind does not have is absent.
    public struct Definition: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable, Hashable {
            case constant = "const"
            case typedef
            case enumeration = "enum"
            case structure = "struct"
            case union
            case exception
            case service
        }

        public var kind: Kind
        public var name: String
        public var documentation: String?
        public var annotations: [Annotation]
        /// Of the name.
        public var location: Location

        /// Of a constant; what a typedef stands for.
        public var type: TypeReference?
        /// Of a constant.
        public var value: Value?
        /// Of an enum.
        public var members: [Member]?
        /// Of a struct, a union, an exception.
        public var fields: [Field]?
        /// What a service extends, if it does.
        public var base: DefinitionReference?
        /// Of a service, without those of its base.
        public var functions: [Function]?
    }

    /// A value of an enum.
    public struct Member: Codable, Sendable, Hashable {
        public var name: String
        public var value: Int32
        /// Whether the number was written.
        public var isExplicit: Bool
        public var documentation: String?
        public var annotations: [Annotation]
        public var location: Location
    }

    /// A field of a struct, an argument of a function, or an exception that it throws.
    public struct Field: Codable, Sendable, Hashable {
        public enum Requiredness: String, Codable, Sendable, Hashable {
            case required
            case optional
            /// Neither was said.
            case `default`
        }

        public var id: Int16
        public var name: String
        /// Whether the number was written; others count down from -1.
        public var isExplicit: Bool
        public var requiredness: Requiredness
        public var type: TypeReference
        public var defaultValue: Value?
        public var documentation: String?
        public var annotations: [Annotation]
        public var location: Location
    }

    public struct Function: Codable, Sendable, Hashable {
        public var name: String
        public var isOneway: Bool
        /// Absent for `void`.
        public var returnType: TypeReference?
        public var arguments: [Field]
        public var exceptions: [Field]
        public var documentation: String?
        public var annotations: [Annotation]
        public var location: Location
    }

    /// A definition, where it is used.
    public struct DefinitionReference: Codable, Sendable, Hashable {
        /// As its own document calls it.
        public var name: String
        /// The path of that document.
        public var document: String

        public init(name: String, document: String) {
            self.name = name
            self.document = document
        }
    }
}
