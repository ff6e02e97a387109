public import NIOCore
public import NeedletailWire

/// `multiGet`.
public struct MultiGetRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("keys", 1), ("policy", 2), ("withVersions", 3), ("context", 255))

    /// Up to `limits.maxKeysPerRequest` keys; duplicates are answered at each place.
    public var keys: BinaryList
    /// Absent: CANCEL.
    public var policy: ReadPolicy?
    /// Whether the answer has versions.
    public var withVersions: Bool?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(
        keys: BinaryList, policy: ReadPolicy? = nil, withVersions: Bool? = nil, context: RequestContext? = nil
    ) {
        self.keys = keys
        self.policy = policy
        self.withVersions = withVersions
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var keys: BinaryList?
        var policy: ReadPolicy?
        var withVersions: Bool?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.list): keys = try reader.readBinaryList()
            case 2 where field.holds(.int32): policy = ReadPolicy(rawValue: try reader.readInt32())
            case 3 where field.holds(.bool): withVersions = try reader.readBool()
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let keys else { throw .missingField("keys") }
        self.keys = keys
        self.policy = policy
        self.withVersions = withVersions
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if policy != nil { fieldCount += 1 }
        if withVersions != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.field(&scope, 1, "keys", .list)
        writer.write(keys)
        if let policy {
            writer.field(&scope, 2, "policy", .int32)
            writer.write(policy.rawValue)
        }
        if let withVersions {
            writer.field(&scope, 3, "withVersions", .bool)
            writer.write(withVersions)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `multiGet` found, in the order of the keys.
public struct MultiGetResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("values", 1), ("statuses", 2), ("versions", 3), ("complete", 4))

    /// One for each key; empty unless FOUND.
    public var values: BinaryList
    /// One byte for each key: its `KeyStatus`.
    public var statuses: ByteBuffer
    /// One for each key, 0 unless FOUND; only where asked for.
    public var versions: [Int64]?
    /// Whether every status is FOUND or MISSING.
    public var complete: Bool

    public init(values: BinaryList, statuses: ByteBuffer, versions: [Int64]? = nil, complete: Bool) {
        self.values = values
        self.statuses = statuses
        self.versions = versions
        self.complete = complete
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var values: BinaryList?
        var statuses: ByteBuffer?
        var versions: [Int64]?
        var complete: Bool?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.list): values = try reader.readBinaryList()
            case 2 where field.holds(.binary): statuses = try reader.readBinary()
            case 3 where field.holds(.list): versions = try reader.readInt64List()
            case 4 where field.holds(.bool): complete = try reader.readBool()
            default: try reader.skip(field)
            }
        }
        guard let values else { throw .missingField("values") }
        guard let statuses else { throw .missingField("statuses") }
        guard let complete else { throw .missingField("complete") }
        self.values = values
        self.statuses = statuses
        self.versions = versions
        self.complete = complete
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 3 + (versions == nil ? 0 : 1))
        writer.field(&scope, 1, "values", .list)
        writer.write(values)
        writer.field(&scope, 2, "statuses", .binary)
        writer.write(statuses)
        if let versions {
            writer.field(&scope, 3, "versions", .list)
            writer.write(versions)
        }
        writer.field(&scope, 4, "complete", .bool)
        writer.write(complete)
        writer.endStruct()
    }
}

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
            case 1 where field.holds(.list): entries = try reader.readList(of: Entry.self)
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
        writer.write(entries)
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

/// `multiRemove`.
public struct MultiRemoveRequest: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("keys", 1), ("durability", 2), ("context", 255))

    /// Up to `limits.maxKeysPerRequest` keys.
    public var keys: BinaryList
    /// How well the write must be kept; absent: as configured.
    public var durability: Durability?
    /// Who asks, and until when.
    public var context: RequestContext?

    public init(keys: BinaryList, durability: Durability? = nil, context: RequestContext? = nil) {
        self.keys = keys
        self.durability = durability
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var keys: BinaryList?
        var durability: Durability?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.list): keys = try reader.readBinaryList()
            case 2 where field.holds(.int32): durability = Durability(rawValue: try reader.readInt32())
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let keys else { throw .missingField("keys") }
        self.keys = keys
        self.durability = durability
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + (durability == nil ? 0 : 1) + (context == nil ? 0 : 1))
        writer.field(&scope, 1, "keys", .list)
        writer.write(keys)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        if let context {
            writer.field(&scope, 255, "context", .structure)
            context.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// What `multiRemove` did.
public struct MultiRemoveResponse: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(("removed", 1), ("durability", 2))

    /// Entries that were there; a key that is named twice counts once.
    public var removed: Int32
    /// The level that was reached; absent if nothing was written.
    public var durability: Durability?

    public init(removed: Int32, durability: Durability? = nil) {
        self.removed = removed
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var removed: Int32?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.int32): removed = try reader.readInt32()
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
        writer.field(&scope, 1, "removed", .int32)
        writer.write(removed)
        if let durability {
            writer.field(&scope, 2, "durability", .int32)
            writer.write(durability.rawValue)
        }
        writer.endStruct()
    }
}

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
            case 1 where field.holds(.list): entries = try reader.readList(of: ScannedEntry.self)
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
        writer.write(entries)
        if let cursor {
            writer.field(&scope, 2, "cursor", .binary)
            writer.write(cursor)
        }
        writer.endStruct()
    }
}
