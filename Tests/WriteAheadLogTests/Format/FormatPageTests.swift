import Foundation
import LogSimulation
import Testing
import Timing
import WriteAheadLog

/// The page about the format is right.
@Suite struct FormatPageTests {
    private static let page = "Sources/WriteAheadLog/Documentation.docc/LogFormat.md"

    /// The bytes of the page's example.
    private func example() throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(Self.page), encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```").dropFirst().first)
        return block.split(separator: "\n").flatMap { line in
            line.dropFirst(6).prefix(47).split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    @Test func theExampleIsWhatTheLogWrites() throws {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes("needletail-data 1 0123456789abcdef\n"))
        let time = ManualTime(wall: WallTime(milliseconds: 1_700_000_000_000))
        let run = try LogRun(storage, clock: .manual(time))
        _ = try run.log.appendPut(
            unsafe bytes("bird").span.bytes, value: unsafe bytes("needletail").span.bytes,
            expiry: WallTime(milliseconds: 2_000_000_000_000))
        try run.remove("bird")
        run.log.commit()
        let example = try example()
        #expect(example.count == 184)
        #expect(run.storage.disk.contents(LogFormat.segmentName(1))?.prefix(184) == example[...])
    }

    /// What the page's example was before records were sealed.
    private static let exampleOfVersion1 = """
        4e444c544c4f470a010000001c78002fefcdab89674523010100000000000000000000000000000000401e18240a0600
        00100000000000000000000000000000813689520c000000000000000000000005000000000000000000000000000000
        1a064cfb1a00000001000000000000000101040000204aa9d1010000626972646e6565646c657461696c000000000000
        9c62da84080000000200000000000000020004006269726400000000000000000000000000000000
        """

    /// A directory whose only segment is of version 1.
    private func directoryOfVersion1() throws -> SimulatedLogStorage {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes("needletail-data 1 0123456789abcdef\n"))
        let digits = Array(Self.exampleOfVersion1.filter { !$0.isWhitespace })
        let example = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        #expect(example.count == 184)
        storage.disk.setContents(
            LogFormat.segmentName(1), example + [UInt8](repeating: 0, count: 4_096 - example.count))
        return storage
    }

    @Test func aFileOfVersion1IsRead() throws {
        let storage = try directoryOfVersion1()
        let run = try LogRun(storage)
        #expect(run.report.records == 2 && run.report.tail == nil)
        #expect(run.recovered.lastLSN == 2)
        // The log goes on in a segment of today's version.
        try run.put("bird", "needletail")
        run.sync()
        #expect(run.storage.disk.contents(LogFormat.segmentName(2))?[8] == 2)
        #expect(try LogRun(run.killed()).entries.texts["bird"] == "needletail")
    }

    /// What its records are sealed with is found out from what is left of the header, or from the records.
    @Test(arguments: [[3], [12], [16], Array(0..<64)])
    func aFileOfVersion1WhoseHeaderIsDamagedIsNotTakenForAnEmptyOne(_ damaged: [Int]) throws {
        let storage = try directoryOfVersion1()
        let name = LogFormat.segmentName(1)
        var contents = try #require(storage.disk.contents(name))
        for offset in damaged { contents[offset] = damaged.count == 1 ? ~contents[offset] : 0 }
        storage.disk.setContents(name, contents)
        #expect(throws: LogRecoveryError.self) { try LogRun(storage) }
        #expect(try LogRun(storage, salvage: true).report.records == 2)
    }

    @Test func theExampleIsRead() throws {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes("needletail-data 1 0123456789abcdef\n"))
        let example = try example()
        storage.disk.setContents(
            LogFormat.segmentName(1), example + [UInt8](repeating: 0, count: 4_096 - example.count))
        let found = try LogVerification.run(storage)
        #expect(found.records == 2)
        #expect(found.damages.isEmpty)
        #expect(found.tail == nil)
    }
}
