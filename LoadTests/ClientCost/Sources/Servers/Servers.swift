//! The servers that are called: on loopback, on ports that were free, without persistence; ended with their owner.

internal import Foundation

/// A server that takes connections.
struct Server {
    /// How long a server has to get ready, in seconds.
    private static let readySecondsMax = 20.0
    /// Ports that are tried for a server that cannot choose one itself.
    private static let ports = 20_000...30_000
    private static let portsTriedMax = 10

    let port: Int
    private let process: ChildProcess

    func stop() { process.stop() }

    /// - Parameters:
    ///   - executable: of `needletail`.
    ///   - directory: for its data and what it says.
    static func needletail(_ executable: String, in directory: URL) throws -> Server {
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw CostError(
                """
                \(executable) is not there. In the main package: swift build -c release --product needletail; \
                or name another one with --needletail
                """)
        }
        return try start(
            executable,
            [
                "serve", "--port", "0", "--admin-port", "0", "--event-loops", "1", "--durability", "memory",
                "--data-dir", directory.appending(path: "data").path, "--log-format", "json",
            ], in: directory)
    }

    static func grpc(in directory: URL) throws -> Server {
        try start(Machine.executable, ["serve-grpc"], in: directory)
    }

    /// nil if Redis is not installed.
    static func redis(in directory: URL) throws -> Server? {
        guard let executable = Machine.find("redis-server"), Machine.find("redis-benchmark") != nil else { return nil }
        for _ in 0..<portsTriedMax {
            let port = Int.random(in: ports)
            let process = try ChildProcess(
                executable,
                [
                    "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--daemonize", "no",
                    "--dir", directory.path,
                ], on: Machine.cores?.server, in: directory)
            let isReady = try process.wait(seconds: readySecondsMax) {
                $0.contains("Ready to accept connections") ? true : nil
            }
            if isReady == true { return Server(port: port, process: process) }
        }
        throw CostError("redis-server found no free port")
    }

    /// Starts a server that says its port as `"rpcPort":"123"` or `"rpcPort":123` once it takes connections.
    private static func start(_ executable: String, _ arguments: [String], in directory: URL) throws -> Server {
        let process = try ChildProcess(executable, arguments, on: Machine.cores?.server, in: directory)
        let port = try process.wait(seconds: readySecondsMax) { output in
            output.firstMatch(of: /"rpcPort":"?([0-9]+)/).flatMap { Int($0.1) }
        }
        guard let port else { throw CostError("\(executable) did not get ready; it said: \(process.output)") }
        return Server(port: port, process: process)
    }
}
