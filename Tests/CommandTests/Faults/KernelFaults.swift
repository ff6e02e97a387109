//! Calls to the kernel that fail: strace, attached to a running server, answers some of them with an error in the kernel's
//! place. What the server does then it does for a real one, too: nothing in it knows of the test.

internal import Foundation
internal import Testing

final class KernelFaults {
    private static let secondsMax = 10.0

    private let strace: ChildProcess
    private let server: pid_t

    /// Returns once every thread of the server meets the fault.
    /// - Parameters:
    ///   - calls: the names of system calls.
    ///   - error: what they fail with, such as "EIO".
    convenience init(in server: RunningServer, _ calls: [String], error: String) throws {
        try self.init(in: server.processIdentifier, calls, error: error, directory: server.directory)
    }

    private init(in server: pid_t, _ calls: [String], error: String, directory: TemporaryDirectory) throws {
        self.server = server
        let names = calls.joined(separator: ",")
        let errors = directory.url.appending(path: "strace.errors")
        try Data().write(to: errors)
        let handle = try FileHandle(forWritingTo: errors)
        defer { try? handle.close() }
        strace = try ChildProcess(
            Self.strace,
            ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(names)", "-e", "inject=\(names):error=\(error)"]
                + ["-p", "\(server)"],
            in: directory.url, environment: Surroundings.environment(), input: .nullDevice, output: .nullDevice,
            makeErrors: { handle })
        guard try waitUntil({ $0.allSatisfy { $0 != "0" } }) else {
            throw TestFailure("strace did not attach: \(try String(contentsOf: errors, encoding: .utf8))")
        }
    }

    /// Returns once the kernel answers again.
    func end() throws {
        strace.send(SIGTERM)
        _ = try strace.wait(seconds: Self.secondsMax)
        guard try waitUntil({ $0.allSatisfy { $0 == "0" } }) else { throw TestFailure("strace did not let go") }
    }

    /// Waits for the tracers of the server's threads to be so. Nobody is told when that changes.
    private func waitUntil(_ holds: ([Substring]) -> Bool) throws -> Bool {
        let tasks = "/proc/\(server)/task"
        let end = Date(timeIntervalSinceNow: Self.secondsMax)
        while Date() < end {
            let tracers = try FileManager.default.contentsOfDirectory(atPath: tasks).compactMap { thread in
                // A thread may end while we look.
                try? String(contentsOfFile: "\(tasks)/\(thread)/status", encoding: .utf8)
                    .split(separator: "\n").first { $0.hasPrefix("TracerPid:") }?.dropFirst("TracerPid:\t".count)
            }
            if !tracers.isEmpty, holds(tracers) { return true }
            usleep(1_000)
        }
        return false
    }

    // MARK: Whether this can be done here

    fileprivate static let strace = Surroundings.program("strace")

    /// Not every container may look into its processes.
    fileprivate static let mayAttach: Bool = {
        guard FileManager.default.isExecutableFile(atPath: strace.path), let directory = try? TemporaryDirectory(),
            let sleeper = try? ChildProcess(
                Surroundings.program("sleep"), ["60"], in: directory.url, environment: [:], input: .nullDevice,
                output: .nullDevice, makeErrors: { FileHandle.nullDevice }),
            let faults = try? KernelFaults(
                in: sleeper.processIdentifier, ["fdatasync"], error: "EIO", directory: directory)
        else { return false }
        return (try? faults.end()) != nil
    }()
}

extension Trait where Self == ConditionTrait {
    /// Tests of calls to the kernel that fail.
    static var needsStrace: Self {
        .enabled(if: KernelFaults.mayAttach, "needs the command strace, and the right to attach to a process")
    }
}
