public import NIOCore
public import NeedletailWire

/// `increment`.
public struct IncrementRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("key", 1), ("delta", 2), ("initial", 3), ("ttlMillis", 4), ("durability", 5), ("context", 255))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// What is added.
    public var delta: Int64
    /// What it is added to where the key is missing; absent: 0.
    public var initial: Int64?
    /// Milliseconds to live, at least 1; absent: as before.
    public var ttlMillis: Int64?
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        key: ByteBuffer, delta: Int64, initial: Int64? = nil, ttlMillis: Int64? = nil, durability: Durability? = nil,
        context: RequestContext? = nil
    ) {
        self.key = key
        self.delta = delta
        self.initial = initial
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var delta: Int64?
        var initial: Int64?
        var ttlMillis: Int64?
        var durability: Durability?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.int64): delta = try reader.readInt64()
            case 3 where field.holds(.int64): initial = try reader.readInt64()
            case 4 where field.holds(.int64): ttlMillis = try reader.readInt64()
            case 5 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        guard let delta else { throw .missingField("delta") }
        self.key = key
        self.delta = delta
        self.initial = initial
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 2
        if initial != nil { fieldCount += 1 }
        if ttlMillis != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        writer.field(&scope, 2, "delta", .int64)
        writer.write(delta)
        if let initial {
            writer.field(&scope, 3, "initial", .int64)
            writer.write(initial)
        }
        if let ttlMillis {
            writer.field(&scope, 4, "ttlMillis", .int64)
            writer.write(ttlMillis)
        }
        if let durability {
            writer.field(&scope, 5, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `increment` came to.
public struct IncrementResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("value", 1), ("version", 2), ("durability", 3))

    /// The sum.
    public var value: Int64
    /// The entry's new version.
    public var version: Int64?
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?

    public init(value: Int64, version: Int64? = nil, durability: Durability? = nil) {
        self.value = value
        self.version = version
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var value: Int64?
        var version: Int64?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.int64): value = try reader.readInt64()
            case 2 where field.holds(.int64): version = try reader.readInt64()
            case 3 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            default: try reader.skip(field)
            }
        }
        guard let value else { throw .missingField("value") }
        self.value = value
        self.version = version
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (version == nil ? 0 : 1) + (durability == nil ? 0 : 1))
        writer.field(&scope, 1, "value", .int64)
        writer.write(value)
        if let version {
            writer.field(&scope, 2, "version", .int64)
            writer.write(version)
        }
        if let durability {
            writer.field(&scope, 3, "durability", .int32)
            writer.write(durability.rawValue)
        }
        writer.endStruct()
    }
}
