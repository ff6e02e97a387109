internal import ArgumentParser
internal import Foundation
internal import ThriftIDL

/// Whether a package is to be begun.
struct ScaffoldOptions: ParsableArguments {
    /// Where the package of this command is published.
    private static let url = "https://github.com/needletail/needletail.git"

    @Option(
        help: ArgumentHelp(
            "Begin a package of this name instead: handler, server and tests for the file's last service.",
            discussion: "It is also the name of the Swift module. A file that is there already is never replaced.",
            valueName: "name"))
    var scaffold: String?

    @Option(
        name: .customLong("needletail-path"),
        help: ArgumentHelp(
            "Have the new package use this checkout of Needletail instead of a release.", valueName: "dir"))
    var needletailPath: String?

    func validate() throws {
        guard let scaffold else {
            if needletailPath != nil { throw ValidationError("--needletail-path needs a --scaffold") }
            return
        }
        guard ServiceScaffold.isName(scaffold) else {
            throw ValidationError("'\(scaffold)' cannot be the name of a Swift module: expected one like 'Greeter'")
        }
    }

    /// The new package's files; nil if there is to be none.
    /// - Throws: `Failure`.
    func files(for program: Program) throws -> [GeneratedFile]? {
        guard let scaffold else { return nil }
        let dependency: ServiceScaffold.Dependency =
            needletailPath.map { .folder($0) } ?? .released(url: Self.url, from: thriftGenVersion)
        do {
            let package = ServiceScaffold(program: program, name: scaffold, dependency: dependency)
            let (files, copies) = try package.generate()
            return try files + copies.map { try Self.file($0) }
        } catch let refusal as ServiceScaffold.Refusal {
            throw Failure(refusal.message)
        }
    }

    private static func file(_ copy: ServiceScaffold.Copy) throws -> GeneratedFile {
        guard case .bytes(let bytes) = readFile(copy.source) else { throw Failure("'\(copy.source)' is gone") }
        return GeneratedFile(name: copy.name, contents: String(decoding: bytes, as: UTF8.self))
    }
}
