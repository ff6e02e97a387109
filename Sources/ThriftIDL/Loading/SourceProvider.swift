/// The door to the files: a command reads them from disk, tests from memory.
public protocol SourceProvider {
    /// The bytes of the file at `path`; nil if there is no such file.
    func bytes(at path: String) throws(UnreadableSource) -> [UInt8]?
}

/// There is a file, but it cannot be read.
public struct UnreadableSource: Error, Sendable, Hashable {
    /// Why, as in "Permission denied".
    public var reason: String

    public init(reason: String) { self.reason = reason }
}

/// Files that exist in memory only: text by path.
public struct MemorySources: SourceProvider, ExpressibleByDictionaryLiteral, Sendable {
    private var files: [String: [UInt8]]

    public init(_ files: [String: [UInt8]]) { self.files = files }

    public init(dictionaryLiteral elements: (String, String)...) {
        files = Dictionary(elements.map { ($0, Array($1.utf8)) }) { $1 }
    }

    public func bytes(at path: String) -> [UInt8]? { files[path] }
}
