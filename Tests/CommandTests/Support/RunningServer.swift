//! A server of a test's own: in a fresh directory, on ports that it picks itself, ended by its process id. It keeps nothing on
//! disk unless the arguments say `--durability` or `--data-dir`.

internal import Foundation

final class RunningServer: Sendable {
    /// The server's own bound on a stop (`rpc.shutdownTimeout`, 10 s) and some time for a busy machine.
    static let shutdownSecondsMax = 15.0
    private static let readySecondsMax = 30.0

    let directory: TemporaryDirectory
    private let child: ChildProcess
    private let lines: LineReader

    /// The bound ports, as the ready line names them.
    let port: Int
    let adminPort: Int

    /// Returns once the server has said that it is ready.
    /// - Parameters:
    ///   - port: the RPC port; 0: any.
    ///   - starter: a command that runs the command that follows it; empty: none.
    init(
        _ arguments: [String] = [], port: Int = 0, environment: [String: String] = [:],
        in directory: TemporaryDirectory? = nil, through starter: [String] = []
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        let pipe = LockedBox<Pipe?>(nil)
        child = try Self.start(arguments, port: port, environment: environment, in: directory, through: starter) {
            pipe.update {
                $0 = Pipe(); return $0 as Any
            }
        }
        guard let pipe = pipe.value else { throw TestFailure("the server was started without a pipe") }
        lines = LineReader(pipe)
        self.directory = directory
        // A server that does not get ready is killed with the child, whose owner this initialiser is.
        guard let ready = lines.first(within: Self.readySecondsMax, where: { $0.contains("\"rpcPort\"") }),
            case let fields = try JSONValue.object(ready),
            let port = fields["rpcPort"]?.integer, let adminPort = fields["adminPort"]?.integer
        else { throw TestFailure("the server did not get ready; it said:\n\(lines.all.joined(separator: "\n"))") }
        self.port = port
        self.adminPort = adminPort
    }

    private static func start(
        _ arguments: [String], port: Int, environment: [String: String], in directory: TemporaryDirectory,
        through starter: [String] = [], makeErrors: () -> Any
    ) throws -> ChildProcess {
        let keepsNothing = !arguments.contains("--durability") && !arguments.contains("--data-dir")
        return try ChildProcess(
            starter.first.map { URL(fileURLWithPath: $0) } ?? Surroundings.binary,
            (starter.isEmpty ? [] : starter.dropFirst() + [Surroundings.binary.path]) + [
                "serve", "--port", "\(port)", "--admin-port", "0", "--log-format", "json",
            ]
                + (keepsNothing ? ["--durability", "memory"] : []) + arguments, in: directory.url,
            environment: Surroundings.environment(environment), input: .nullDevice, output: .nullDevice,
            makeErrors: makeErrors)
    }

    /// Starts a server and kills it after `seconds`, ready or not.
    static func startAndKill(_ arguments: [String], in directory: TemporaryDirectory, after seconds: Double) throws {
        let child = try start(arguments, port: 0, environment: [:], in: directory) { FileHandle.nullDevice }
        Thread.sleep(forTimeInterval: seconds)
        child.kill()
    }

    deinit { child.kill() }

    var processIdentifier: pid_t { child.processIdentifier }

    func send(_ signal: Int32) { child.send(signal) }

    /// Stops it, as a debugger does; SIGCONT lets it go on.
    func freeze() throws { try child.freeze() }

    /// The exit status; asks for nothing.
    func wait(seconds: Double = shutdownSecondsMax) throws -> Int32 { try child.wait(seconds: seconds) }

    /// Memory of the process that is in RAM, as it says itself.
    func residentBytes() throws -> Int {
        let name = "needletail_process_resident_memory_bytes "
        let metrics = try HTTPAnswer.get("/metrics", port: adminPort).body
        guard let line = metrics.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let value = Double(line.dropFirst(name.count))
        else { throw TestFailure("no \(name)in /metrics") }
        return Int(value)
    }

    /// The value of a metric without labels, and without its prefix; nil if it is not there.
    func metric(_ name: String) throws -> Double? {
        let name = "needletail_\(name) "
        let line = try HTTPAnswer.get("/metrics", port: adminPort).body.split(separator: "\n").first {
            $0.hasPrefix(name)
        }
        return line.flatMap { Double($0.dropFirst(name.count)) }
    }

    /// Waits for a line of the log, and returns it. It may have been written already.
    @discardableResult
    func waitForLog(_ part: String, seconds: Double = 10) throws -> String {
        guard let line = lines.first(within: seconds, where: { $0.contains(part) }) else {
            throw TestFailure("the log did not say '\(part)'; it said:\n\(lines.all.joined(separator: "\n"))")
        }
        return line
    }

    /// All that the server wrote, once it has ended.
    func completeLog() throws -> [String] {
        guard lines.waitForEnd(seconds: 10) else { throw TestFailure("standard error is still open") }
        return lines.all
    }

    /// Runs a client command against this server.
    func run(_ arguments: [String], input: [UInt8] = []) throws -> CommandResult {
        try Command.run(arguments + ["--port", "\(port)"], input: input)
    }

    /// Runs `body` with a server, which must end with 0 on SIGTERM then.
    static func with<Result>(
        _ arguments: [String] = [], environment: [String: String] = [:], in directory: TemporaryDirectory? = nil,
        _ body: (RunningServer) throws -> Result
    ) throws -> Result {
        let server = try RunningServer(arguments, environment: environment, in: directory)
        defer { server.child.kill() }
        let result = try body(server)
        server.send(SIGTERM)
        let status = try server.wait()
        guard status == 0 else {
            throw TestFailure("the server ended with \(status):\n\(server.lines.all.joined(separator: "\n"))")
        }
        return result
    }
}

/// Reads a pipe to its end on a thread, so that the writer never waits for us; hands out lines.
final class LineReader: @unchecked Sendable {
    // `condition` guards the rest.
    private let condition = NSCondition()
    private var lines: [String] = []
    private var isAtEnd = false
    private let pipe: Pipe

    init(_ pipe: Pipe) {
        self.pipe = pipe
        Thread { [self] in readToEnd() }.start()
    }

    private func readToEnd() {
        var rest: [UInt8] = []
        while case let chunk = pipe.fileHandleForReading.availableData, !chunk.isEmpty {
            rest += chunk
            var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            rest = Array(parts.removeLast())
            add(parts.map { String(decoding: $0, as: UTF8.self) })
        }
        if !rest.isEmpty { add([String(decoding: rest, as: UTF8.self)]) }
        try? pipe.fileHandleForReading.close()
        condition.withLock {
            isAtEnd = true
            condition.broadcast()
        }
    }

    private func add(_ more: [String]) {
        condition.withLock {
            lines += more
            condition.broadcast()
        }
    }

    var all: [String] { condition.withLock { lines } }

    /// The first line that holds; nil if none has come when the time is over or the stream has ended.
    func first(within seconds: Double, where holds: (String) -> Bool) -> String? {
        let end = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            var next = 0
            while true {
                while next < lines.count {
                    if holds(lines[next]) { return lines[next] }
                    next += 1
                }
                guard !isAtEnd, condition.wait(until: end) else { return nil }
            }
        }
    }

    func waitForEnd(seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while !isAtEnd { guard condition.wait(until: end) else { return isAtEnd } }
            return true
        }
    }
}

/// A value that threads share.
final class LockedBox<Value>: @unchecked Sendable {
    // `lock` guards `stored`.
    private let lock = NSLock()
    private var stored: Value

    init(_ value: Value) { stored = value }

    var value: Value { lock.withLock { stored } }

    @discardableResult
    func update<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(&stored) }
    }
}
