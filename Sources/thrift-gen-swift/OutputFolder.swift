//! Where generated files go. All are written beside their places first and then moved there, so that a reader sees a file
//! whole, and a full disk leaves what was there before. What would not change is not touched: builds look at times.

internal import Foundation
internal import ThriftIDL

struct OutputFolder {
    let path: String

    /// A file that waits, complete, to take its place.
    private struct Staged {
        var temporary: String
        var final: String
    }

    /// - Throws: `Failure`.
    func write(_ files: [GeneratedFile]) throws {
        var staged: [Staged] = []
        defer { for file in staged { unsafe unlink(file.temporary) } }
        for file in files {
            precondition(Self.isName(file.name), "names are checked where they come from")
            let final = "\(path)/\(file.name)"
            let bytes = Array(file.contents.utf8)
            if case .bytes(bytes) = readFile(final) { continue }
            try Self.makeFolder(of: final)
            let temporary = "\(final).\(getpid()).new"
            staged.append(Staged(temporary: temporary, final: final))
            try Self.create(temporary, bytes)
        }
        // A folder of that name is the one thing that would stop us halfway.
        for file in staged where Self.isFolder(file.final) { throw Failure("'\(file.final)' is a folder") }
        for file in staged {
            guard unsafe rename(file.temporary, file.final) == 0 else {
                throw Failure("'\(file.final)' cannot be written: \(systemReason())")
            }
        }
        if files.isEmpty { try Self.makeFolder(of: "\(path)/") }
    }

    /// - Throws: `Failure` where one of `files` is there already.
    func checkIsNew(_ files: [GeneratedFile]) throws {
        for file in files where FileManager.default.fileExists(atPath: "\(path)/\(file.name)") {
            throw Failure("'\(path)/\(file.name)' is there already: choose a folder without it")
        }
    }

    /// Whether `name` is one of a file in the folder or in one of its own.
    static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !["", ".", ".."].contains($0) } && !name.contains("\0")
    }

    private static func makeFolder(of file: String) throws {
        guard let slash = file.lastIndex(of: "/") else { return }
        let folder = String(file[..<slash])
        if folder.isEmpty || isFolder(folder) { return }
        try makeFolder(of: folder)
        guard unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST else {
            throw Failure("the folder '\(folder)' cannot be made: \(systemReason())")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func create(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure("'\(path)' cannot be written: \(systemReason())") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure("'\(path)' cannot be written: \(systemReason())") }
            rest = rest.dropFirst(count)
        }
    }
}
