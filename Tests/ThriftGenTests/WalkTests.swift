internal import Foundation
internal import Testing

/// Documents rot: a new user's walk shows the files of the example, which CI builds.
@Suite("the walk")
struct WalkTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Workshop.repository.appending(path: path), encoding: .utf8)
    }

    private static let walk = "Sources/ThriftIDL/Documentation.docc/YourOwnService.md"

    @Test(
        "shows the example's files as they are",
        arguments: [
            "Greeter/greeter.thrift", "Greeter/GreeterImplementation.swift", "GreeterServer/main.swift",
            "Greet/main.swift",
        ])
    func files(file: String) throws {
        let contents = try Self.text("Tests/Examples/Greeter/Sources/\(file)")
        let language = file.hasSuffix(".swift") ? "swift" : "thrift"
        #expect(try Self.text(Self.walk).contains("`Sources/\(file)`:\n\n```\(language)\n\(contents)```\n"))
    }

    @Test("its manifest is the example's, but for where Needletail is, and for tests")
    func manifest() throws {
        let example = try Self.text("Tests/Examples/Greeter/Package.swift").split(separator: "\n")
        let parts = try Self.text(Self.walk).split(separator: "```swift\n")
        let manifest = try #require(
            parts.first { $0.hasPrefix("// swift-tools-version") }?.split(separator: "```").first)
        let lines = manifest.split(separator: "\n").filter { !$0.contains("needletail.git") }
        #expect(lines.count > 20)
        for line in lines { #expect(example.contains(line), "\(line)") }
    }
}
