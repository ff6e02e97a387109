//! A directory for one test, with files in it, in which the built commands are run from outside.

internal import Foundation
internal import Testing

/// All of these tests start processes and wait for them: on threads of their own, off those that all tests share.
@Suite(.serialized, .ownThread)
enum ThriftGenTests {}

final class Workshop: Sendable {
    /// Generous, for a busy machine.
    private static let secondsMax = 60.0

    let url: URL

    /// - Parameter files: contents by name; a name may have folders. What begins with `#!` may be executed.
    init(_ files: [String: String] = [:]) throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "thrift-gen-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        for (name, contents) in files { try write(contents, to: name) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ contents: String, to name: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard contents.hasPrefix("#!") else { return try Data(contents.utf8).write(to: file) }
        // Written by a process of its own: one that another test starts meanwhile would inherit our handle, and while
        // anybody has a program open for writing it cannot be run ("text file busy").
        let text = file.appendingPathExtension("text")
        try Data(contents.utf8).write(to: text)
        defer { try? FileManager.default.removeItem(at: text) }
        let result = try run(URL(filePath: "/usr/bin/install"), ["-m", "755", text.path, file.path])
        guard result.status == 0 else { throw TestFailure("install: \(result.errors)") }
    }

    func contents(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }

    /// The files in a folder and below, in order.
    func files(in folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String } ?? [])
            .filter { name in
                var isFolder: ObjCBool = false
                let path = "\(path(folder))/\(name)"
                return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
            .sorted()
    }

    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs `thrift-gen-swift` in this directory.
    func compile(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try run(Self.tool("thrift-gen-swift"), arguments, environment: environment)
    }

    /// Runs any program in this directory to its end. Its streams are files, so that nobody waits for anybody.
    func run(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], secondsMax: Double = secondsMax
    ) throws -> Result {
        let streams = try ["output", "errors"].map { name in
            let file = FileManager.default.temporaryDirectory.appending(path: "thrift-gen-\(name)-\(UUID().uuidString)")
            try Data().write(to: file)
            return file
        }
        defer { for stream in streams { try? FileManager.default.removeItem(at: stream) } }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: streams[0])
        process.standardError = try FileHandle(forWritingTo: streams[1])
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if ended.wait(timeout: .now() + secondsMax) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            throw TestFailure("\(executable.lastPathComponent) \(arguments) did not end")
        }
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        let texts = try streams.map { try String(contentsOf: $0, encoding: .utf8) }
        return Result(status: status, output: texts[0], errors: texts[1])
    }

    /// A command that was built beside the tests.
    static func tool(_ name: String) -> URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
    }

    /// The repository.
    static let repository: URL = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }()
}

/// What kept a test from saying anything about the product.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
