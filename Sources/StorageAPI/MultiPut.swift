public import NIOCore
public import NeedletailWire

/// One entry to put.
public struct Entry: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("key", 1), ("value", 2), ("ttlMillis", 3))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// 0 bytes to `limits.maxValueSize`.
    public var value: ByteBuffer
    /// Milliseconds to live, at least 1; absent: for ever.
    public var ttlMillis: Int64?

    public init(key: ByteBuffer, value: ByteBuffer, ttlMillis: Int64? = nil) {
        self.key = key
        self.value = value
        self.ttlMillis = ttlMillis
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var value: ByteBuffer?
        var ttlMillis: Int64?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.binary): value = try reader.readBinary()
            case 3 where field.holds(.int64): ttlMillis = try reader.readInt64()
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        guard let value else { throw .missingField("value") }
        self.key = key
        self.value = value
        self.ttlMillis = ttlMillis
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2 + (ttlMillis == nil ? 0 : 1))
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        writer.field(&scope, 2, "value", .binary)
        writer.write(value)
        if let ttlMillis {
            writer.field(&scope, 3, "ttlMillis", .int64)
            writer.write(ttlMillis)
        }
        writer.endStruct()
    }
}

/// `multiPut`.
public struct MultiPutRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("entries", 1), ("durability", 2), ("atomic", 3), ("context", 255))

    /// Applied in order; of equal keys the last wins.
    public var entries: [Entry]
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// All or nothing, under one version.
    public var atomic: Bool?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        entries: [Entry], durability: Durability? = nil, atomic: Bool? = nil, context: RequestContext? = nil
    ) {
        self.entries = entries
        self.durability = durability
        self.atomic = atomic
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var entries: [Entry]?
        var durability: Durability?
        var atomic: Bool?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.list): entries = try [Entry](from: &reader)
            case 2 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 3 where field.holds(.bool): atomic = try reader.readBool()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let entries else { throw .missingField("entries") }
        self.entries = entries
        self.durability = durability
        self.atomic = atomic
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        if atomic != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "entries", .list)
        entries.encode(to: &writer)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let atomic {
            writer.field(&scope, 3, "atomic", .bool)
            writer.write(atomic)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `multiPut` did.
public struct MultiPutResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("statuses", 1), ("durability", 2))

    /// One byte for each entry: STORED, or why not.
    public var statuses: ByteBuffer
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?

    public init(statuses: ByteBuffer, durability: Durability? = nil) {
        self.statuses = statuses
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var statuses: ByteBuffer?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): statuses = try reader.readBinary()
            case 2 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            default: try reader.skip(field)
            }
        }
        guard let statuses else { throw .missingField("statuses") }
        self.statuses = statuses
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (durability == nil ? 0 : 1))
        writer.field(&scope, 1, "statuses", .binary)
        writer.write(statuses)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        writer.endStruct()
    }
}
