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

/// `remove`.
public struct RemoveRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("key", 1), ("ifVersion", 2), ("durability", 3), ("context", 255))

    /// 1 to 4,096 bytes.
    public var key: ByteBuffer
    /// The version that the entry must have.
    public var ifVersion: Int64?
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        key: ByteBuffer, ifVersion: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil
    ) {
        self.key = key
        self.ifVersion = ifVersion
        self.durability = durability
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var key: ByteBuffer?
        var ifVersion: Int64?
        var durability: Durability?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try reader.readBinary()
            case 2 where field.holds(.int64): ifVersion = try reader.readInt64()
            case 3 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let key else { throw .missingField("key") }
        self.key = key
        self.ifVersion = ifVersion
        self.durability = durability
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if ifVersion != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "key", .binary)
        writer.write(key)
        if let ifVersion {
            writer.field(&scope, 2, "ifVersion", .int64)
            writer.write(ifVersion)
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

/// What `remove` did.
public struct RemoveResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("removed", 1), ("durability", 2))

    /// Whether there was an entry, and it is gone.
    public var removed: Bool
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?

    public init(removed: Bool, durability: Durability? = nil) {
        self.removed = removed
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var removed: Bool?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.bool): removed = try reader.readBool()
            case 2 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            default: try reader.skip(field)
            }
        }
        guard let removed else { throw .missingField("removed") }
        self.removed = removed
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (durability == nil ? 0 : 1))
        writer.field(&scope, 1, "removed", .bool)
        writer.write(removed)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        writer.endStruct()
    }
}

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
