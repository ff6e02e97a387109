//! What file systems say of their room, believable or not.

import Testing

@testable import StorageServer

@Suite struct DiskSpaceTests {
    @Test func blocksAreCountedInBytes() {
        let space = DiskSpace(blockBytes: 4_096, blocks: 1_000, free: 250)
        #expect(space.sizeBytes == 4_096_000 && space.freeBytes == 1_024_000)
    }

    @Test(arguments: [UInt64.max, UInt64(Int.max), 1 << 52])
    func figuresThatAreTooLargeAreTheLargest(_ blocks: UInt64) {
        let space = DiskSpace(blockBytes: 4_096, blocks: blocks, free: blocks)
        #expect(space.sizeBytes == .max && space.freeBytes == .max)
        // As of a file system that has given away more than it has, in a number without a sign.
        #expect(DiskSpace(blockBytes: 4_096, blocks: 1_000, free: blocks).freeBytes == 4_096_000)
        #expect(DiskSpace(blockBytes: .max, blocks: blocks, free: 0).freeBytes == 0)
    }
}
