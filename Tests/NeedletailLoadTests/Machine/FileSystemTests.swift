internal import Foundation
internal import Testing

@testable internal import needletail_load

@Suite struct FileSystemTests {
    private static let mounts = """
        21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        25 21 0:22 / /dev/shm rw,nosuid shared:4 master:2 - tmpfs tmpfs rw,size=64k
        26 21 0:23 / /tmp rw - tmpfs tmpfs rw
        27 26 254:0 /disk /tmp/disk rw - ext4 /dev/vda rw
        28 21 0:24 / /tmp rw - ramfs ramfs rw
        short line
        """

    @Test(
        "the nearest mount point above a path names its file system",
        arguments: [
            ("/", "ext4"), ("/work", "ext4"), ("/dev/shm", "tmpfs"), ("/dev/shm/a/b", "tmpfs"), ("/dev/shmem", "ext4"),
            ("/tmp/disk/a", "ext4"), ("/tmp/other", "ramfs"),
        ])
    func nearest(_ path: String, _ type: String) {
        #expect(FileSystem.type(of: path, mounts: Self.mounts) == type)
    }

    @Test("a file can be written anew where its folder is, and over another")
    func writableFiles() throws {
        let directory = try TemporaryDirectory()
        #expect(FileSystem.canWrite(directory.path("new")))
        #expect(!FileSystem.canWrite(directory.path))
        #expect(!FileSystem.canWrite(directory.path("none/new")))
        #expect(!FileSystem.canWrite(""))
        try "text".write(toFile: directory.path("old"), atomically: true, encoding: .utf8)
        #expect(FileSystem.canWrite(directory.path("old")))
        #expect(FileSystem.canWrite("/dev/null"))
    }

    @Test("where mounts cannot be read, nothing is known")
    func unknown() { #expect(FileSystem.type(of: "/tmp", mounts: "") == nil) }
}
