import Foundation
import Testing
import ThriftIDL

struct CorpusTests {
    @Test("what Apache's compiler accepts is accepted", arguments: Corpus.files(.accepted) + Corpus.files(.newer))
    func accepted(file: Corpus.File) {
        let (program, diagnostics) = file.load()
        #expect(program != nil, "\(diagnostics.rendered())")
        #expect(!diagnostics.contains { $0.severity == .error })
    }

    @Test("what breaks a rule is rejected with that rule", arguments: Corpus.files(.rejected) + Corpus.files(.stricter))
    func rejected(file: Corpus.File) throws {
        let (program, diagnostics) = file.load()
        #expect(program == nil)
        let expected = try #require(file.expectation)
        let errors = diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(errors.contains { $0.contains(expected) }, "\(diagnostics.rendered())")
        // One mistake, one error.
        #expect(errors.count == 1, "\(diagnostics.rendered())")
    }

    @Test("the corpus has a file for each of at least sixty rules on which we agree")
    func size() {
        #expect(Corpus.files(.accepted).count + Corpus.files(.rejected).count >= 60)
    }

    @Test(
        "Apache's compiler agrees on the corpus, where it is installed", .enabled(if: ApachePeer.isInstalled),
        arguments: Corpus.files)
    func agreement(file: Corpus.File) async throws {
        // Reads beyond the end of the file for ever.
        guard file.path != "stricter/comment-without-end.thrift" else { return }
        let accepts = try ApachePeer.accepts(file)
        switch file.folder {
        case .accepted: #expect(accepts)
        case .rejected, .newer: #expect(!accepts)
        case .stricter: #expect(accepts || file.name == "include-circle")
        }
    }
}

/// Apache's compiler, 0.17 as in Debian.
private enum ApachePeer {
    static let executable = "/usr/bin/thrift"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: executable)

    static func accepts(_ file: Corpus.File) throws -> Bool {
        let output = FileManager.default.temporaryDirectory.appending(path: "thrift-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = [
            "-I", Corpus.root.appending(path: "included").path, "--gen", "cpp", "-out", output.path,
            Corpus.root.appending(path: file.path).path,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }
}
