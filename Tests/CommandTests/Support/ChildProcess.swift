//! A process that we started: its end can be waited for with a bound, and nothing of it is left when we let go of it.

internal import Foundation

final class ChildProcess: Sendable {
    /// One start at a time: descriptors that another start is about to hand over must not slip into this child.
    private static let starting = NSLock()

    private let process = Process()
    private let running = DispatchGroup()

    /// - Parameter errors: A `Pipe` or a `FileHandle` for standard error.
    init(
        _ executable: URL, _ arguments: [String], in directory: URL, environment: [String: String], input: FileHandle,
        output: FileHandle, makeErrors: () -> Any
    ) throws {
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        running.enter()
        process.terminationHandler = { [running] _ in running.leave() }
        do {
            try Self.starting.withLock {
                process.standardError = makeErrors()
                try Self.withoutBlockedSignals { try process.run() }
            }
        } catch {
            process.terminationHandler = nil
            running.leave()
            throw error
        }
    }

    /// A child begins with the signals blocked that its starter blocks. Threads of Dispatch, which tests run on, block most.
    private static func withoutBlockedSignals(_ start: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try start()
    }

    deinit { kill() }

    var isRunning: Bool { process.isRunning }

    var processIdentifier: pid_t { process.processIdentifier }

    /// Sends `signal` to this very process, if it still runs.
    func send(_ signal: Int32) {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, signal)
    }

    /// Stops the process, and returns when all of its threads stand still.
    func freeze() throws {
        send(SIGSTOP)
        let tasks = "/proc/\(process.processIdentifier)/task"
        let end = Date(timeIntervalSinceNow: 10)
        while Date() < end {
            let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
            if threads.allSatisfy({ Self.state(at: "\(tasks)/\($0)") == "T" }) { return }
            usleep(1_000)
        }
        throw TestFailure("process \(process.processIdentifier) did not stop")
    }

    /// The exit status once the process has ended; the negative signal that ended it, if one did.
    func wait(seconds: Double) throws -> Int32 {
        guard running.wait(timeout: .now() + seconds) == .success else {
            throw TestFailure(
                "process \(process.processIdentifier) did not end within \(seconds) s: "
                    + (process.arguments ?? []).joined(separator: " ") + "\n\(whereabouts)")
        }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    func kill() {
        send(SIGKILL)
        running.wait()
    }
}
