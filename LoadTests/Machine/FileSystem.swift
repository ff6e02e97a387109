//! What holds a folder: a disk, or memory.

internal import Foundation

enum FileSystem {
    /// Types of file systems without a disk behind them.
    private static let typesInMemory = ["tmpfs", "ramfs"]

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether a file can be written there: over one that there is, or as a new one in its folder.
    static func canWrite(_ path: String) -> Bool {
        if path.isEmpty || isFolder(path) { return false }
        let files = FileManager.default
        if files.fileExists(atPath: path) { return files.isWritableFile(atPath: path) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        return isFolder(folder) && files.isWritableFile(atPath: folder)
    }

    /// Whether syncing a file there costs nothing, because no disk is behind it.
    static func isInMemory(_ folder: String) -> Bool {
        let path = URL(filePath: folder, directoryHint: .isDirectory).resolvingSymlinksInPath().path
        let mounts = contents(ofFile: "/proc/self/mountinfo") ?? ""
        return type(of: path, mounts: mounts).map(typesInMemory.contains) ?? false
    }

    /// The type of the file system that holds an absolute path: that of the mount point nearest above it, and of several
    /// at the same place the last one, which covers the others.
    /// - Parameter mounts: `/proc/self/mountinfo`, see proc_pid_mountinfo(5).
    static func type(of path: String, mounts: String) -> String? {
        var nearest = ""
        var type: String?
        for line in mounts.split(separator: "\n") {
            // 36 35 98:0 /root /mount/point options [tags ...] - type source options
            let fields = line.split(separator: " ")
            guard fields.count > 4, let separator = fields.firstIndex(of: "-"), separator + 1 < fields.count else {
                continue
            }
            let point = String(fields[4])
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            guard isAbove, point.count >= nearest.count else { continue }
            nearest = point
            type = String(fields[separator + 1])
        }
        return type
    }
}
