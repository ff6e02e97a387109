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

    @Test("where nobody reads its output, it ends in order, as on Ctrl-C")
    func closedPipe() async throws {
        try await onOwnThread {
            let process = Process()
            process.executableURL = Self.command
            process.arguments = [
                "--seconds", "3600", "--keys", "100", "--connections", "2", "--server-executable",
                EndToEndTests.needletail,
            ]
            let output = Pipe()
            try output.fileHandleForReading.close()
            process.standardOutput = output.fileHandleForWriting
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer { process.terminate() }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == ExitStatus.interrupted.rawValue)
        }
    }

    @Test("no signal is ignored in a child")
    func signalsOfChildren() throws {
        let status = try #require(ChildProcess.output(of: "cat", ["/proc/self/status"]))
        let ignored = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") })
        let signals = try #require(ignored.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
        // 32 and 33 are the C library's own, which nobody may set.
        #expect(signals & ~(3 << 31) == 0)
    }
}
