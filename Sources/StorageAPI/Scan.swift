public import NIOCore
public import NeedletailWire

/// `scan`.
public struct ScanRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("cursor", 1), ("prefix", 2), ("limit", 3), ("keysOnly", 4), ("context", 255))

    /// What the page before ended with; absent: from the start.
    public var cursor: ByteBuffer?
    /// Only keys that begin with this.
    public var prefix: ByteBuffer?
    /// Entries in the page, 1 to 10,000; absent: 100.
    public var limit: Int32?
    /// Whether values are left out.
    public var keysOnly: Bool?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        cursor: ByteBuffer? = nil, prefix: ByteBuffer? = nil, limit: Int32? = nil, keysOnly: Bool? = nil,
        context: RequestContext? = nil
    ) {
        self.cursor = cursor
        self.prefix = prefix
        self.limit = limit
        self.keysOnly = keysOnly
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var cursor: ByteBuffer?
        var prefix: ByteBuffer?
        var limit: Int32?
        var keysOnly: Bool?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): cursor = try reader.readBinary()
            case 2 where field.holds(.binary): prefix = try reader.readBinary()
            case 3 where field.holds(.int32): limit = try reader.readInt32()
            case 4 where field.holds(.bool): keysOnly = try reader.readBool()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        self.cursor = cursor
        self.prefix = prefix
        self.limit = limit
        self.keysOnly = keysOnly
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 0
        if cursor != nil { fieldCount += 1 }
        if prefix != nil { fieldCount += 1 }
        if limit != nil { fieldCount += 1 }
        if keysOnly != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        if let cursor {
            writer.field(&scope, 1, "cursor", .binary)
            writer.write(cursor)
        }
        if let prefix {
            writer.field(&scope, 2, "prefix", .binary)
            writer.write(prefix)
        }
        if let limit {
            writer.field(&scope, 3, "limit", .int32)
            writer.write(limit)
        }
        if let keysOnly {
            writer.field(&scope, 4, "keysOnly", .bool)
            writer.write(keysOnly)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// One entry of a scan.
public struct ScannedEntry: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("key", 1), ("value", 2), ("version", 3))

    /// Its key.
    public var key: ByteBuffer
    /// Its value; absent with `keysOnly`.
    public var value: ByteBuffer?
    /// Its version.
    public var version: Int64?

    public init(key: ByteBuffer, value: ByteBuffer? = nil, version: Int64? = nil) {
        self.key = key
        self.value = value
        self.version = version
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var value: ByteBuffer?
        var version: Int64?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.binary): value = try reader.readBinary()
            case 3 where field.holds(.int64): version = try reader.readInt64()
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
        self.value = value
        self.version = version
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (value == nil ? 0 : 1) + (version == nil ? 0 : 1))
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        if let value {
            writer.field(&scope, 2, "value", .binary)
            writer.write(value)
        }
        if let version {
            writer.field(&scope, 3, "version", .int64)
            writer.write(version)
        }
        writer.endStruct()
    }
}

/// One page of a scan.
public struct ScanResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("entries", 1), ("cursor", 2))

    /// In no order.
    public var entries: [ScannedEntry]
    /// Where the next page begins; absent: this was the last.
    public var cursor: ByteBuffer?

    public init(entries: [ScannedEntry], cursor: ByteBuffer? = nil) {
        self.entries = entries
        self.cursor = cursor
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var entries: [ScannedEntry]?
        var cursor: ByteBuffer?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.list): entries = try [ScannedEntry](from: &reader)
            case 2 where field.holds(.binary): cursor = try reader.readBinary()
            default: try reader.skip(field)
            }
        }
        guard let entries else { throw .missingField("entries") }
        self.entries = entries
        self.cursor = cursor
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (cursor == nil ? 0 : 1))
        writer.field(&scope, 1, "entries", .list)
        entries.encode(to: &writer)
        if let cursor {
            writer.field(&scope, 2, "cursor", .binary)
            writer.write(cursor)
        }
        writer.endStruct()
    }
}
