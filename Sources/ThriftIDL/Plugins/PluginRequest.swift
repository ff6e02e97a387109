//! What a plugin is asked, and what it answers: the whole of a checked program as values that any JSON library reads.
//!
//! The schema is described in `Plugins.md` of this module's documentation. It may grow fields; what is there keeps its
//! name and meaning as long as `schema` is the same, so a plugin skips what it does not know.

/// A program as a plugin sees it, in JSON on its standard input.
///
/// Lists are always there, also where they are empty. What may be absent is optional here and left out in JSON.
public struct PluginRequest: Codable, Sendable, Hashable {
    /// The version of the schema that this module writes.
    public static let currentSchema = 1

    public var schema: Int
    /// What the user passes on to the plugin, in the order given.
    public var options: [Option]
    /// Every document once, an included one before those that include it.
    public var documents: [Document]

    public init(schema: Int = currentSchema, options: [Option] = [], documents: [Document]) {
        self.schema = schema
        self.options = options
        self.documents = documents
    }

    /// A word from the user to the plugin.
    public struct Option: Codable, Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A file.
    public struct Document: Codable, Sendable, Hashable {
        /// As it was opened; identifies the document within the program.
        public var path: String
        /// The file's name without folder and extension.
        public var name: String
        /// Whether it was asked for, not only included.
        public var isRoot: Bool
        /// The comment at the head of the file.
        public var documentation: String?
        public var includes: [Include]
        public var namespaces: [Namespace]
        /// In the order of the file.
        public var definitions: [Definition]
    }

    public struct Include: Codable, Sendable, Hashable {
        /// As written.
        public var literal: String
        /// Of the document that was found.
        public var path: String
        public var location: Location
    }

    public struct Namespace: Codable, Sendable, Hashable {
        /// A language, or `*`.
        public var scope: String
        public var name: String
        public var annotations: [Annotation]
        public var location: Location
    }

    /// What stands in parentheses behind a declaration. A name may come more than once.
    public struct Annotation: Codable, Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A place in the document at hand.
    public struct Location: Codable, Sendable, Hashable {
        /// From 1.
        public var line: Int
        /// From 1, in characters.
        public var column: Int

        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }
}

/// What a plugin answers, in JSON on its standard output.
public struct PluginResponse: Codable, Sendable, Hashable {
    /// A file to be written.
    public struct File: Codable, Sendable, Hashable {
        /// Relative to the output folder, with `/` between folders; without `..`.
        public var name: String
        public var contents: String

        public init(name: String, contents: String) {
            self.name = name
            self.contents = contents
        }
    }

    public var files: [File]?
    /// What is wrong with the program in the plugin's eyes: nothing is written then.
    public var errors: [String]?

    public init(files: [File]? = nil, errors: [String]? = nil) {
        self.files = files
        self.errors = errors
    }
}
