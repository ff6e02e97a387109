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
