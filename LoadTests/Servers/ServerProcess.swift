//! A server that the harness started: on loopback, on a port that was free, in a temporary directory; ended with its
//! owner.

internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Why a server is not there.
struct ServerError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

final class ServerProcess {
    /// How long a server has to get ready.
    private static let readyMillisMax = 20_000
    /// How much of what it said is quoted, in characters.
    private static let quotedMax = 500

    let kind: ServerKind
    let version: String
    let address: Address
    /// Needletail's port for metrics.
    let adminPort: Int?
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    var process: Int32 { child.identifier }

    /// Returns once the server takes connections.
    /// - Parameters:
    ///   - directory: where it works, as `plan` makes it; nil: one that goes away with the server.
    ///   - cores: where it may run; nil: everywhere.
    init(_ plan: ServerPlan, in directory: TemporaryDirectory? = nil, on cores: CoreSet?) throws {
        let path = try plan.findExecutable()
        kind = plan.kind
        version = ServerKind.version(of: path)
        let directory = try directory ?? plan.makeDirectory()
        self.directory = directory
        let log = directory.path("log")
        let port = plan.kind == .needletail ? 0 : try Socket.freePort()
        child = try ChildProcess(
            path, plan.arguments(port: port, in: directory.path("data")), on: cores, output: log)
        if kind == .needletail {
            let line = try Self.wait(for: child, log) {
                contents(ofFile: log)?.split(separator: "\n").first { $0.contains("\"rpcPort\"") }
            }
            guard let port = Self.number("rpcPort", in: line), let adminPort = Self.number("adminPort", in: line) else {
                throw ServerError("the server's ready line is not understood: \(line)")
            }
            address = .loopback(port)
            self.adminPort = adminPort
        } else {
            let address = Address.loopback(port)
            try Self.wait(for: child, log) { (try? Socket.connect(to: address))?.closeDescriptor() }
            self.address = address
            adminPort = nil
        }
    }

    /// Asks the server to end, and does not wait: several end at the same time.
    func askToStop() { child.send(SIGTERM) }

    /// Ends the server; returns when it has ended.
    func stop() { child.stop() }

    /// Ends the server.
    /// - Throws: if it had to be killed, or says that something is lost.
    func stopInOrder() throws {
        child.stop()
        guard child.hasSucceeded else {
            let said = contents(ofFile: directory.path("log")) ?? ""
            throw ServerError("\(kind.title) did not end in order; it said at last: \(said.suffix(Self.quotedMax))")
        }
    }

    /// Kills the server, as a crash would; returns when it has ended.
    func kill() { child.endAtOnce() }

    /// Stops the process from running, as a hiccup would, until `resume`.
    func freeze() { child.send(SIGSTOP) }
    func resume() { child.send(SIGCONT) }

    /// Waits for `probe` to find something, as long as the server is running and the time is not over.
    @discardableResult
    private static func wait<Found>(
        for child: ChildProcess, _ log: String, _ probe: () -> Found?
    ) throws -> Found {
        var waitedMillis = 0
        while waitedMillis < readyMillisMax {
            if let found = probe() { return found }
            try Interruption.check()
            guard child.isRunning else { break }
            ThreadTime.sleep(milliseconds: 10)
            waitedMillis += 10
        }
        throw ServerError("the server did not get ready; it said: \(contents(ofFile: log) ?? "nothing")")
    }

    /// The number of `"name":"123"` or `"name":123`.
    private static func number(_ name: String, in line: Substring) -> Int? {
        guard let start = line.range(of: "\"\(name)\"")?.upperBound else { return nil }
        return Int(line[start...].drop { !$0.isNumber }.prefix { $0.isNumber })
    }
}
