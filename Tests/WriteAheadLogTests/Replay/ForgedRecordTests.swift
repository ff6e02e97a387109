//! What clients store, and what is in a file that somebody made, may look like the log's own records: it is not believed.

import CIntrinsics
import LogSimulation
import Testing
import Timing
import WriteAheadLog

@Suite struct ForgedRecordTests {
    private static let segment = LogFormat.segmentName(1)

    /// A record that is right in all but the directory's id.
    private func record(_ kind: RecordKind, lsn: Int64, body rest: [UInt8]) -> [UInt8] {
        let body = [kind.rawValue, 0, kind == .put ? 1 : 0, 0] + rest
        var record =
            [UInt8](repeating: 0, count: 4) + little(UInt32(body.count)) + little(UInt64(bitPattern: lsn)) + body
        let sum = unsafe record.withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe nt_crc32c(0, $0 + 4, bytes.count - 4) } ?? 0
        }
        record.replaceSubrange(0..<4, with: little(sum))
        return record + [UInt8](repeating: 0, count: LogFormat.aligned(record.count) - record.count)
    }

    private func little(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<(number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// Marks that call much on disk, and puts that would be replayed.
    private var forgeries: [[UInt8]] {
        [2, 3, 4, 1 << 40, .max - 1, .max].map { lsn in
            record(.mark, lsn: lsn, body: little(UInt64(bitPattern: lsn)))
                + record(.put, lsn: lsn, body: bytes("kforged"))
                + record(.put, lsn: lsn &+ 1, body: bytes("kforged"))
        }
    }

    @Test func aTornValueThatHoldsRecordsIsATail() throws {
        for forgery in forgeries {
            let run = try LogRun()
            try run.put("kept", "value")
            run.sync()
            let end = LogFormat.fileHeaderBytes + LogFormat.markBytes + 32
            // Behind a key of four bytes a value is where a record can be.
            _ = try run.log.appendPut(
                unsafe bytes("evil").span.bytes, value: unsafe forgery.span.bytes, expiry: .distantFuture)
            run.log.commit()
            let storage = run.killed()
            let contents = try #require(storage.disk.contents(Self.segment))
            #expect(Array(contents[(end + LogFormat.markBytes + 24)...].prefix(forgery.count)) == forgery)
            storage.disk.flipBit(Self.segment, end + LogFormat.markBytes + 20, bit: 0)

            let next = try LogRun(storage)
            #expect(next.entries.texts == ["kept": "value"])
            #expect(next.report.tail?.records == 0)
            #expect(next.recovered.lastLSN == 1 && next.recovered.greatestLSN == 1)
            #expect(try LogVerification.run(next.killed()).damages.isEmpty)
        }
    }

    @Test func whatASegmentHeldBeforeIsNoRecord() throws {
        for forgery in forgeries {
            let run = try LogRun()
            try run.put("kept", "value")
            run.sync()
            let storage = run.killed()
            var contents = try #require(storage.disk.contents(Self.segment))
            let end = LogFormat.fileHeaderBytes + LogFormat.markBytes + 32 + LogFormat.terminatorBytes
            contents.replaceSubrange(end..<(end + forgery.count), with: forgery)
            storage.disk.setContents(Self.segment, contents)

            let next = try LogRun(storage)
            #expect(next.entries.texts == ["kept": "value"])
            #expect(next.report.tail == nil)
            #expect(next.recovered.greatestLSN == 1)
        }
    }

    /// Heads that announce much and do not hold cost no more than a look.
    @Test func aSearchDoesNotReadWhatNoRecordAnnounces() throws {
        let run = try LogRun(segmentBytes: 4 << 20)
        try run.put("kept", "value")
        run.sync()
        let storage = run.killed()
        var contents = try #require(storage.disk.contents(Self.segment))
        for place in stride(from: 4_096, to: 3 << 20, by: 32) {
            let head = [1, 2, 3, 4] + little(UInt32(1 << 20)) + little(UInt64(2)) + [1, 0, 1, 0]
            contents.replaceSubrange(place..<(place + head.count), with: head)
        }
        storage.disk.setContents(Self.segment, contents)
        let next = try LogRun(storage)
        #expect(next.entries.texts == ["kept": "value"])
    }

    // MARK: Files that somebody made

    private func directory(_ header: FileHeader, _ name: String) -> SimulatedLogStorage {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes("needletail-data 1 0123456789abcdef\n"))
        storage.disk.setContents(name, header.encoded + [UInt8](repeating: 0xAB, count: 4_032))
        return storage
    }

    @Test(arguments: [Int64.min, -1, .max - 1, .max]) func aHeaderWithAnLSNThatNoLogHasIsDamage(_ lsn: Int64) throws {
        let header = FileHeader(
            magic: LogFormat.segmentMagic, directoryID: 0x0123_4567_89ab_cdef, number: 1, previousLSN: lsn,
            createdMicros: .max, fileBytes: 4_096)
        #expect(throws: FileHeader.Problem.lsn(lsn)) {
            try FileHeader(unsafe header.encoded.span.bytes, magic: LogFormat.segmentMagic)
        }
        let storage = directory(header, Self.segment)
        storage.disk.setContents(LogFormat.segmentName(2), header.encoded)
        #expect(throws: LogRecoveryError.self) { try LogRun(storage) }
        #expect(!(try LogVerification.run(storage).damages.isEmpty))
        #expect(try LogRun(storage, salvage: true).entries.texts.isEmpty)
    }

    @Test func aNumberThatNoSegmentHasIsNoSegment() throws {
        #expect(LogFormat.segmentNumber("00000000000000000000.log") == nil)
        #expect(LogFormat.segmentNumber("18446744073709551615.log") == nil)
        #expect(LogFormat.snapshotLSN("09223372036854775807.snapshot") == nil)
        let header = FileHeader(
            magic: LogFormat.segmentMagic, directoryID: 0x0123_4567_89ab_cdef, number: 0, previousLSN: 0,
            createdMicros: 0, fileBytes: 4_096)
        let run = try LogRun(directory(header, "00000000000000000000.log"))
        #expect(try run.put("key", "value") == 1)
    }
}
