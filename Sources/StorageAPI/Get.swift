public import NIOCore
public import NeedletailWire

/// `get`.
public struct GetRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("key", 1), ("context", 255))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(key: ByteBuffer, context: RequestContext? = nil) {
        self.key = key
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (context == nil ? 0 : 1))
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `get` found.
public struct GetResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("value", 1), ("version", 2), ("ttlMillis", 3))

    /// Absent: missing.
    public var value: ByteBuffer?
    /// The entry's version.
    public var version: Int64?
    /// Milliseconds until it expires; absent: never.
    public var ttlMillis: Int64?

    public init(value: ByteBuffer? = nil, version: Int64? = nil, ttlMillis: Int64? = nil) {
        self.value = value
        self.version = version
        self.ttlMillis = ttlMillis
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var value: ByteBuffer?
        var version: Int64?
        var ttlMillis: Int64?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): value = try reader.readBinary()
            case 2 where field.holds(.int64): version = try reader.readInt64()
            case 3 where field.holds(.int64): ttlMillis = try reader.readInt64()
            default: try reader.skip(field)
            }
        }
        self.value = value
        self.version = version
        self.ttlMillis = ttlMillis
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 0
        if value != nil { fieldCount += 1 }
        if version != nil { fieldCount += 1 }
        if ttlMillis != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        if let value {
            writer.field(&scope, 1, "value", .binary)
            writer.write(value)
        }
        if let version {
            writer.field(&scope, 2, "version", .int64)
            writer.write(version)
        }
        if let ttlMillis {
            writer.field(&scope, 3, "ttlMillis", .int64)
            writer.write(ttlMillis)
        }
        writer.endStruct()
    }
}
