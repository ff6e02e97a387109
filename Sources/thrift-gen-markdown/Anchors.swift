internal import ThriftIDL

/// Where definitions are described, for links. A heading's anchor is made from its text as GitHub does it: the second of
/// equal ones gets `-1`. So the headings of a page are listed here, in their order, and nowhere else.
struct Anchors {
    /// What a heading stands over.
    enum Heading: Hashable {
        case title
        case constants
        case types
        case service(String)
        case function(service: String, name: String)
        case type(String)
    }

    private struct Place: Hashable {
        var document: String
        var heading: Heading
    }

    private var anchors: [Place: String] = [:]
    private var pages: [String: String] = [:]

    init(_ request: PluginRequest) {
        for document in request.documents where document.isRoot {
            pages[document.path] = "\(document.name).md"
            var uses: [String: Int] = [:]
            for heading in Self.headings(of: document) {
                let slug = Self.slug(Self.text(of: heading, in: document))
                let count = uses[slug, default: 0]
                uses[slug] = count + 1
                anchors[Place(document: document.path, heading: heading)] = count == 0 ? slug : "\(slug)-\(count)"
            }
        }
    }

    /// The target of a link to a definition from the page of `document`; nil where there is no page of it.
    func link(to definition: PluginRequest.DefinitionReference, from document: PluginRequest.Document) -> String? {
        let headings: [Heading] = [.type(definition.name), .service(definition.name)]
        for heading in headings {
            guard let anchor = anchors[Place(document: definition.document, heading: heading)] else { continue }
            return definition.document == document.path ? "#\(anchor)" : "\(pages[definition.document] ?? "")#\(anchor)"
        }
        return nil
    }

    /// The page of the document at `path`; nil if it has none.
    func page(of path: String) -> String? { pages[path] }

    /// In the order of the page.
    private static func headings(of document: PluginRequest.Document) -> [Heading] {
        var headings: [Heading] = [.title]
        for service in document.services {
            headings.append(.service(service.name))
            headings += (service.functions ?? []).map { .function(service: service.name, name: $0.name) }
        }
        if !document.types.isEmpty { headings.append(.types) }
        headings += document.types.map { .type($0.name) }
        if !document.constants.isEmpty { headings.append(.constants) }
        return headings
    }

    static func text(of heading: Heading, in document: PluginRequest.Document) -> String {
        switch heading {
        case .title: "\(document.name).thrift"
        case .constants: "Constants"
        case .types: "Types"
        case .service(let name): "Service \(name)"
        case .function(_, let name): name
        case .type(let name): name
        }
    }

    private static func slug(_ text: String) -> String {
        String(
            text.lowercased().map { $0 == " " ? "-" : $0 }.filter { $0.isLetter || $0.isNumber || "-_".contains($0) })
    }
}

extension PluginRequest.Document {
    var services: [PluginRequest.Definition] { definitions.filter { $0.kind == .service } }
    var constants: [PluginRequest.Definition] { definitions.filter { $0.kind == .constant } }
    var types: [PluginRequest.Definition] { definitions.filter { $0.kind != .service && $0.kind != .constant } }
}
