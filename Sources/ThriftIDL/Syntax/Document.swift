//! The syntax tree: what a file says, in its order, before anything is looked up. Everything is a value and knows where it
//! stands. Names are kept as written (`shared.Point`); `Program` finds what they mean.

/// A place in a file.
public struct SourceLocation: Sendable, Hashable {
    /// The file's path as it was opened.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in characters.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// One `.thrift` file.
public struct Document: Sendable, Hashable {
    /// The path as it was opened; a document's identity within a program.
    public var path: String
    /// The file's name without folder and extension: what other files call it (`shared` in `shared.Point`).
    public var name: String
    /// The comment at the head of the file, before its first header.
    public var documentation: String?
    public var includes: [Include] = []
    public var namespaces: [Namespace] = []
    public var definitions: [Definition] = []

    public init(path: String, name: String) {
        self.path = path
        self.name = name
    }
}

/// `include "shared.thrift"`.
public struct Include: Sendable, Hashable {
    /// As written.
    public var literal: String
    /// The path of the document that was found; empty until then. `cpp_include` is parsed and forgotten.
    public var path = ""
    public var location: SourceLocation

    public init(literal: String, location: SourceLocation) {
        self.literal = literal
        self.location = location
    }
}

/// `namespace swift StorageAPI`.
public struct Namespace: Sendable, Hashable {
    /// `*` for all languages.
    public var scope: String
    public var name: String
    public var annotations: [Annotation]
    public var location: SourceLocation

    public init(scope: String, name: String, annotations: [Annotation] = [], location: SourceLocation) {
        self.scope = scope
        self.name = name
        self.annotations = annotations
        self.location = location
    }
}

/// `vt.min_size = "1"`. The same name may be given more than once; order is kept.
public struct Annotation: Sendable, Hashable {
    public var name: String
    /// `1` where none is given, as in Apache's compiler.
    public var value: String
    public var location: SourceLocation

    public init(name: String, value: String, location: SourceLocation) {
        self.name = name
        self.value = value
        self.location = location
    }
}

/// A name as written where it is used, `Point` or `shared.Point`.
public struct Name: Sendable, Hashable {
    public var text: String
    public var location: SourceLocation

    public init(_ text: String, location: SourceLocation) {
        self.text = text
        self.location = location
    }
}
