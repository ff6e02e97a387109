//! Files that belong together: those that were named, and all that they include. The checks have passed: every name means
//! something, every default fits its type.

/// A checked program.
public struct Program: Sendable {
    /// Every document once, an included one before those that include it.
    public let documents: [Document]
    /// The paths of the documents that were asked for, in that order; the others were only included.
    public let roots: [String]

    private let places: [String: Place]

    private struct Place {
        var document: Int
        var definition: Int
    }

    /// - Parameter documents: with `Include.path` filled in, an included one before those that include it.
    init(documents: [Document], roots: [String]) {
        self.documents = documents
        self.roots = roots
        var places: [String: Place] = [:]
        for (index, document) in documents.enumerated() {
            for (position, definition) in document.definitions.enumerated() {
                places[Self.key(definition.head.name, document.path)] = Place(document: index, definition: position)
            }
        }
        self.places = places
    }

    private static func key(_ name: String, _ path: String) -> String { "\(path)\0\(name)" }

    /// The document at `path`.
    public func document(at path: String) -> Document? { documents.first { $0.path == path } }

    /// What `name` means in `document`, and where it is defined: a definition of its own, or, where the name has a dot,
    /// one of an included document. nil where there is none (never in a checked program).
    public func definition(of name: String, in document: Document) -> (definition: Definition, document: Document)? {
        if let place = places[Self.key(name, document.path)] { return found(place) }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let (file, rest) = (name[..<dot], String(name[name.index(after: dot)...]))
        for include in document.includes {
            guard let included = self.document(at: include.path), included.name == file else { continue }
            if let place = places[Self.key(rest, included.path)] { return found(place) }
        }
        return nil
    }

    private func found(_ place: Place) -> (Definition, Document) {
        (documents[place.document].definitions[place.definition], documents[place.document])
    }
}

extension Definition {
    public var head: DefinitionHead {
        switch self {
        case .constant(let definition): definition.head
        case .typedef(let definition): definition.head
        case .enumeration(let definition): definition.head
        case .structure(let definition): definition.head
        case .service(let definition): definition.head
        }
    }
}
