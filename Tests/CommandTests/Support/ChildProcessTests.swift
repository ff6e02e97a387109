internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct ChildProcesses {
        @Test("a process that does not end in time is told with what it does and what it said")
        func whereabouts() throws {
            let directory = try TemporaryDirectory()
            let errors = try FileHandle(forUpdating: URL(filePath: directory.write("", to: "errors")))
            defer { try? errors.close() }
            let child = try ChildProcess(
                Surroundings.program("sh"), ["-c", "echo waiting for nothing >&2; while :; do :; done"],
                in: directory.url, environment: [:], input: .nullDevice, output: .nullDevice, makeErrors: { errors })
            let end = Date(timeIntervalSinceNow: 30)
            while try String(contentsOfFile: directory.path("errors"), encoding: .utf8).isEmpty, Date() < end {
                usleep(1_000)
            }
            try child.freeze()
            let failure = #expect(throws: TestFailure.self) { try child.wait(seconds: 0.01) }
            let text = failure?.description ?? ""
            for part in ["state T", "thread \(child.processIdentifier) sh: state T, in ", "waiting for nothing"] {
                #expect(text.contains(part), "\(text)")
            }
            withExtendedLifetime(directory) {}
        }
    }
}
