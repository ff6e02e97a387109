//! Documents rot: what the README names must be there.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Documents {
        @Test("every path that README.md names exists")
        func paths() throws {
            let readme = try Markdown(Surroundings.root.appending(path: "README.md"))
            let topLevel = Set(try FileManager.default.contentsOfDirectory(atPath: Surroundings.root.path))
            let named = readme.code.flatMap { $0.split(whereSeparator: \.isWhitespace) }
                .filter { Self.isPath($0, topLevel: topLevel) }
                .map(String.init)
            let missing = Set(named + readme.links).filter {
                !FileManager.default.fileExists(atPath: Surroundings.root.appending(path: $0).path)
            }
            #expect(missing.isEmpty, "missing: \(missing.sorted())")
        }

        @Test("every command that README.md names is one")
        func commands() throws {
            let readme = try Markdown(Surroundings.root.appending(path: "README.md"))
            let help = try Command.run(["--help"])
            let known = Self.subcommands(help.outputLines)
            #expect(known.isSuperset(of: ["serve", "config", "get", "stats"]), "the help is understood")
            let pattern = /(?:^|[\s\/`])needletail[ \t]+([a-z][a-z-]*)/.anchorsMatchLineEndings()
            let named = Set(readme.code.flatMap { $0.matches(of: pattern).map { String($0.1) } })
            #expect(named.subtracting(known).isEmpty)
        }

        /// Whether a word of code is a path of the repository: it lies in one of its directories, or is a document.
        private static func isPath(_ word: Substring, topLevel: Set<String>) -> Bool {
            guard word.wholeMatch(of: /[A-Za-z0-9_.+\/-]+/) != nil, !word.hasPrefix("/"), !word.hasPrefix("-") else {
                return false
            }
            let parts = word.split(separator: "/")
            guard let first = parts.first(where: { $0 != "." }) else { return false }
            // What a build or a run makes is not in the repository.
            if first == ".build" { return false }
            let directories: Set = ["Sources", "Tests", "config", ".ci", "docs", "Benchmarks", "examples"]
            if word.contains("/") { return directories.contains(String(first)) || topLevel.contains(String(first)) }
            return word.hasSuffix(".md") || word == "Package.swift"
        }

        /// The names in the sections of `--help` that list subcommands.
        private static func subcommands(_ help: [String]) -> Set<String> {
            var names: Set<String> = []
            var isListed = false
            for line in help {
                if !line.hasPrefix(" ") { isListed = line.hasSuffix("SUBCOMMANDS:") }
                if isListed, let match = line.prefixMatch(of: /\ {2}([a-z][a-z-]*)/) { names.insert(String(match.1)) }
            }
            return names
        }
    }
}

/// What the tests want of a Markdown file.
private struct Markdown {
    /// Code: spans in backticks, and the lines of fenced blocks without their comments.
    private(set) var code: [String] = []
    /// Targets of links into the repository, without fragments.
    private(set) var links: [String] = []

    init(_ file: URL) throws {
        var isFenced = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                code.append(String(line).replacing(/(^|\s)#.*/, with: ""))
            } else {
                code += line.matches(of: /`([^`]+)`/).map { String($0.1) }
                links += line.matches(of: /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/).map { String($0.1) }
            }
        }
        links.removeAll { $0.contains(":") }
    }
}
