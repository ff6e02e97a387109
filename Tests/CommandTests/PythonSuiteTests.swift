//! The suite of independent Python clients (`Tests/Python`), run whole against the command under test.

internal import Foundation
internal import Testing

/// Beside the other tests of the command, not after them: it takes a minute or two, most of it in Python.
@Suite(.ownThread)
struct PythonSuiteTests {
    /// The suite bounds itself; we are bound a little later.
    private static let secondsMax = 300.0

    // Apache's compiler makes the stubs that the suite tests; without it or without the client libraries of
    // Tests/Python/requirements.txt there is nothing to run. .ci/run installs both, so nothing is skipped there.
    @Test(
        "every Python client library agrees with the server",
        .enabled(
            if: PythonSuiteTests.isRunnable,
            "needs Apache's `thrift` compiler, and NEEDLETAIL_TEST_PYTHON with Tests/Python/requirements.txt"))
    func pythonClients() throws {
        let script = Surroundings.root.appending(path: "Tests/Python/run.py")
        let result = try Command.run(
            Self.python, [script.path, Surroundings.binary.path, "--bound", "\(Int(Self.secondsMax))"],
            environment: Surroundings.environment(), secondsMax: Self.secondsMax + 30)
        let shown = Comment(rawValue: result.output + result.errors)
        #expect(result.status == 0, shown)
        let counts = try #require(
            result.outputLines.last?.wholeMatch(of: /(\d+) passed, (\d+) failed, \d+ skipped/), shown)
        #expect(Int(counts.1) ?? 0 > 1_000, shown)
        #expect(counts.2 == "0", shown)
    }

    /// What NEEDLETAIL_TEST_PYTHON names, else the first `python3` of PATH.
    private static var python: URL {
        ProcessInfo.processInfo.environment["NEEDLETAIL_TEST_PYTHON"].map { URL(filePath: $0) }
            ?? inPath("python3") ?? URL(filePath: "/usr/bin/python3")
    }

    private static func inPath(_ name: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static let isRunnable: Bool = {
        let compiler = ProcessInfo.processInfo.environment["THRIFT_COMPILER"] ?? "thrift"
        guard inPath(compiler) != nil || FileManager.default.isExecutableFile(atPath: compiler) else { return false }
        let imports = try? Command.run(
            python, ["-c", "import thrift, thriftpy2, msgpack, umsgpack, pynvim"],
            environment: Surroundings.environment(), secondsMax: 30)
        return imports?.status == 0
    }()
}
