//! A server that the harness started: on loopback, on a port that was free, without persistence, in a temporary
//! directory; ended with its owner.

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
    /// Memory that memcached may take; its own default would throw entries away.
    private static let memcachedMegabytes = 8_192

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
    ///   - executable: what to start; nil: as `ServerKind.find` finds it.
    ///   - cores: where it may run; nil: everywhere.
    init(_ kind: ServerKind, executable: String? = nil, eventLoops: Int = 1, on cores: CoreSet?) throws {
        guard let path = kind.find(named: executable) else {
            throw ServerError("\(executable ?? kind.executable) is not installed, or cannot be executed")
        }
        self.kind = kind
        version = ServerKind.version(of: path)
        directory = try TemporaryDirectory()
        let log = directory.path("log")
        let port = kind == .needletail ? 0 : try Socket.freePort()
        child = try ChildProcess(
            path, Self.arguments(kind, port: port, eventLoops: eventLoops, directory), on: cores, output: log)
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

    /// Ends the server; returns when it has ended.
    func stop() { child.stop() }

    /// Stops the process from running, as a hiccup would, until `resume`.
    func freeze() { child.send(SIGSTOP) }
    func resume() { child.send(SIGCONT) }

    private static func arguments(
        _ kind: ServerKind, port: Int, eventLoops: Int, _ directory: TemporaryDirectory
    ) -> [String] {
        switch kind {
        case .needletail:
            [
                "serve", "--port", "0", "--admin-port", "0", "--durability", "memory", "--event-loops", "\(eventLoops)",
                "--data-dir", directory.path("data"), "--log-format", "json",
            ]
        case .redis:
            [
                "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no",
                "--dir", directory.path, "--daemonize", "no",
            ]
        case .memcached:
            ["-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-t", "1", "-m", "\(memcachedMegabytes)"]
                // It refuses to run as root unless it is told who to be instead.
                + (geteuid() == 0 ? ["-u", "root"] : [])
        }
    }

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
