public import NeedletailWire

/// Who asks, and until when; field 255 of every request.
public struct RequestContext: WireStruct, Hashable {
    @usableFromInline static let fields = FieldTable(
        ("fromService", 1), ("fromCluster", 2), ("toService", 3), ("toCluster", 4), ("logID", 5), ("timeoutMillis", 6),
        ("baggage", 7))

    /// The calling service.
    public var fromService: String?
    /// The calling cluster.
    public var fromCluster: String?
    /// The service that is meant.
    public var toService: String?
    /// The cluster that is meant.
    public var toCluster: String?
    /// Ties the log lines of one request together.
    public var logID: String?
    /// Milliseconds from arrival; absent or 0: the default; negative: INVALID_ARGUMENT.
    public var timeoutMillis: Int32?
    /// Passed on unread.
    public var baggage: [String: String]?

    public init(
        fromService: String? = nil, fromCluster: String? = nil, toService: String? = nil, toCluster: String? = nil,
        logID: String? = nil, timeoutMillis: Int32? = nil, baggage: [String: String]? = nil
    ) {
        self.fromService = fromService
        self.fromCluster = fromCluster
        self.toService = toService
        self.toCluster = toCluster
        self.logID = logID
        self.timeoutMillis = timeoutMillis
        self.baggage = baggage
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var fromService: String?
        var fromCluster: String?
        var toService: String?
        var toCluster: String?
        var logID: String?
        var timeoutMillis: Int32?
        var baggage: [String: String]?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): fromService = try reader.readString()
            case 2 where field.holds(.binary): fromCluster = try reader.readString()
            case 3 where field.holds(.binary): toService = try reader.readString()
            case 4 where field.holds(.binary): toCluster = try reader.readString()
            case 5 where field.holds(.binary): logID = try reader.readString()
            case 6 where field.holds(.int32): timeoutMillis = try reader.readInt32()
            case 7 where field.holds(.map): baggage = try [String: String](from: &reader)
            default: try reader.skip(field)
            }
        }
        self.fromService = fromService
        self.fromCluster = fromCluster
        self.toService = toService
        self.toCluster = toCluster
        self.logID = logID
        self.timeoutMillis = timeoutMillis
        self.baggage = baggage
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 0
        if fromService != nil { fieldCount += 1 }
        if fromCluster != nil { fieldCount += 1 }
        if toService != nil { fieldCount += 1 }
        if toCluster != nil { fieldCount += 1 }
        if logID != nil { fieldCount += 1 }
        if timeoutMillis != nil { fieldCount += 1 }
        if baggage != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        if let fromService {
            writer.field(&scope, 1, "fromService", .binary)
            writer.write(fromService)
        }
        if let fromCluster {
            writer.field(&scope, 2, "fromCluster", .binary)
            writer.write(fromCluster)
        }
        if let toService {
            writer.field(&scope, 3, "toService", .binary)
            writer.write(toService)
        }
        if let toCluster {
            writer.field(&scope, 4, "toCluster", .binary)
            writer.write(toCluster)
        }
        if let logID {
            writer.field(&scope, 5, "logID", .binary)
            writer.write(logID)
        }
        if let timeoutMillis {
            writer.field(&scope, 6, "timeoutMillis", .int32)
            writer.write(timeoutMillis)
        }
        if let baggage {
            writer.field(&scope, 7, "baggage", .map)
            baggage.encode(to: &writer)
        }
        writer.endStruct()
    }
}

/// Why a call failed, and whether it did something.
public struct StorageError: WireStruct, Hashable, Error {
    @usableFromInline static let fields = FieldTable(
        ("code", 1), ("message", 2), ("effect", 3), ("retryAfterMillis", 4))

    /// What went wrong.
    public var code: ErrorCode
    /// For people.
    public var message: String
    /// Whether something was changed.
    public var effect: Effect
    /// Milliseconds after which trying again makes sense.
    public var retryAfterMillis: Int32?

    public init(code: ErrorCode, message: String, effect: Effect, retryAfterMillis: Int32? = nil) {
        self.code = code
        self.message = message
        self.effect = effect
        self.retryAfterMillis = retryAfterMillis
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var code: ErrorCode?
        var message: String?
        var effect: Effect?
        var retryAfterMillis: Int32?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.int32): code = ErrorCode(rawValue: try reader.readInt32())
            case 2 where field.holds(.binary): message = try reader.readString()
            case 3 where field.holds(.int32): effect = Effect(rawValue: try reader.readInt32())
            case 4 where field.holds(.int32): retryAfterMillis = try reader.readInt32()
            default: try reader.skip(field)
            }
        }
        guard let code else { throw .missingField("code") }
        guard let message else { throw .missingField("message") }
        guard let effect else { throw .missingField("effect") }
        self.code = code
        self.message = message
        self.effect = effect
        self.retryAfterMillis = retryAfterMillis
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 3 + (retryAfterMillis == nil ? 0 : 1))
        writer.field(&scope, 1, "code", .int32)
        writer.write(code.rawValue)
        writer.field(&scope, 2, "message", .binary)
        writer.write(message)
        writer.field(&scope, 3, "effect", .int32)
        writer.write(effect.rawValue)
        if let retryAfterMillis {
            writer.field(&scope, 4, "retryAfterMillis", .int32)
            writer.write(retryAfterMillis)
        }
        writer.endStruct()
    }
}
