public import NIOCore
public import NeedletailWire

/// `put`. `condition` and `ifVersion` must both hold.
public struct PutRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("key", 1), ("value", 2), ("ttlMillis", 3), ("condition", 4), ("ifVersion", 5), ("durability", 6),
        ("returnPrevious", 7), ("context", 255))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// 0 bytes to `limits.maxValueSize`.
    public var value: ByteBuffer
    /// Milliseconds to live, at least 1; absent: for ever.
    public var ttlMillis: Int64?
    /// Absent: always.
    public var condition: Condition?
    /// The version that the entry must have; 0: it must be missing.
    public var ifVersion: Int64?
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// Whether the answer carries the value before.
    public var returnPrevious: Bool?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        key: ByteBuffer, value: ByteBuffer, ttlMillis: Int64? = nil, condition: Condition? = nil,
        ifVersion: Int64? = nil, durability: Durability? = nil, returnPrevious: Bool? = nil,
        context: RequestContext? = nil
    ) {
        self.key = key
        self.value = value
        self.ttlMillis = ttlMillis
        self.condition = condition
        self.ifVersion = ifVersion
        self.durability = durability
        self.returnPrevious = returnPrevious
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var value: ByteBuffer?
        var ttlMillis: Int64?
        var condition: Condition?
        var ifVersion: Int64?
        var durability: Durability?
        var returnPrevious: Bool?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.binary): value = try reader.readBinary()
            case 3 where field.holds(.int64): ttlMillis = try reader.readInt64()
            case 4 where field.holds(.int32): condition = Condition(rawValue: try reader.readInt32())
            case 5 where field.holds(.int64): ifVersion = try reader.readInt64()
            case 6 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 7 where field.holds(.bool): returnPrevious = try reader.readBool()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        guard let value else { throw .missingField("value") }
        self.key = key
        self.value = value
        self.ttlMillis = ttlMillis
        self.condition = condition
        self.ifVersion = ifVersion
        self.durability = durability
        self.returnPrevious = returnPrevious
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 2
        if ttlMillis != nil { fieldCount += 1 }
        if condition != nil { fieldCount += 1 }
        if ifVersion != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if returnPrevious != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        writer.field(&scope, 2, "value", .binary)
        writer.write(value)
        if let ttlMillis {
            writer.field(&scope, 3, "ttlMillis", .int64)
            writer.write(ttlMillis)
        }
        if let condition {
            writer.field(&scope, 4, "condition", .int32)
            writer.write(condition.rawValue)
        }
        if let ifVersion {
            writer.field(&scope, 5, "ifVersion", .int64)
            writer.write(ifVersion)
        }
        if let durability {
            writer.field(&scope, 6, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let returnPrevious {
            writer.field(&scope, 7, "returnPrevious", .bool)
            writer.write(returnPrevious)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `put` did.
public struct PutResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("applied", 1), ("version", 2), ("durability", 3), ("previous", 4))

    /// Whether the condition held.
    public var applied: Bool
    /// The entry's version now; absent: there is no entry.
    public var version: Int64?
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?
    /// The value before, where it was asked for and present.
    public var previous: ByteBuffer?

    public init(applied: Bool, version: Int64? = nil, durability: Durability? = nil, previous: ByteBuffer? = nil) {
        self.applied = applied
        self.version = version
        self.durability = durability
        self.previous = previous
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var applied: Bool?
        var version: Int64?
        var durability: Durability?
        var previous: ByteBuffer?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.bool): applied = try reader.readBool()
            case 2 where field.holds(.int64): version = try reader.readInt64()
            case 3 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 4 where field.holds(.binary): previous = try reader.readBinary()
            default: try reader.skip(field)
            }
        }
        guard let applied else { throw .missingField("applied") }
        self.applied = applied
        self.version = version
        self.durability = durability
        self.previous = previous
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if version != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if previous != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "applied", .bool)
        writer.write(applied)
        if let version {
            writer.field(&scope, 2, "version", .int64)
            writer.write(version)
        }
        if let durability {
            writer.field(&scope, 3, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let previous {
            writer.field(&scope, 4, "previous", .binary)
            writer.write(previous)
        }
        writer.endStruct()
    }
}
