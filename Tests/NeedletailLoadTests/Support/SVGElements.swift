internal import Foundation
internal import FoundationXML

@testable internal import needletail_load

/// What an SVG says, read by a parser of XML.
final class SVGElements: NSObject, XMLParserDelegate {
    struct NotWellFormed: Error { let reason: String }

    struct Text {
        var words: String
        var left: Double
        var right: Double
        var y: Double
    }

    static let known: Set<String> = [
        "svg", "title", "style", "rect", "line", "polyline", "polygon", "circle", "text",
    ]

    private(set) var names: Set<String> = []
    private(set) var texts: [Text] = []
    private(set) var width = 0.0
    private(set) var height = 0.0
    private var attributes: [String: String] = [:]
    private var words = ""

    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { throw NotWellFormed(reason: "\(parser.parserError.map { "\($0)" } ?? "unknown")") }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        names.insert(name)
        self.attributes = attributes
        words = ""
        if name == "svg" { (width, height) = (number("width"), number("height")) }
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) { words += characters }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        guard name == "text" else { return }
        let (x, width) = (number("x"), PlotText.width(words, size: number("font-size")))
        let left =
            switch attributes["text-anchor"] {
            case "end": x - width
            case "middle": x - width / 2
            default: x
            }
        texts.append(Text(words: words, left: left, right: left + width, y: number("y")))
    }

    private func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }
}
