//! Where the records of files go when they are read: into an engine, to a counter, to a dump.

/// Takes records, and says which of them do not hold.
protocol RecordSink {
    /// Records that were taken.
    var records: Int { get }

    /// Threads that share the records of a window.
    var readers: Int { get }

    /// The records of these files are to come.
    mutating func expect(_ files: [ExpectedFile])

    /// A file begins.
    mutating func begin(_ file: String)

    /// Checks records and takes those before the first that does not hold.
    /// - Parameter blocks: where the records are, offsets in the file, as their heads say.
    mutating func take(_ blocks: [Range<Int>], of window: FileWindow) -> BrokenRecord?
}

extension RecordSink {
    var readers: Int { 1 }

    mutating func expect(_ files: [ExpectedFile]) {}
}

/// What is known of a file's records before they are read.
struct ExpectedFile {
    /// Of its records, about.
    var bytes: Int
    /// It has no more records than this.
    var recordsMax = Int.max
}

/// A record that does not hold.
struct BrokenRecord {
    let offset: Int
    let flaw: LogFlaw
}

/// Checks records, and counts them.
struct RecordCounter: RecordSink {
    private(set) var records = 0
    private(set) var changes = 0
    private var scratch: [LogRecord] = []

    mutating func begin(_ file: String) {}

    mutating func take(_ blocks: [Range<Int>], of window: FileWindow) -> BrokenRecord? {
        let decoder = window.records
        for block in blocks {
            scratch.removeAll(keepingCapacity: true)
            defer { changes += scratch.count }
            let scan = decoder.scan(block, from: window.range.lowerBound, into: &scratch)
            records += scan.records
            if let broken = scan.broken { return broken }
        }
        return nil
    }
}

/// What a pass over a block gave.
struct BlockScan {
    /// Records with changes.
    var records = 0
    var broken: BrokenRecord?
}

extension RecordDecoder {
    /// Checks and decodes the records of a block up to the first that does not hold.
    /// - Parameter base: where in the file the decoder's memory begins.
    func scan(_ block: Range<Int>, from base: Int, into changes: inout [LogRecord]) -> BlockScan {
        var scan = BlockScan()
        var index = block.lowerBound - base
        while index < block.upperBound - base {
            let head = head(at: index)
            guard holds(head, at: index) else {
                scan.broken = BrokenRecord(offset: base + index, flaw: .checksum)
                break
            }
            let count = changes.count
            guard decode(head, at: index, into: &changes) else {
                changes.removeLast(changes.count - count)
                scan.broken = BrokenRecord(offset: base + index, flaw: .body)
                break
            }
            if head.kind < RecordKind.mark.rawValue { scan.records &+= 1 }
            index &+= head.recordBytes
        }
        return scan
    }
}
