//! Reads a segment byte by byte, by what the format says and by none of the code that writes it: the judge of both.

/// A file as it was found.
struct SegmentReader {
    enum Record: Equatable {
        case put(lsn: Int64, key: String, value: [UInt8], expiry: Int64?)
        case remove(lsn: Int64, key: String)
        case touch(lsn: Int64, key: String, expiry: Int64?)
        case batch(lsn: Int64, [Entry])
        case mark(lsn: Int64, durable: Int64)

        var lsn: Int64 {
            switch self {
            case .put(let lsn, _, _, _), .remove(let lsn, _), .touch(let lsn, _, _), .batch(let lsn, _),
                .mark(let lsn, _):
                lsn
            }
        }
        var isMark: Bool { if case .mark = self { true } else { false } }
    }

    struct Entry: Equatable {
        var key: String
        var value: [UInt8]
        var expiry: Int64?
    }

    struct Malformed: Error {
        let offset: Int
        let reason: String
    }

    private(set) var directoryID: UInt64 = 0
    private(set) var number: UInt64 = 0
    private(set) var previousLSN: Int64 = 0
    private(set) var createdMicros: Int64 = 0
    private(set) var records: [Record] = []
    /// Where the terminator is.
    private(set) var end = 0
    private let bytes: [UInt8]
    private var offset = 0

    /// All records up to the terminator.
    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        try readHeader()
        while try readRecord() {}
        end = offset
        try check(bytes[offset..<min(bytes.count, offset + 16)].allSatisfy { $0 == 0 }, "a terminator is zero")
    }

    private func check(_ holds: Bool, _ reason: String) throws {
        if !holds { throw Malformed(offset: offset, reason: reason) }
    }

    private func integer(_ offset: Int, _ count: Int) throws -> UInt64 {
        guard offset + count <= bytes.count else { throw Malformed(offset: offset, reason: "cut") }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    private func signed(_ offset: Int) throws -> Int64 { Int64(bitPattern: try integer(offset, 8)) }

    private mutating func readHeader() throws {
        try check(bytes.prefix(8).elementsEqual("NDLTLOG\n".utf8), "a magic number")
        try check(integer(8, 4) == 2, "a version")
        try check(integer(12, 4) == UInt64(Self.checksum(bytes[0..<12] + bytes[16..<64])), "a header's checksum")
        directoryID = try integer(16, 8)
        number = try integer(24, 8)
        previousLSN = try signed(32)
        createdMicros = try signed(40)
        offset = 64
    }

    private mutating func readRecord() throws -> Bool {
        guard offset + 24 <= bytes.count, try integer(offset + 4, 4) != 0 else { return false }
        let count = Int(try integer(offset + 4, 4))
        let end = offset + 16 + count
        try check(count >= 4 && end <= bytes.count, "a length within the file")
        // Of the directory's id, which the header has at 16, and then of the record.
        try check(integer(offset, 4) == UInt64(Self.checksum(bytes[16..<24] + bytes[(offset + 4)..<end])), "a checksum")
        let lsn = try signed(offset + 8) ^ Int64(bitPattern: directoryID)
        let flags = bytes[offset + 17]
        try check(flags <= 1, "flags")
        let keyCount = Int(try integer(offset + 18, 2))
        var position = offset + 20
        switch bytes[offset + 16] {
        case 1, 2, 3:
            let entry = try readEntry(&position, keyCount, end - position - keyCount - 8 * Int(flags), flags == 1)
            try check(position == end, "nothing behind a value")
            switch bytes[offset + 16] {
            case 1: records.append(.put(lsn: lsn, key: entry.key, value: entry.value, expiry: entry.expiry))
            case 2:
                try check(flags == 0 && entry.value.isEmpty, "a removal is a key alone")
                records.append(.remove(lsn: lsn, key: entry.key))
            default:
                try check(entry.value.isEmpty, "a touch has no value")
                records.append(.touch(lsn: lsn, key: entry.key, expiry: entry.expiry))
            }
        case 4:
            let entryCount = try integer(position, 4)
            position += 4
            var entries: [Entry] = []
            for _ in 0..<entryCount {
                let (keyCount, flags, valueCount) = (
                    try integer(position, 2), try integer(position + 2, 2), try integer(position + 4, 4)
                )
                position += 8
                entries.append(try readEntry(&position, Int(keyCount), Int(valueCount), flags == 1))
            }
            try check(position == end, "nothing behind a batch's entries")
            records.append(.batch(lsn: lsn, entries))
        case 5:
            try check(count == 12, "a mark's length")
            records.append(.mark(lsn: lsn, durable: try signed(position)))
        default: throw Malformed(offset: offset, reason: "a kind")
        }
        let next = (end + 7) / 8 * 8
        try check(bytes[end..<min(next, bytes.count)].allSatisfy { $0 == 0 }, "padding is zero")
        offset = next
        return true
    }

    private func readEntry(_ position: inout Int, _ keyCount: Int, _ valueCount: Int, _ isTimed: Bool) throws -> Entry {
        let expiry = isTimed ? try signed(position) : nil
        if isTimed { position += 8 }
        try check(valueCount >= 0 && position + keyCount + valueCount <= bytes.count, "lengths within the file")
        let key = String(decoding: bytes[position..<(position + keyCount)], as: UTF8.self)
        position += keyCount
        defer { position += valueCount }
        return Entry(key: key, value: Array(bytes[position..<(position + valueCount)]), expiry: expiry)
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }

    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
