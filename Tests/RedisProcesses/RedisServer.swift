//! A Redis server as a process of its own, on a port of loopback that was free, in a temporary directory: started,
//! frozen, killed and started again by whoever needs a real one. Nothing of it is left when its owner lets go of it.

internal import Foundation

/// What went wrong with a server that was to help.
public struct RedisProcessError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// One `redis-server`.
public final class RedisServer: @unchecked Sendable {
    /// How long a server has to get ready, and a state to come about.
    public static let readySecondsMax = 30.0
    /// One start at a time: descriptors that another start is about to hand over must not slip into this child.
    private static let starting = NSLock()

    public let port: Int
    /// Where it speaks TLS; 0: nowhere.
    public let tlsPort: Int
    private let directory: URL
    private let arguments: [String]
    private let lock = NSLock()
    // Under the lock.
    private var process: Process

    /// Where `name` is installed; nil if nowhere.
    public static func find(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether servers can be started here.
    public static var isInstalled: Bool { find("redis-server") != nil && find("redis-cli") != nil }

    /// Returns once the server answers.
    /// - Parameters:
    ///   - arguments: in addition to those that make it one of memory only.
    ///   - speaksTLS: on a port of its own, with certificates that the arguments name.
    public init(_ arguments: [String] = [], speaksTLS: Bool = false) throws {
        port = try freePort()
        tlsPort = speaksTLS ? try freePort() : 0
        directory = FileManager.default.temporaryDirectory.appending(
            path: "needletail-redis-\(UInt32.random(in: 0 ... .max))", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        self.arguments =
            [
                "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--daemonize", "no",
                "--dir", directory.path, "--logfile", "log",
            ] + (speaksTLS ? ["--tls-port", "\(tlsPort)"] : []) + arguments
        process = try Self.launch(self.arguments, in: directory)
        try wait("the server answers") { (try? self.command("PING"))?.isEmpty == false }
    }

    deinit {
        Self.end(process)
        try? FileManager.default.removeItem(at: directory)
    }

    private static func launch(_ arguments: [String], in directory: URL) throws -> Process {
        guard let path = find("redis-server") else { throw RedisProcessError("redis-server is not installed") }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try starting.withLock { try process.run() }
        return process
    }

    private static func end(_ process: Process) {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    // MARK: Faults

    /// Stops the process from running, until `resume`; returns when it stands still.
    public func freeze() throws {
        let identifier = lock.withLock { process.processIdentifier }
        _ = Foundation.kill(identifier, SIGSTOP)
        try wait("the process stands still") {
            let line = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
            return line.split(separator: ")").last?.split(separator: " ").first == "T"
        }
    }

    public func resume() { _ = lock.withLock { Foundation.kill(process.processIdentifier, SIGCONT) } }

    /// Ends the process at once.
    public func kill() { lock.withLock { Self.end(process) } }

    /// Starts the server again, on its port and with its directory; returns when there is a process.
    public func restart() throws {
        try lock.withLock {
            Self.end(process)
            process = try Self.launch(arguments, in: directory)
        }
    }

    public var isRunning: Bool { lock.withLock { process.isRunning } }

    // MARK: Commands

    /// What `redis-cli` prints for a command.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        guard let path = Self.find("redis-cli") else { throw RedisProcessError("redis-cli is not installed") }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-p", "\(port)"] + words
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // A server that got hold of the pipe would keep it open for as long as it runs.
        let output = try Self.starting.withLock {
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            return output
        }
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RedisProcessError("redis-cli \(words.joined(separator: " ")) failed")
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The value of `name:value` in what `words` print.
    func field(_ name: String, of words: String...) throws -> String? {
        try command(words[0], words[1]).split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
            .map { String($0.dropFirst(name.count + 1)) }
    }
}

/// Waits until `condition` holds.
public func wait(
    _ what: String, seconds: Double = RedisServer.readySecondsMax, until condition: () throws -> Bool
) throws {
    let end = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < end else { throw RedisProcessError("waited in vain: \(what)") }
        usleep(5_000)
    }
}

/// A port of loopback that nobody listens on now.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    // Sound: the address outlives the calls, and its size is given.
    let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
        }
    }
    guard descriptor >= 0, status else { throw RedisProcessError("no port is free") }
    return Int(UInt16(bigEndian: address.sin_port))
}
