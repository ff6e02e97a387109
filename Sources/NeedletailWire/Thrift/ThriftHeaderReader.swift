//! Reads a frame's header where it lies: entries are lent, nothing is allocated.
//!
//! In order: `readStart`, `readEncoding`, then `nextEntry` until it returns nil. Whatever throws, `header` holds what was
//! read before, so that a frame whose start was readable can be answered. `truncated` is thrown only where more bytes of
//! the frame may mend it; a header that is whole and whose parts reach past its end is a bad message.

package import NIOCore

/// One entry of a header, lent by the frame.
package enum ThriftHeaderEntry: ~Escapable {
    case integer(UInt16, RawSpan)
    case string(RawSpan, RawSpan)
    /// What proves that the caller may call (TTHeader only).
    case token(RawSpan)
}

/// Reads one header.
package struct ThriftHeaderReader: ~Escapable {
    private var cursor: MessageCursor
    package private(set) var header: ThriftHeader
    /// Where the header ends and the message begins; 0 before that is known.
    package private(set) var payloadOffset = 0
    private var group = ThriftHeader.Info.padding
    /// Entries of the group that are to come.
    private var remaining = 0
    private var entryCount = 0

    /// - Parameter frame: what follows the length, or as much of it as there is.
    @_lifetime(borrow frame)
    package init(_ frame: borrowing ByteBuffer, _ kind: ThriftHeader.Kind) {
        cursor = MessageCursor(frame)
        header = ThriftHeader(kind)
    }

    /// Reads as far as the sequence id.
    @_lifetime(self: copy self)
    package mutating func readStart() throws(WireError) {
        guard try cursor.readInteger(UInt16.self) == header.kind.magic else {
            throw .badMessage("a frame without the header that the connection began with")
        }
        let flags = try cursor.readInteger(UInt16.self)
        let sequenceID = try cursor.readInteger(Int32.self)
        try cursor.require(2)
        header.flags = flags
        header.sequenceID = sequenceID
    }

    /// Reads as far as the entries.
    /// - Parameter frameSize: bytes of the whole frame.
    @_lifetime(self: copy self)
    package mutating func readEncoding(frameSize: Int) throws(WireError) {
        let words = Int(try cursor.readInteger(UInt16.self))
        guard words <= header.kind.wordsMax else {
            throw .sizeOverLimit(size: words * 4, limit: header.kind.wordsMax * 4)
        }
        let end = ThriftHeader.startSize + words * 4
        guard end <= frameSize else { throw .badLength(frameSize - end) }
        try cursor.require(words * 4)
        payloadOffset = end
        cursor = MessageCursor(cursor, first: end)
        do throws(WireError) {
            switch header.kind {
            case .theader: try readNumbers()
            case .ttheader: try readBytes()
            }
        } catch { throw Self.final(error) }
    }

    /// THeader's protocol and transforms.
    @_lifetime(self: copy self)
    private mutating func readNumbers() throws(WireError) {
        try setEncoding(try readVarint())
        for _ in 0..<(try readVarint()) {
            let transform = try readVarint()
            guard transform == ThriftHeader.zlibTransform else {
                throw .unknownTransform(Int(truncatingIfNeeded: transform))
            }
            if header.isCompressed { throw .badMessage("the header names a transform twice") }
            header.isCompressed = true
        }
    }

    /// TTHeader's protocol. Its transforms have no numbers, and are passed over.
    @_lifetime(self: copy self)
    private mutating func readBytes() throws(WireError) {
        try setEncoding(UInt64(try cursor.readByte()))
        try cursor.advance(Int(try cursor.readByte()))
        if header.flags & ThriftHeader.streamingFlag != 0 { throw .badMessage("streams are not served here") }
    }

    private mutating func setEncoding(_ number: UInt64) throws(WireError) {
        guard let encoding = ThriftHeader.Encoding(number: number, header.kind) else {
            throw .unknownProtocol(Int(truncatingIfNeeded: number))
        }
        header.encoding = encoding
    }

    /// The next entry; nil after the last.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    package mutating func nextEntry() throws(WireError) -> ThriftHeaderEntry? {
        do throws(WireError) {
            while remaining == 0 {
                guard cursor.remaining > 0, try beginGroup() else { return nil }
            }
            remaining -= 1
            entryCount += 1
            if entryCount > ThriftHeader.entryCountMax {
                throw .countOverLimit(count: entryCount, limit: ThriftHeader.entryCountMax)
            }
            switch group {
            case ThriftHeader.Info.integers: return .integer(try cursor.readInteger(), try readText())
            case ThriftHeader.Info.token: return .token(try readText())
            default: return .string(try readText(), try readText())
            }
        } catch { throw Self.final(error) }
    }

    /// Enters the next group of entries.
    /// - Returns: false if there is none that can be read.
    @_lifetime(self: copy self)
    private mutating func beginGroup() throws(WireError) -> Bool {
        switch header.kind {
        case .theader:
            // How long an unknown group is, nobody knows: it ends what is read of the header, as padding does.
            guard try readVarint() == ThriftHeader.Info.strings else { return false }
            group = ThriftHeader.Info.strings
            remaining = Int(clamping: try readVarint())
        case .ttheader:
            group = try cursor.readByte()
            switch group {
            case ThriftHeader.Info.padding: remaining = 0
            case ThriftHeader.Info.strings, ThriftHeader.Info.integers:
                remaining = Int(try cursor.readInteger(UInt16.self))
            case ThriftHeader.Info.token: remaining = 1
            default: throw .badMessage("info id 0x\(String(group, radix: 16)) in the header is not known")
            }
        }
        return true
    }

    @_lifetime(copy self)
    @_lifetime(self: copy self)
    private mutating func readText() throws(WireError) -> RawSpan {
        switch header.kind {
        case .theader: try cursor.readSpan(Int(clamping: try readVarint()))
        case .ttheader: try cursor.readSpan(Int(try cursor.readInteger(UInt16.self)))
        }
    }

    /// Whether the message behind the header has a length of its own before it. (No message begins with what is left of its
    /// frame.) To be asked after `readEncoding`.
    package func messageHasLength(_ frame: borrowing ByteBuffer, frameSize: Int) -> Bool {
        guard header.kind == .ttheader,
            let length = frame.getInteger(at: frame.readerIndex + payloadOffset, as: UInt32.self)
        else { return false }
        return Int(length) == frameSize - payloadOffset - MemoryLayout<UInt32>.size
    }

    /// A number of at most 32 bits.
    @_lifetime(self: copy self)
    private mutating func readVarint() throws(WireError) -> UInt64 { try cursor.readVarint(maxBytes: 5) }

    private static func final(_ error: WireError) -> WireError {
        error == .truncated ? .badMessage("an entry of the header reaches past its end") : error
    }
}
