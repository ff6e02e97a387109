//! What only the file system has: directories, permissions, other processes.

import Glibc
import Testing
import WriteAheadLog

@Suite struct FileLogStorageTests {
    @Test func missingDirectoriesAreMade() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/a/b//c/"
        let storage = try FileLogStorage(directory: path, create: true)
        #expect(storage.path == path)
        #expect(try mode(path) == S_IFDIR | 0o750)
        #expect(try mode("\(directory.path)/a") == S_IFDIR | 0o750)
        _ = try storage.open("f", .create)
        #expect(try mode("\(path)/f") == S_IFREG | 0o640)
        // Once more is no error.
        #expect(try FileLogStorage(directory: path, create: true).list() == ["f"])
    }

    @Test func withoutBeingAskedNoDirectoryIsMade() throws {
        let directory = TemporaryDirectory()
        let error = #expect(throws: LogStorageError.self) {
            try FileLogStorage(directory: "\(directory.path)/a", create: false)
        }
        #expect(error?.operation == .open && error?.code == ENOENT)
        #expect(error?.description == "cannot open '\(directory.path)/a': No such file or directory")
    }

    @Test func aFileIsNoDirectory() throws {
        let directory = TemporaryDirectory()
        _ = try FileLogStorage(directory: directory.path, create: false).open("f", .create)
        for path in ["\(directory.path)/f", "\(directory.path)/f/below"] {
            let error = #expect(throws: LogStorageError.self) { try FileLogStorage(directory: path, create: true) }
            #expect(error?.code == ENOTDIR)
        }
    }

    @Test func directoriesAreNotListed() throws {
        let directory = TemporaryDirectory()
        let storage = try FileLogStorage(directory: directory.path, create: false)
        _ = try FileLogStorage(directory: "\(directory.path)/lost+found", create: true)
        _ = try storage.open("f", .create)
        #expect(try storage.list() == ["f"])
    }

    @Test func allocatingTakesSpace() throws {
        let directory = TemporaryDirectory()
        let storage = try FileLogStorage(directory: directory.path, create: false)
        try storage.open("f", .create).allocate(1 << 20)
        var status = stat()
        #expect(unsafe stat("\(directory.path)/f", &status) == 0)
        #expect(status.st_blocks * 512 >= 1 << 20)
    }

    @Test func whatDoesNotFitIsOutOfSpace() throws {
        // A device that is always full.
        let storage = try FileLogStorage(directory: "/dev", create: false)
        let file = try storage.open("full", .write)
        let error = #expect(throws: LogStorageError.self) { try file.write([1], at: 0) }
        #expect(error?.operation == .write && error?.isOutOfSpace == true)
    }

    @Test func descriptorsAreClosed() throws {
        let directory = TemporaryDirectory()
        let storage = try FileLogStorage(directory: directory.path, create: false)
        let file = try storage.open("f", .create)
        let before = try descriptors(under: directory.path)
        for _ in 0..<10 {
            _ = try storage.open("f", .read).size()
            _ = try storage.lock("LOCK")
            let lock = try storage.lock("LOCK")
            #expect(try storage.lock("LOCK") == nil)
            withExtendedLifetime(lock) {}
            _ = try storage.list()
            _ = try? storage.open("f", .create)
            _ = try? storage.open("g", .read)
        }
        #expect(try descriptors(under: directory.path) == before)
        withExtendedLifetime(file) {}
    }

    /// What this process has open there, with whether it is passed on to children.
    private func descriptors(under path: String) throws -> [String] {
        let numbers = try FileLogStorage(directory: "/proc/self/fd", create: false).list().compactMap { Int32($0) }
        return numbers.compactMap { number -> String? in
            var bytes = [CChar](repeating: 0, count: 4_096)
            let count = unsafe readlink("/proc/self/fd/\(number)", &bytes, bytes.count)
            guard count > 0 else { return nil }
            let target = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard target.hasPrefix(path) else { return nil }
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0, "\(target) would be inherited")
            return target
        }.sorted()
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(unsafe stat(path, &status) == 0)
        return status.st_mode
    }
}
