//! A process that we started, on a core of its own where there are two, in a group of its own so that Ctrl-C reaches only
//! us; ended by its id, with its owner.

internal import Foundation

final class ChildProcess {
    /// How long a process has between being asked to end and being killed, in seconds.
    private static let shutdownSecondsMax = 10.0
    private static let pollSeconds = 0.005

    private let process = Process()
    private let name: String
    private let log: URL

    /// - Parameters:
    ///   - core: where it may run; nil: everywhere.
    ///   - directory: for what it says.
    init(_ executable: String, _ arguments: [String], on core: Int?, in directory: URL) throws {
        name = URL(filePath: executable).lastPathComponent
        log = directory.appending(path: "\(name)-\(UUID().uuidString)")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        let pinned = core.map { ["taskset", "-c", "\($0)"] } ?? []
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = pinned + [executable] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        Self.unblockSignals()
        try process.run()
    }

    deinit { stop() }

    /// An asynchronous `main` runs on a thread of Dispatch's, which block signals. A child inherits that, and would not
    /// end when it is asked to.
    private static func unblockSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// What it has said so far.
    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Waits until `probe` finds something in what it says, or until it has ended.
    /// - Returns: nil if it ended without it.
    func wait<Found>(seconds: Double, for probe: (String) -> Found?) throws -> Found? {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            // In this order: what it said last is looked at once more.
            let isRunning = process.isRunning
            if let found = probe(output) { return found }
            if !isRunning { return nil }
            try Interruption.check()
            Thread.sleep(forTimeInterval: Self.pollSeconds)
        }
        throw CostError("\(name) took longer than \(Int(seconds)) s; it said: \(output)")
    }

    /// Waits until it has ended by itself.
    /// - Returns: what it said.
    func result(seconds: Double) throws -> String {
        _ = try wait(seconds: seconds) { _ in Never?.none }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw CostError("\(name) failed; it said: \(output)")
        }
        return output
    }

    /// Asks it to end, and kills it if it does not.
    func stop() {
        if process.isRunning { process.terminate() }
        let end = Date(timeIntervalSinceNow: Self.shutdownSecondsMax)
        while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: Self.pollSeconds) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
