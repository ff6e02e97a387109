//! Has the peers of the cross-test talk to each other: run.py builds them and makes the pairs, we say what it needs and
//! read what it says. ../README.md has the whole story.

internal import Foundation
internal import Testing

@Suite(.serialized)
struct CrossTests {
    @Test(
        "Swift agrees with Apache's C++, as client and as server",
        .enabled(
            if: Driver.canRun(["--without", "python"]),
            "needs Apache's `thrift` compiler, a C++ compiler and libthrift (Debian: thrift-compiler, libthrift-dev)"))
    func cpp() async throws { try await Driver.expectAgreement(["--without", "python"]) }

    @Test(
        "Swift agrees with Apache's Python, as client and as server",
        .enabled(
            if: Driver.canRun(["--without", "cpp"]),
            "needs Apache's `thrift` compiler, and NEEDLETAIL_TEST_PYTHON with Tests/Python/requirements.txt"))
    func python() async throws { try await Driver.expectAgreement(["--without", "cpp"]) }

    @Test(
        "Swift agrees with itself, in MessagePack, too",
        .enabled(if: Driver.canRun(["--without", "cpp", "--without", "python"]), "needs python3"))
    func swift() async throws { try await Driver.expectAgreement(["--without", "cpp", "--without", "python"]) }

    @Test(
        "Apache's C++ agrees with Apache's Python",
        .enabled(if: Driver.canRun([]), "needs what the others need"))
    func apache() async throws { try await Driver.expectAgreement([], withSwift: false) }
}

/// run.py.
enum Driver {
    /// Most of it is the C++ compiler's.
    private static let secondsMax = 900.0

    /// Whether everything is installed that the peers are made of.
    static func canRun(_ arguments: [String]) -> Bool {
        (try? run(arguments + ["--look"], secondsMax: 120))?.status == 0
    }

    static func expectAgreement(_ arguments: [String], withSwift: Bool = true) async throws {
        let swift =
            withSwift
            ? [
                "--around", "swift", "--peer", "swift=\(binary.path)",
                "--server", "swift-synchronous=\(binary.path) --face synchronous",
            ] : []
        // The C++ peer is kept beside the tests, so that it is compiled once.
        let keep = ["--keep", binary.deletingLastPathComponent().appending(path: "crosstest-peers").path]
        // On a thread that may block, off those that all asynchronous tests share.
        let result = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(arguments + keep + swift, secondsMax: secondsMax) })
            }
        }
        // A pair that did not agree says its names, the form and the check.
        #expect(result.status == 0, Comment(rawValue: result.output))
        let counts = try #require(
            result.output.split(separator: "\n").last?.wholeMatch(of: /(\d+) passed, (\d+) failed/),
            Comment(rawValue: result.output))
        #expect(Int(counts.1) ?? 0 > 200, Comment(rawValue: result.output))
        #expect(counts.2 == "0")
    }

    /// Runs it to its end; output and errors go to one file, so that nobody waits for anybody.
    private static func run(
        _ arguments: [String], secondsMax: Double
    ) throws -> (status: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "crosstest-\(UInt32.random(in: 0 ... .max))")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python, script.path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let running = DispatchGroup()
        running.enter()
        process.terminationHandler = { _ in running.leave() }
        try process.run()
        if running.wait(timeout: .now() + secondsMax) != .success {
            // It ends what it started; what does not heed that ends by itself after 120 seconds.
            process.terminate()
            running.wait()
        }
        try output.close()
        return (process.terminationStatus, try String(contentsOf: file, encoding: .utf8))
    }

    private static var python: String { ProcessInfo.processInfo.environment["NEEDLETAIL_TEST_PYTHON"] ?? "python3" }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "run.py")

    /// The peer that was built beside the tests.
    private static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "crosstest-peer")
}
