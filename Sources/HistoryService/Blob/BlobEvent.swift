//! One event inside a blob, in each of the codecs: what is read is lent by the window, what is written is copied.

internal import NIOCore
internal import NeedletailWire

/// An event where it lies.
struct BlobEvent: ~Escapable {
    let timestampMillis: Int64
    let data: RawSpan

    @_lifetime(copy data)
    init(timestampMillis: Int64, data: RawSpan) {
        self.timestampMillis = timestampMillis
        self.data = data
    }
}

/// Reads events, one after the other, from bytes that may end in the middle of one.
protocol EventReader: ~Copyable, ~Escapable {
    /// A reader at the first readable byte of `window`.
    @_lifetime(borrow window)
    init(events window: borrowing ByteBuffer)

    /// How many bytes have been read.
    var offset: Int { get }

    /// - Throws: `truncated` if the bytes end before the event does.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    mutating func readEvent() throws(WireError) -> BlobEvent
}

extension MessagePackReader: EventReader {
    @_lifetime(borrow window)
    init(events window: borrowing ByteBuffer) { self.init(window) }

    var offset: Int { cursor.offset }

    @_lifetime(copy self)
    @_lifetime(self: copy self)
    mutating func readEvent() throws(WireError) -> BlobEvent {
        let count = try readArrayHeader()
        guard count == 2 else { throw .badLength(count) }
        let timestampMillis = try readInt64()
        return BlobEvent(timestampMillis: timestampMillis, data: try readSpan())
    }
}

extension ThriftCompactReader: EventReader {
    @_lifetime(borrow window)
    init(events window: borrowing ByteBuffer) { self.init(window) }

    var offset: Int { cursor.offset }

    /// Fields in the order of the IDL and no others, as we write them.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    mutating func readEvent() throws(WireError) -> BlobEvent {
        guard try cursor.readByte() == CompactEventHead.timestamp else { throw .missingField("timestampMillis") }
        let timestampMillis = try readInt64()
        guard try cursor.readByte() == CompactEventHead.data else { throw .missingField("data") }
        let data = try readSpan()
        guard try cursor.readByte() == CompactEventHead.stop else { throw .badMessage("a third field") }
        return BlobEvent(timestampMillis: timestampMillis, data: data)
    }
}

/// The heads of an event's fields in Thrift's compact protocol.
private enum CompactEventHead {
    /// Field 1, i64.
    static var timestamp: UInt8 { 0x16 }
    /// The next field, binary.
    static var data: UInt8 { 0x18 }
    static var stop: UInt8 { 0 }
}

extension WireWriter where Self: ~Copyable {
    /// Struct `Event`.
    @inline(__always)
    mutating func write(event timestampMillis: Int64, _ data: RawSpan) {
        var scope = beginStruct(fieldCount: 2)
        field(&scope, 1, "timestampMillis", .int64)
        write(timestampMillis)
        field(&scope, 2, "data", .binary)
        write(data)
        endStruct()
    }
}

extension BlobCodec {
    /// Adds one event to `bytes`.
    func write(_ timestampMillis: Int64, _ data: RawSpan, to bytes: consuming ByteWriter) -> ByteWriter {
        switch self {
        case .msgpack:
            var writer = MessagePackWriter(bytes)
            writer.writeArrayHeader(2)
            writer.write(timestampMillis)
            writer.write(data)
            return writer.finish()
        case .thrift:
            var writer = ThriftCompactWriter(bytes)
            writer.write(event: timestampMillis, data)
            return writer.finish()
        }
    }
}
