//! Goes through a file from record to record by their heads, without reading bodies: finds where records begin, and checks
//! what only holds from one to the next. Whether each one holds is for others to check, on any number of threads.
//!
//! No I/O: the owner shows it one window after the other.

/// A way through the records of one file.
struct RecordWalk {
    /// Why it stands still.
    enum Stop: Hashable {
        /// The window does not show the next record, which is this long (or longer: the head is not shown either).
        case hidden(bytes: Int)
        /// There: at the last LSN that was asked for, or behind a snapshot's last record.
        case arrived
        /// The records end here, as nothing was written behind.
        case ended
        /// What stands here cannot be the next record.
        case broken(LogFlaw)

        /// Why the records do not go on; nil if there are no more.
        func flaw(orElse missing: LogFlaw) -> LogFlaw? {
            switch self {
            case .arrived: nil
            case .broken(let flaw): flaw
            case .ended, .hidden: missing
            }
        }
    }

    enum Role: Hashable {
        /// A segment after `previousLSN`, up to an LSN or to its end.
        case segment(through: Int64?)
        case snapshot
    }

    /// About this much is given to one worker at once.
    static let blockBytes = 256 << 10

    let role: Role
    let fileBytes: Int
    /// Of the next record, in the file.
    private(set) var offset = LogFormat.fileHeaderBytes
    /// Of the last record; at first the header's previous one.
    private(set) var lastLSN: Int64
    /// Records passed, marks and the end not counted.
    private(set) var recordCount: Int64 = 0
    /// Whether the next record must have the next LSN: not at the beginning.
    private var isChained = false
    /// Whether a hole was just left out, behind which a mark may say anything.
    private var isBehindHole = false
    /// Whether a snapshot's count is to be right.
    private var isWhole = true
    private var isAtEnd = false

    init(_ role: Role, after previousLSN: Int64, fileBytes: Int) {
        self.role = role
        lastLSN = previousLSN
        self.fileBytes = fileBytes
    }

    /// Goes on at a record behind a hole.
    mutating func resume(at offset: Int) {
        self.offset = offset
        isChained = false
        isBehindHole = true
        isWhole = false
    }

    /// Passes all records that the window shows whole.
    /// - Parameters:
    ///   - end: where to stop in any case: a record's beginning that was passed before.
    ///   - blocks: gets the places of the records that were passed, many in each.
    mutating func advance(
        over window: FileWindow, to end: Int = .max, blocks: inout [Range<Int>]
    ) -> Stop {
        let records = window.records
        let (base, shown) = (window.range.lowerBound, window.range.upperBound)
        var block = offset
        defer { if offset > block { blocks.append(block..<offset) } }
        while offset < end {
            if hasArrived { return .arrived }
            if fileBytes - offset < LogFormat.recordBytesMin { return .ended }
            guard offset >= base, shown - offset >= LogFormat.recordBytesMin else {
                return .hidden(bytes: LogFormat.recordBytesMin)
            }
            let head = records.head(at: offset - base)
            if head.bodyBytes == 0 { return .ended }
            guard head.isPlausible else { return .broken(.kind) }
            guard head.recordBytes <= fileBytes - offset else { return .broken(.length) }
            guard head.recordBytes <= shown - offset else { return .hidden(bytes: head.recordBytes) }
            if let flaw = pass(head, records, at: offset - base) { return .broken(flaw) }
            offset &+= head.recordBytes
            if offset - block >= Self.blockBytes {
                blocks.append(block..<offset)
                block = offset
            }
        }
        return .hidden(bytes: LogFormat.recordBytesMin)
    }

    private var hasArrived: Bool {
        switch role {
        case .segment(let limit): lastLSN == limit
        case .snapshot: isAtEnd
        }
    }

    @inline(__always)
    private mutating func pass(_ head: RecordHead, _ records: RecordDecoder, at index: Int) -> LogFlaw? {
        switch role {
        case .segment(let limit):
            guard head.kind <= RecordKind.mark.rawValue else { return .kind }
            if head.kind == RecordKind.mark.rawValue {
                return head.lsn == lastLSN || isBehindHole ? nil : .sequence(expected: lastLSN, found: head.lsn)
            }
            let follows = isChained ? head.lsn == lastLSN &+ 1 : head.lsn > lastLSN
            guard follows, head.lsn <= limit ?? LogFormat.lsnMax else {
                return .sequence(expected: lastLSN &+ 1, found: head.lsn)
            }
            lastLSN = head.lsn
            isChained = true
            isBehindHole = false
        case .snapshot:
            if head.kind == RecordKind.end.rawValue {
                guard !isWhole || records.number(of: head, at: index) == recordCount else { return .count }
                isAtEnd = true
                return nil
            }
            guard head.kind == RecordKind.put.rawValue else { return .kind }
        }
        recordCount &+= 1
        return nil
    }
}
