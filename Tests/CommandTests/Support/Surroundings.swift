//! Where things are: the command under test, the repository, directories that go away.

internal import Foundation

enum Surroundings {
    /// Whether tests do the counts that a release asks for (`TEST_SCALE=full`).
    static let isFullScale = ProcessInfo.processInfo.environment["TEST_SCALE"] == "full"

    /// The repository: three levels above this directory's files.
    static let root: URL = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }()

    /// The command: what `NEEDLETAIL_TEST_BINARY` names, or what was built beside the tests, or the debug build.
    static let binary: URL = {
        if let path = ProcessInfo.processInfo.environment["NEEDLETAIL_TEST_BINARY"] { return URL(filePath: path) }
        let beside = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "needletail")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return root.appending(path: ".build/debug/needletail")
    }()

    /// The program of this name on the path; where there is none, a path that does not exist.
    static func program(_ name: String) -> URL {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? URL(filePath: "/usr/bin/\(name)")
    }

    /// Allows this process, and those that it starts, as many open files.
    /// - Returns: false if it may not.
    static func raiseOpenFiles(to count: Int) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        if limit.rlim_cur >= count { return true }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(count)))
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit.rlim_cur >= count
    }

    /// This process's environment without the variables that a server would read.
    static func environment(_ more: [String: String] = [:]) -> [String: String] {
        ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("NEEDLETAIL_") }
            .merging(more) { _, new in new }
    }
}

/// What kept a test from saying anything about the product.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A directory for one test, removed with it. Its path is short enough for a Unix socket.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "nt-\(UInt32.random(in: 0 ... .max))", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }
}
