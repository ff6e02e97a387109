public import NeedletailWire

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
