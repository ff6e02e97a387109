import Foundation
import Testing

/// Documents rot: the code of the client's pages is code that runs.
@Suite struct PageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardized
    private static let pages = ["Client.md", "PythonClients.md"]

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func files(in folder: String, _ ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
            .filter { $0.hasSuffix(ending) }.map { try text("\(folder)/\($0)") }
    }

    /// The fenced blocks of a page in one language, their lines without the fences.
    private static func blocks(_ page: String, _ language: String) throws -> [String] {
        try text("Sources/StorageAPI/Documentation.docc/\(page)").split(separator: "```\(language)\n").dropFirst()
            .map { String($0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex)) }
    }

    /// What stands between the marks of the snippets, moved to the left as a whole.
    private static func snippets() throws -> Set<String> {
        let folders = ["Tests/StorageAPITests/Snippets", "Tests/NeedletailTLSTests/Snippets"]
        let parts = try folders.flatMap { try files(in: $0, ".swift") }.flatMap {
            $0.components(separatedBy: "// snippet\n").dropFirst().map { $0.components(separatedBy: "// end")[0] }
        }
        return Set(parts.map(dedented))
    }

    private static func dedented(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.allSatisfy { $0 == " " } ? "" : $0 }
        let margin = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(margin)) }.joined(separator: "\n")
    }

    @Test func theSwiftOfThePagesIsCodeThatRuns() throws {
        let snippets = try Self.snippets()
        let blocks = try Self.pages.flatMap { try Self.blocks($0, "swift") }
            .filter { !$0.hasPrefix("// swift-tools-version") && !$0.hasPrefix("import ") }
        #expect(blocks.count >= 8)
        for block in blocks { #expect(snippets.contains(block), "no snippet is\n\(block)") }
        #expect(Set(blocks) == snippets, "every snippet is shown")
    }

    @Test func theManifestNamesProductsThatThereAre() throws {
        let manifest = try #require(
            Self.blocks("Client.md", "swift").first { $0.hasPrefix("// swift-tools-version") })
        let products = manifest.matches(of: /name: "(\w+)", package: "needletail"/).map { String($0.1) }
        #expect(products == ["StorageAPI", "NeedletailRPC"])
        let ours = try Self.text("Package.swift")
        for product in products { #expect(ours.contains(".library(name: \"\(product)\"")) }
    }

    @Test func thePythonOfThePagesIsPartOfTheExamples() throws {
        let examples = try Self.files(in: "Tests/Python/examples", ".py")
        let blocks = try Self.pages.flatMap { try Self.blocks($0, "python") }
        #expect(blocks.count >= 5)
        for block in blocks {
            let isThere = examples.contains { example in
                // A block may have been moved to the left.
                [0, 4, 8].contains { margin in
                    let indented = block.split(separator: "\n", omittingEmptySubsequences: false)
                        .map { $0.isEmpty ? "" : String(repeating: " ", count: margin) + $0 }.joined(separator: "\n")
                    return example.contains("\n" + indented)
                }
            }
            #expect(isThere, "no example has\n\(block)")
        }
    }
}
