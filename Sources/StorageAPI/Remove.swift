public import NIOCore
public import NeedletailWire

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
