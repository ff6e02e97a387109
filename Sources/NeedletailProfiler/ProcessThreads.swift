//! The process's threads, as `/proc/self/task` lists them.

internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum ProcessThreads {
    /// The kernel's numbers of the threads that there are now.
    static func all(max: Int) -> [Int32] {
        guard let directory = unsafe opendir("/proc/self/task") else { return [] }
        defer { unsafe closedir(directory) }
        var threads: [Int32] = []
        while threads.count < max, let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let thread = Int32(name) { threads.append(thread) }
        }
        return threads
    }

    /// Its name, at most 15 bytes; what it was is not known any more when it has ended.
    static func name(of thread: Int32) -> String {
        let text = ProcFile.read("/proc/self/task/\(thread)/comm", bytesMax: 64) ?? "ended"
        return FrameName.plain(text.last == "\n" ? String(text.dropLast()) : text)
    }
}

/// Files that the kernel makes as they are read.
enum ProcFile {
    /// At most `bytesMax` of the file; nil if there is none.
    static func read(_ path: String, bytesMax: Int = 4 << 20) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? file.close() }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while content.count < bytesMax {
            guard let count = try? unsafe chunk.withUnsafeMutableBytes({ unsafe try file.read(into: $0) }), count > 0
            else { break }
            content += chunk.prefix(count)
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The path of the program that runs.
    static var program: String? {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe path.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", start, bytes.count)
        }
        return count > 0 ? String(decoding: path.prefix(count), as: UTF8.self) : nil
    }
}
