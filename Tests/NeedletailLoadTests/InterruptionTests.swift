internal import Foundation
internal import Testing

@testable internal import needletail_load

/// Ctrl-C, as a shell sends it to the command.
@Suite(.serialized) struct InterruptionTests {
    /// The harness' own command, built with the tests.
    private static let command = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "needletail-load")

    @Test("what there is by then is printed and written, marked, and the server is gone")
    func partial() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let (file, json) = (directory.path("long.yaml"), directory.path("result.json"))
            try """
            name: long
            connections: 2
            entries: {count: 100}
            phases:
              - {name: first, workload: get, duration: 100ms, warmUp: 0}
              - {name: second, workload: get, duration: 1h, warmUp: 0}
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let process = Process()
            process.executableURL = Self.command
            process.arguments = ["run", file, "--json", json, "--server-executable", EndToEndTests.needletail]
            var environment = ProcessInfo.processInfo.environment
            environment["TMPDIR"] = directory.path
            process.environment = environment
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer { process.terminate() }
            // The second phase begins when the first is printed, and lasts longer than any test.
            var text = ""
            while !text.contains("server CPU"), case let data = output.fileHandleForReading.availableData, !data.isEmpty
            {
                text += String(decoding: data, as: UTF8.self)
            }
            process.interrupt()
            text += String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == ExitStatus.interrupted.rawValue)
            #expect(text.contains("INTERRUPTED"))
            #expect(text.contains("| first | all | closed loop |"))
            let report = try JSONDecoder().decode(ScenarioReport.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(report.interrupted)
            #expect(report.phases.first?.result?.interrupted == false)
            // What the run made for its server is removed with it.
            let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(left.sorted() == ["long.yaml", "result.json"])
        }
    }
}
