//! What `LogStorage` promises, over the file system and over its twin.

import LogSimulation
import Testing
import WriteAheadLog

@Suite struct StorageBehaviourTests {
    @Test(arguments: Way.allCases) func aNewFileIsEmptyAndListed(way: Way) throws {
        let place = try way.makePlace()
        #expect(try place.storage.list() == [])
        let file = try place.storage.open("a", .create)
        #expect(file.name == "a")
        #expect(try file.size() == 0)
        _ = try place.storage.open("b", .create)
        #expect(try place.storage.list().sorted() == ["a", "b"])
    }

    @Test(arguments: Way.allCases) func aFileIsCreatedOnce(way: Way) throws {
        let place = try way.makePlace()
        _ = try place.storage.open("a", .create)
        let error = #expect(throws: LogStorageError.self) { try place.storage.open("a", .create) }
        #expect(error?.operation == .create && error?.file == "a" && error?.code == 17)
    }

    @Test(arguments: Way.allCases, [LogFileMode.read, .write])
    func whatIsMissingCannotBeOpened(way: Way, mode: LogFileMode) throws {
        let place = try way.makePlace()
        let error = #expect(throws: LogStorageError.self) { try place.storage.open("a", mode) }
        #expect(error?.operation == .open && error?.code == 2)
        #expect(error?.isOutOfSpace == false)
    }

    @Test(arguments: Way.allCases) func writesAreReadAtOnceAndByOthers(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([1, 2, 3, 4], at: 0)
        try file.write([9], at: 2)
        let other = try place.storage.open("a", .read)
        #expect(try other.contents() == [1, 2, 9, 4])
        try file.write([], at: 100)
        #expect(try other.size() == 4)
    }

    @Test(arguments: Way.allCases) func aWriteBeyondTheEndLeavesZerosBetween(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([7], at: 5)
        #expect(try file.contents() == [0, 0, 0, 0, 0, 7])
    }

    @Test(arguments: Way.allCases) func aReadStopsAtTheEnd(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([1, 2, 3], at: 0)
        #expect(try file.read(10, at: 1) == [2, 3])
        #expect(try file.read(10, at: 3) == [])
        #expect(try file.read(10, at: 4_000) == [])
        #expect(try file.read(0) == [])
    }

    @Test(arguments: Way.allCases) func largeWritesAreWhole(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try file.write(bytes, at: 13)
        #expect(try file.read(bytes.count, at: 13) == bytes)
    }

    @Test(arguments: Way.allCases) func aFileForReadingTakesNoWrites(way: Way) throws {
        let place = try way.makePlace()
        _ = try place.storage.open("a", .create)
        let file = try place.storage.open("a", .read)
        let error = #expect(throws: LogStorageError.self) { try file.write([1], at: 0) }
        #expect(error?.operation == .write && error?.code == 9)
    }

    @Test(arguments: Way.allCases) func allocatedSpaceReadsAsZeroAndKeepsWhatWasThere(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([1, 2], at: 0)
        try file.allocate(5_000)
        #expect(try file.contents() == [1, 2] + [UInt8](repeating: 0, count: 4_998))
        try file.allocate(1)
        #expect(try file.contents() == [1])
        try file.allocate(3)
        #expect(try file.contents() == [1, 0, 0])
        try file.allocate(0)
        #expect(try file.size() == 0)
    }

    @Test(arguments: Way.allCases) func truncatingCutsAndExtends(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([1, 2, 3], at: 0)
        try file.truncate(to: 1)
        try file.truncate(to: 3)
        #expect(try file.contents() == [1, 0, 0])
    }

    @Test(arguments: Way.allCases) func zerosAreWrittenWhereTheyShouldBe(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        let bytes = [UInt8](repeating: 1, count: 3 << 20)
        try file.write(bytes, at: 0)
        try file.writeZeros(from: 5, to: 2 << 20 | 7)
        let expected = bytes[..<5] + [UInt8](repeating: 0, count: 2 << 20 | 2) + bytes[(2 << 20 | 7)...]
        #expect(try file.contents() == Array(expected))
        try file.writeZeros(from: 9, to: 9)
        #expect(try file.size() == 3 << 20)
    }

    @Test(arguments: Way.allCases) func aRenameReplaces(way: Way) throws {
        let place = try way.makePlace()
        let old = try place.storage.open("a", .create)
        try old.write([1], at: 0)
        let other = try place.storage.open("b", .create)
        try other.write([2, 2], at: 0)
        try place.storage.rename("a", to: "b")
        #expect(try place.storage.list() == ["b"])
        #expect(try place.storage.open("b", .read).contents() == [1])
        // Open files are the same ones under any name, or none.
        try old.write([5], at: 0)
        #expect(try place.storage.open("b", .read).contents() == [5])
        #expect(try other.contents() == [2, 2])
    }

    @Test(arguments: Way.allCases) func whatIsRemovedIsGone(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try place.storage.remove("a")
        #expect(try place.storage.list() == [])
        try file.write([1], at: 0)
        try file.syncData()
        _ = try place.storage.open("a", .create)
        #expect(try place.storage.open("a", .read).size() == 0)
    }

    @Test(arguments: Way.allCases) func whatIsMissingIsNeitherRenamedNorRemoved(way: Way) throws {
        let place = try way.makePlace()
        let rename = #expect(throws: LogStorageError.self) { try place.storage.rename("a", to: "b") }
        #expect(rename?.operation == .rename && rename?.code == 2)
        let remove = #expect(throws: LogStorageError.self) { try place.storage.remove("a") }
        #expect(remove?.operation == .remove && remove?.code == 2)
    }

    @Test(arguments: Way.allCases) func syncsSucceed(way: Way) throws {
        let place = try way.makePlace()
        let file = try place.storage.open("a", .create)
        try file.write([1], at: 0)
        try file.syncData()
        try place.storage.syncDirectory()
        #expect(try file.contents() == [1])
    }

    @Test(arguments: Way.allCases) func oneHoldsTheLock(way: Way) throws {
        let place = try way.makePlace()
        var first = try place.storage.lock("LOCK")
        #expect(first != nil)
        #expect(try place.storage.lock("LOCK") == nil)
        #expect(try place.storage.lock("ANOTHER") != nil)
        #expect(try place.storage.list().contains("LOCK"))
        first = nil
        #expect(try place.storage.lock("LOCK") != nil)
    }

    @Test(arguments: Way.allCases) func errorsSayWhatFailed(way: Way) throws {
        let place = try way.makePlace()
        let error = #expect(throws: LogStorageError.self) { try place.storage.remove("some file") }
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("cannot remove 'some file': ") && text.count > 28)
    }
}
