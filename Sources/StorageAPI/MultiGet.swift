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
            case 3 where field.holds(.list): versions = try [Int64](from: &reader)
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
