//! Hands out all changes of a log, one by one, for people and scripts to read: what `log dump` prints. Changes nothing and
//! needs no lock.
//!
//! Unsafe inside: copies keys and values out of the window, as arrays.

package import Timing

/// One change, as it lies in a file.
package struct DumpedChange: Sendable, Hashable {
    package var file: String
    /// Where its record begins in the file, bytes.
    package var offset: Int
    /// Whether the record is an atomic batch, whose changes have the same offset and LSN.
    package var isInBatch: Bool
    package var change: LogRecord.Change
    package var lsn: Int64
    /// `.distantFuture` for never.
    package var expiry: WallTime
    package var key: [UInt8]
    /// Empty unless a put.
    package var value: [UInt8]
}

package enum LogDump {
    /// Calls `visit` with the changes of all files that a recovery would read, in its order: the snapshot's entries first, by
    /// no order of their own; then the log's. Damage is passed by.
    /// - Returns: where there was damage.
    @discardableResult
    package static func run(
        _ storage: any LogStorage, visit: @escaping (DumpedChange) -> Void
    ) throws(LogToolError) -> [LogDamage] {
        let id = try LogToolError.open { () throws(LogOpenError) in try LogDirectory.readID(storage) }
        var reading = LogReading(storage, directoryID: id, isSalvaging: true, sink: DumpSink(visit: visit))
        do throws(LogReadingFailure) { try reading.run() } catch { throw LogToolError(error, storage.path) }
        return reading.findings.damages
    }
}

private struct DumpSink: RecordSink {
    let visit: (DumpedChange) -> Void
    private(set) var records = 0
    private var file = ""
    private var scratch: [LogRecord] = []

    init(visit: @escaping (DumpedChange) -> Void) { self.visit = visit }

    mutating func begin(_ file: String) { self.file = file }

    mutating func take(_ blocks: [Range<Int>], of window: FileWindow) -> BrokenRecord? {
        let (decoder, base) = (window.records, window.range.lowerBound)
        for block in blocks {
            var offset = block.lowerBound
            while offset < block.upperBound {
                let head = decoder.head(at: offset - base)
                scratch.removeAll(keepingCapacity: true)
                let scan = decoder.scan(offset..<(offset + head.recordBytes), from: base, into: &scratch)
                records += scan.records
                for record in scratch { visit(dumped(record, head, at: offset)) }
                if let broken = scan.broken { return broken }
                offset += head.recordBytes
            }
        }
        return nil
    }

    private func dumped(_ record: LogRecord, _ head: RecordHead, at offset: Int) -> DumpedChange {
        DumpedChange(
            file: file, offset: offset, isInBatch: head.kind == RecordKind.batch.rawValue, change: record.change,
            lsn: record.lsn, expiry: record.expiry, key: [UInt8](copying: record.key),
            value: [UInt8](copying: record.value))
    }
}

extension [UInt8] {
    /// - Parameter bytes: any bytes.
    fileprivate init(copying bytes: RawSpan) {
        unsafe self.init(unsafeUninitializedCapacity: bytes.byteCount) { array, count in
            unsafe bytes.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(array).copyMemory(from: $0) }
            count = bytes.byteCount
        }
    }
}
