/// Whatever a file defines.
public enum Definition: Sendable, Hashable {
    case constant(Constant)
    case typedef(Typedef)
    case enumeration(Enumeration)
    /// A struct, a union or an exception.
    case structure(Structure)
    case service(Service)
}

/// What all definitions have.
public struct DefinitionHead: Sendable, Hashable {
    public var name: String
    /// The doc comment (`/** … */`) before it, without stars and margins; nil if there is none.
    public var documentation: String?
    public var annotations: [Annotation]
    /// Of the name.
    public var location: SourceLocation

    public init(
        name: String, documentation: String? = nil, annotations: [Annotation] = [], location: SourceLocation
    ) {
        self.name = name
        self.documentation = documentation
        self.annotations = annotations
        self.location = location
    }
}

/// `const i32 LIMIT = 100`.
public struct Constant: Sendable, Hashable {
    public var head: DefinitionHead
    public var type: TypeReference
    public var value: ConstantValue

    public init(head: DefinitionHead, type: TypeReference, value: ConstantValue) {
        self.head = head
        self.type = type
        self.value = value
    }
}

/// `typedef i64 UserID`.
public struct Typedef: Sendable, Hashable {
    public var head: DefinitionHead
    public var type: TypeReference

    public init(head: DefinitionHead, type: TypeReference) {
        self.head = head
        self.type = type
    }
}

/// `enum Color { RED = 1 }`.
public struct Enumeration: Sendable, Hashable {
    public struct Case: Sendable, Hashable {
        public var head: DefinitionHead
        /// As written, or one more than the case before (0 at first).
        public var value: Int32
        /// Whether the number was written.
        public var isExplicit: Bool

        public init(head: DefinitionHead, value: Int32, isExplicit: Bool) {
            self.head = head
            self.value = value
            self.isExplicit = isExplicit
        }
    }

    public var head: DefinitionHead
    public var cases: [Case]

    public init(head: DefinitionHead, cases: [Case]) {
        self.head = head
        self.cases = cases
    }
}

/// A struct, a union or an exception.
public struct Structure: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case structure = "struct"
        case union
        case exception
    }

    public var head: DefinitionHead
    public var kind: Kind
    /// In the order of the file.
    public var fields: [Field]

    public init(head: DefinitionHead, kind: Kind, fields: [Field]) {
        self.head = head
        self.kind = kind
        self.fields = fields
    }
}

/// A field of a struct, an argument of a function, or an exception that it throws.
public struct Field: Sendable, Hashable {
    public enum Requiredness: String, Sendable, Hashable {
        /// Always written; its absence is an error.
        case required
        /// Written if set.
        case optional
        /// Neither was said: written, and may be absent.
        case `default`
    }

    public var head: DefinitionHead
    /// As written, or -1, -2 … where none was.
    public var id: Int16
    /// Whether the number was written.
    public var isExplicit: Bool
    public var requiredness: Requiredness
    public var type: TypeReference
    public var defaultValue: ConstantValue?

    public init(
        head: DefinitionHead, id: Int16, isExplicit: Bool, requiredness: Requiredness, type: TypeReference,
        defaultValue: ConstantValue? = nil
    ) {
        self.head = head
        self.id = id
        self.isExplicit = isExplicit
        self.requiredness = requiredness
        self.type = type
        self.defaultValue = defaultValue
    }
}

/// `service Storage extends shared.Base { … }`.
public struct Service: Sendable, Hashable {
    public var head: DefinitionHead
    public var base: Name?
    public var functions: [Function]

    public init(head: DefinitionHead, base: Name? = nil, functions: [Function]) {
        self.head = head
        self.base = base
        self.functions = functions
    }
}

/// A method of a service.
public struct Function: Sendable, Hashable {
    public var head: DefinitionHead
    public var isOneway: Bool
    /// nil for `void`.
    public var returnType: TypeReference?
    public var arguments: [Field]
    public var exceptions: [Field]

    public init(
        head: DefinitionHead, isOneway: Bool, returnType: TypeReference?, arguments: [Field], exceptions: [Field]
    ) {
        self.head = head
        self.isOneway = isOneway
        self.returnType = returnType
        self.arguments = arguments
        self.exceptions = exceptions
    }
}
