//! The part of the last segment that was read and may not be on disk: no mark says so. It may be known only to the system's
//! cache, as after a process was killed; after a failed sync not even the next sync needs to write it, because the system
//! may have forgotten that it has to. So it is written once more, in place, and then synced.

struct UnsureTail {
    private let storage: any LogStorage
    private let end: OpenEnd
    private let window = FileWindow()

    init(_ storage: any LogStorage, _ end: OpenEnd) {
        self.storage = storage
        self.end = end
    }

    /// Has everything up to the end of the records be on disk.
    func makeDurable() throws(LogStorageError) {
        let file = try storage.open(end.file, .write)
        var durableLSN = Int64.min
        try eachRecord(of: file) { head, records, index, _ in
            if head.kind == RecordKind.mark.rawValue { durableLSN = records.number(of: head, at: index) ?? durableLSN }
        }
        guard durableLSN < end.lastLSN else { return }
        var offset = LogFormat.fileHeaderBytes
        try eachRecord(of: file) { head, _, _, next in
            // Not a mark: it has the LSN before it, but is of the write that follows.
            if head.lsn <= durableLSN, head.kind != RecordKind.mark.rawValue { offset = next }
        }
        while offset < end.offset {
            try window.show(FileWindow.bytesDefault, from: offset)
            let upper = min(window.range.upperBound, end.offset)
            guard offset < upper else { break }
            let base = window.range.lowerBound
            try file.write(window.bytes.extracting((offset - base)..<(upper - base)), at: offset)
            offset = upper
        }
        try file.syncData()
    }

    /// Calls `visit` with each record's head, where in the window it is, and where in the file the next one is.
    private func eachRecord(
        of file: any LogFile, _ visit: (RecordHead, RecordDecoder, Int, Int) -> Void
    ) throws(LogStorageError) {
        try window.look(at: file, end.recordSeal)
        var walk = RecordWalk(.segment(through: nil), after: end.previousLSN, fileBytes: end.offset)
        var blocks: [Range<Int>] = []
        while true {
            blocks.removeAll(keepingCapacity: true)
            let stop = walk.advance(over: window, blocks: &blocks)
            let (records, base) = (window.records, window.range.lowerBound)
            for block in blocks {
                var offset = block.lowerBound
                while offset < block.upperBound {
                    let head = records.head(at: offset - base)
                    visit(head, records, offset - base, offset + head.recordBytes)
                    offset += head.recordBytes
                }
            }
            guard case .hidden(let count) = stop else { return }
            try window.show(count, from: walk.offset)
            if window.range.upperBound - walk.offset < count { return }
        }
    }
}
