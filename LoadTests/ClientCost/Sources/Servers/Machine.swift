internal import Foundation

/// Executables, and the cores that they run on.
enum Machine {
    /// Where `PATH` has an executable of this name; nil if nowhere.
    static func find(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").lazy
            .map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }

    /// Our own executable.
    static var executable: String { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path }

    /// The first core that we may use, for servers, and the second, for clients; nil if there is only one, or no
    /// `taskset`.
    static let cores: (server: Int, client: Int)? = {
        guard find("taskset") != nil, let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let list = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
        else { return nil }
        // `0-3,6`.
        let cores = list.split(whereSeparator: \.isWhitespace)[1].split(separator: ",").flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            return ends.isEmpty ? [] : Array(ends[0]...ends[ends.count - 1])
        }
        return cores.count < 2 ? nil : (cores[0], cores[1])
    }()
}
