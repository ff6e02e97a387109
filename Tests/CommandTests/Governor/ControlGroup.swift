//! A control group of a test's own, where the machine lets tests make some: version 2, or the controllers of version 1.

internal import Foundation

final class ControlGroup: Sendable {
    private static let root = "/sys/fs/cgroup"
    private static let isVersion2 = FileManager.default.fileExists(atPath: root + "/cgroup.controllers")
    private static let name = "needletail-test-"

    private let directories: [String]

    /// Whether a group can be made, and limited.
    static let isPossible: Bool = {
        guard let group = try? ControlGroup(quotaMilliCPUs: 1_000, memoryBytes: 1 << 30) else { return false }
        group.remove()
        return true
    }()

    init(quotaMilliCPUs: Int, memoryBytes: Int) throws {
        let name = Self.name + UUID().uuidString
        directories =
            Self.isVersion2
            ? ["\(Self.root)/\(name)"] : ["cpu", "memory"].map { "\(Self.root)/\($0)/\(name)" }
        do {
            for directory in directories {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            }
            if !Self.isVersion2 { try write("100000", to: "cpu.cfs_period_us") }
            try setQuota(milliCPUs: quotaMilliCPUs)
            try write("\(memoryBytes)", to: Self.isVersion2 ? "memory.max" : "memory.limit_in_bytes")
        } catch {
            remove()
            throw error
        }
    }

    /// From now on.
    func setQuota(milliCPUs: Int) throws {
        if Self.isVersion2 {
            try write("\(milliCPUs * 100) 100000", to: "cpu.max")
        } else {
            try write("\(milliCPUs * 100)", to: "cpu.cfs_quota_us")
        }
    }

    /// Into the directory that has the file; there must be one.
    private func write(_ text: String, to file: String) throws {
        guard let path = directories.map({ "\($0)/\(file)" }).first(where: FileManager.default.fileExists),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw TestFailure("no group has a \(file) that can be written") }
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// What runs a command in the group, from its first instruction on.
    var starter: [String] {
        let joining = directories.map { "echo $$ > \($0)/cgroup.procs && " }.joined()
        return ["/bin/sh", "-c", joining + "exec \"$@\"", "sh"]
    }

    /// Once nothing runs in it any more.
    func remove() {
        for directory in directories { unsafe rmdir(directory) }
    }

    deinit { remove() }
}
