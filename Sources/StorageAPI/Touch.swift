public import NIOCore
public import NeedletailWire

/// `touch`.
public struct TouchRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("key", 1), ("ttlMillis", 2), ("durability", 3), ("context", 255))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// Milliseconds to live, at least 1; absent: for ever.
    public var ttlMillis: Int64?
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        key: ByteBuffer, ttlMillis: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil
    ) {
        self.key = key
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var ttlMillis: Int64?
        var durability: Durability?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.int64): ttlMillis = try reader.readInt64()
            case 3 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if ttlMillis != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        if let ttlMillis {
            writer.field(&scope, 2, "ttlMillis", .int64)
            writer.write(ttlMillis)
        }
        if let durability {
            writer.field(&scope, 3, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `touch` did.
public struct TouchResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("found", 1), ("durability", 2))

    /// Whether there was an entry.
    public var found: Bool
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?

    public init(found: Bool, durability: Durability? = nil) {
        self.found = found
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var found: Bool?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.bool): found = try reader.readBool()
            case 2 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            default: try reader.skip(field)
            }
        }
        guard let found else { throw .missingField("found") }
        self.found = found
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (durability == nil ? 0 : 1))
        writer.field(&scope, 1, "found", .bool)
        writer.write(found)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        writer.endStruct()
    }
}
