// Placeholder.
public import NIOCore
public import NeedletailRPC
public import NeedletailWire

public enum ReadPolicy: WireEnum, CaseIterable {
    case cancel
    case wait
    case unrecognized(Int32)

    public static let allCases: [ReadPolicy] = [.cancel, .wait]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .cancel
        case 2: self = .wait
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .cancel: 1
        case .wait: 2
        case .unrecognized(let number): number
        }
    }
}

extension ReadPolicy: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cancel: "CANCEL"
        case .wait: "WAIT"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public enum KeyStatus: WireEnum, CaseIterable {
    case found
    case missing
    case deadlineExceeded
    case failed
    case shed
    case tooLarge
    case stored
    case unrecognized(Int32)

    public static let allCases: [KeyStatus] = [.found, .missing, .deadlineExceeded, .failed, .shed, .tooLarge, .stored]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .found
        case 2: self = .missing
        case 3: self = .deadlineExceeded
        case 4: self = .failed
        case 5: self = .shed
        case 6: self = .tooLarge
        case 7: self = .stored
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .found: 1
        case .missing: 2
        case .deadlineExceeded: 3
        case .failed: 4
        case .shed: 5
        case .tooLarge: 6
        case .stored: 7
        case .unrecognized(let number): number
        }
    }
}

extension KeyStatus: CustomStringConvertible {
    public var description: String {
        switch self {
        case .found: "FOUND"
        case .missing: "MISSING"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .failed: "FAILED"
        case .shed: "SHED"
        case .tooLarge: "TOO_LARGE"
        case .stored: "STORED"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public enum Durability: WireEnum, CaseIterable {
    case memory
    case logged
    case synced
    case replicated
    case unrecognized(Int32)

    public static let allCases: [Durability] = [.memory, .logged, .synced, .replicated]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .memory
        case 2: self = .logged
        case 3: self = .synced
        case 4: self = .replicated
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .memory: 1
        case .logged: 2
        case .synced: 3
        case .replicated: 4
        case .unrecognized(let number): number
        }
    }
}

extension Durability: CustomStringConvertible {
    public var description: String {
        switch self {
        case .memory: "MEMORY"
        case .logged: "LOGGED"
        case .synced: "SYNCED"
        case .replicated: "REPLICATED"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public enum Condition: WireEnum, CaseIterable {
    case always
    case ifAbsent
    case ifPresent
    case unrecognized(Int32)

    public static let allCases: [Condition] = [.always, .ifAbsent, .ifPresent]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .always
        case 2: self = .ifAbsent
        case 3: self = .ifPresent
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .always: 1
        case .ifAbsent: 2
        case .ifPresent: 3
        case .unrecognized(let number): number
        }
    }
}

extension Condition: CustomStringConvertible {
    public var description: String {
        switch self {
        case .always: "ALWAYS"
        case .ifAbsent: "IF_ABSENT"
        case .ifPresent: "IF_PRESENT"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public enum ErrorCode: WireEnum, CaseIterable {
    case invalidArgument
    case deadlineExceeded
    case overloaded
    case outOfMemory
    case readOnly
    case unavailable
    case unauthenticated
    case permissionDenied
    case notAnInteger
    case unsupported
    case `internal`
    case cancelled
    case unrecognized(Int32)

    public static let allCases: [ErrorCode] = [.invalidArgument, .deadlineExceeded, .overloaded, .outOfMemory, .readOnly, .unavailable, .unauthenticated, .permissionDenied, .notAnInteger, .unsupported, .`internal`, .cancelled]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .invalidArgument
        case 2: self = .deadlineExceeded
        case 3: self = .overloaded
        case 4: self = .outOfMemory
        case 5: self = .readOnly
        case 6: self = .unavailable
        case 7: self = .unauthenticated
        case 8: self = .permissionDenied
        case 9: self = .notAnInteger
        case 10: self = .unsupported
        case 11: self = .`internal`
        case 12: self = .cancelled
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .invalidArgument: 1
        case .deadlineExceeded: 2
        case .overloaded: 3
        case .outOfMemory: 4
        case .readOnly: 5
        case .unavailable: 6
        case .unauthenticated: 7
        case .permissionDenied: 8
        case .notAnInteger: 9
        case .unsupported: 10
        case .`internal`: 11
        case .cancelled: 12
        case .unrecognized(let number): number
        }
    }
}

extension ErrorCode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .overloaded: "OVERLOADED"
        case .outOfMemory: "OUT_OF_MEMORY"
        case .readOnly: "READ_ONLY"
        case .unavailable: "UNAVAILABLE"
        case .unauthenticated: "UNAUTHENTICATED"
        case .permissionDenied: "PERMISSION_DENIED"
        case .notAnInteger: "NOT_AN_INTEGER"
        case .unsupported: "UNSUPPORTED"
        case .`internal`: "INTERNAL"
        case .cancelled: "CANCELLED"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public enum Effect: WireEnum, CaseIterable {
    case notExecuted
    case executed
    case unknown
    case unrecognized(Int32)

    public static let allCases: [Effect] = [.notExecuted, .executed, .unknown]

    @inlinable
    public init(rawValue: Int32) {
        switch rawValue {
        case 1: self = .notExecuted
        case 2: self = .executed
        case 3: self = .unknown
        default: self = .unrecognized(rawValue)
        }
    }

    @inlinable
    public var rawValue: Int32 {
        switch self {
        case .notExecuted: 1
        case .executed: 2
        case .unknown: 3
        case .unrecognized(let number): number
        }
    }
}

extension Effect: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notExecuted: "NOT_EXECUTED"
        case .executed: "EXECUTED"
        case .unknown: "UNKNOWN"
        case .unrecognized(let number): "unrecognized(\(number))"
        }
    }
}

public struct StorageError: WireStruct, Hashable, Error {
    @usableFromInline static let wireFields = FieldTable(("code", 1), ("message", 2), ("effect", 3), ("retryAfterMillis", 4))

    public var code: ErrorCode
    public var message: String
    public var effect: Effect
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.int32): code = try ErrorCode(from: &reader)
            case 2 where field.holds(.binary): message = try String(from: &reader)
            case 3 where field.holds(.int32): effect = try Effect(from: &reader)
            case 4 where field.holds(.int32): retryAfterMillis = try Int32(from: &reader)
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
        var fieldCount = 3
        if retryAfterMillis != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "code", code)
        writer.writeField(&scope, 2, "message", message)
        writer.writeField(&scope, 3, "effect", effect)
        writer.writeField(&scope, 4, "retryAfterMillis", retryAfterMillis)
        writer.endStruct()
    }
}

public struct RequestContext: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("fromService", 1), ("fromCluster", 2), ("toService", 3), ("toCluster", 4), ("logID", 5), ("timeoutMillis", 6), ("baggage", 7))

    public var fromService: String?
    public var fromCluster: String?
    public var toService: String?
    public var toCluster: String?
    public var logID: String?
    public var timeoutMillis: Int32?
    public var baggage: [String: String]?

    public init(fromService: String? = nil, fromCluster: String? = nil, toService: String? = nil, toCluster: String? = nil, logID: String? = nil, timeoutMillis: Int32? = nil, baggage: [String: String]? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): fromService = try String(from: &reader)
            case 2 where field.holds(.binary): fromCluster = try String(from: &reader)
            case 3 where field.holds(.binary): toService = try String(from: &reader)
            case 4 where field.holds(.binary): toCluster = try String(from: &reader)
            case 5 where field.holds(.binary): logID = try String(from: &reader)
            case 6 where field.holds(.int32): timeoutMillis = try Int32(from: &reader)
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
        writer.writeField(&scope, 1, "fromService", fromService)
        writer.writeField(&scope, 2, "fromCluster", fromCluster)
        writer.writeField(&scope, 3, "toService", toService)
        writer.writeField(&scope, 4, "toCluster", toCluster)
        writer.writeField(&scope, 5, "logID", logID)
        writer.writeField(&scope, 6, "timeoutMillis", timeoutMillis)
        writer.writeField(&scope, 7, "baggage", baggage)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if let timeoutMillis {
            if timeoutMillis < 0 { throw ValidationError(field: "timeoutMillis", violation: "is \(timeoutMillis); vt.ge is 0") }
        }
    }
}

public struct GetRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("context", 255))

    public var key: ByteBuffer
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
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
        var fieldCount = 1
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct GetResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("value", 1), ("version", 2), ("ttlMillis", 3))

    public var value: ByteBuffer?
    public var version: Int64?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): value = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int64): version = try Int64(from: &reader)
            case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
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
        writer.writeField(&scope, 1, "value", value)
        writer.writeField(&scope, 2, "version", version)
        writer.writeField(&scope, 3, "ttlMillis", ttlMillis)
        writer.endStruct()
    }
}

public struct PutRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("value", 2), ("ttlMillis", 3), ("condition", 4), ("ifVersion", 5), ("durability", 6), ("returnPrevious", 7), ("context", 255))

    public var key: ByteBuffer
    public var value: ByteBuffer
    public var ttlMillis: Int64?
    public var condition: Condition?
    public var ifVersion: Int64?
    public var durability: Durability?
    public var returnPrevious: Bool?
    public var context: RequestContext?

    public init(key: ByteBuffer, value: ByteBuffer, ttlMillis: Int64? = nil, condition: Condition? = nil, ifVersion: Int64? = nil, durability: Durability? = nil, returnPrevious: Bool? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.binary): value = try ByteBuffer(from: &reader)
            case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
            case 4 where field.holds(.int32): condition = try Condition(from: &reader)
            case 5 where field.holds(.int64): ifVersion = try Int64(from: &reader)
            case 6 where field.holds(.int32): durability = try Durability(from: &reader)
            case 7 where field.holds(.bool): returnPrevious = try Bool(from: &reader)
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
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "value", value)
        writer.writeField(&scope, 3, "ttlMillis", ttlMillis)
        writer.writeField(&scope, 4, "condition", condition)
        writer.writeField(&scope, 5, "ifVersion", ifVersion)
        writer.writeField(&scope, 6, "durability", durability)
        writer.writeField(&scope, 7, "returnPrevious", returnPrevious)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let ttlMillis {
            if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
        }
        if let condition {
            if case .unrecognized(let number) = condition { throw ValidationError(field: "condition", violation: "is \(number); vt.defined_only allows no other than ALWAYS, IF_ABSENT, IF_PRESENT") }
        }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct PutResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("applied", 1), ("version", 2), ("durability", 3), ("previous", 4))

    public var applied: Bool
    public var version: Int64?
    public var durability: Durability?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.bool): applied = try Bool(from: &reader)
            case 2 where field.holds(.int64): version = try Int64(from: &reader)
            case 3 where field.holds(.int32): durability = try Durability(from: &reader)
            case 4 where field.holds(.binary): previous = try ByteBuffer(from: &reader)
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
        writer.writeField(&scope, 1, "applied", applied)
        writer.writeField(&scope, 2, "version", version)
        writer.writeField(&scope, 3, "durability", durability)
        writer.writeField(&scope, 4, "previous", previous)
        writer.endStruct()
    }
}

public struct RemoveRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("ifVersion", 2), ("durability", 3), ("context", 255))

    public var key: ByteBuffer
    public var ifVersion: Int64?
    public var durability: Durability?
    public var context: RequestContext?

    public init(key: ByteBuffer, ifVersion: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int64): ifVersion = try Int64(from: &reader)
            case 3 where field.holds(.int32): durability = try Durability(from: &reader)
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
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "ifVersion", ifVersion)
        writer.writeField(&scope, 3, "durability", durability)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct RemoveResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("removed", 1), ("durability", 2))

    public var removed: Bool
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.bool): removed = try Bool(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let removed else { throw .missingField("removed") }
        self.removed = removed
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "removed", removed)
        writer.writeField(&scope, 2, "durability", durability)
        writer.endStruct()
    }
}

public struct MultiGetRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("keys", 1), ("policy", 2), ("withVersions", 3), ("context", 255))

    public var keys: BinaryList
    public var policy: ReadPolicy?
    public var withVersions: Bool?
    public var context: RequestContext?

    public init(keys: BinaryList, policy: ReadPolicy? = nil, withVersions: Bool? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): keys = try BinaryList(from: &reader)
            case 2 where field.holds(.int32): policy = try ReadPolicy(from: &reader)
            case 3 where field.holds(.bool): withVersions = try Bool(from: &reader)
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
        writer.writeField(&scope, 1, "keys", keys)
        writer.writeField(&scope, 2, "policy", policy)
        writer.writeField(&scope, 3, "withVersions", withVersions)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        for index in keys.indices where keys.byteCount(at: index) < 1 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.min_size is 1") }
        for index in keys.indices where keys.byteCount(at: index) > 4096 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.max_size is 4096") }
        if let policy {
            if case .unrecognized(let number) = policy { throw ValidationError(field: "policy", violation: "is \(number); vt.defined_only allows no other than CANCEL, WAIT") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct MultiGetResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("values", 1), ("statuses", 2), ("versions", 3), ("complete", 4))

    public var values: BinaryList
    public var statuses: ByteBuffer
    public var versions: [Int64]?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): values = try BinaryList(from: &reader)
            case 2 where field.holds(.binary): statuses = try ByteBuffer(from: &reader)
            case 3 where field.holds(.list): versions = try [Int64](from: &reader)
            case 4 where field.holds(.bool): complete = try Bool(from: &reader)
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
        var fieldCount = 3
        if versions != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "values", values)
        writer.writeField(&scope, 2, "statuses", statuses)
        writer.writeField(&scope, 3, "versions", versions)
        writer.writeField(&scope, 4, "complete", complete)
        writer.endStruct()
    }
}

public struct Entry: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("value", 2), ("ttlMillis", 3))

    public var key: ByteBuffer
    public var value: ByteBuffer
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.binary): value = try ByteBuffer(from: &reader)
            case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
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
        var fieldCount = 2
        if ttlMillis != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "value", value)
        writer.writeField(&scope, 3, "ttlMillis", ttlMillis)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let ttlMillis {
            if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
        }
    }
}

public struct MultiPutRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("entries", 1), ("durability", 2), ("atomic", 3), ("context", 255))

    public var entries: [Entry]
    public var durability: Durability?
    public var atomic: Bool?
    public var context: RequestContext?

    public init(entries: [Entry], durability: Durability? = nil, atomic: Bool? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): entries = try [Entry](from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            case 3 where field.holds(.bool): atomic = try Bool(from: &reader)
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
        writer.writeField(&scope, 1, "entries", entries)
        writer.writeField(&scope, 2, "durability", durability)
        writer.writeField(&scope, 3, "atomic", atomic)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        for index in entries.indices { do throws(ValidationError) { try entries[index].validate() } catch { throw error.inside("entries[\(index)]") } }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct MultiPutResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("statuses", 1), ("durability", 2))

    public var statuses: ByteBuffer
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): statuses = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let statuses else { throw .missingField("statuses") }
        self.statuses = statuses
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "statuses", statuses)
        writer.writeField(&scope, 2, "durability", durability)
        writer.endStruct()
    }
}

public struct MultiRemoveRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("keys", 1), ("durability", 2), ("context", 255))

    public var keys: BinaryList
    public var durability: Durability?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): keys = try BinaryList(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
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
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "keys", keys)
        writer.writeField(&scope, 2, "durability", durability)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        for index in keys.indices where keys.byteCount(at: index) < 1 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.min_size is 1") }
        for index in keys.indices where keys.byteCount(at: index) > 4096 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.max_size is 4096") }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct MultiRemoveResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("removed", 1), ("durability", 2))

    public var removed: Int32
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.int32): removed = try Int32(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let removed else { throw .missingField("removed") }
        self.removed = removed
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "removed", removed)
        writer.writeField(&scope, 2, "durability", durability)
        writer.endStruct()
    }
}

public struct IncrementRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("delta", 2), ("initial", 3), ("ttlMillis", 4), ("durability", 5), ("context", 255))

    public var key: ByteBuffer
    public var delta: Int64
    public var initial: Int64?
    public var ttlMillis: Int64?
    public var durability: Durability?
    public var context: RequestContext?

    public init(key: ByteBuffer, delta: Int64, initial: Int64? = nil, ttlMillis: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int64): delta = try Int64(from: &reader)
            case 3 where field.holds(.int64): initial = try Int64(from: &reader)
            case 4 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
            case 5 where field.holds(.int32): durability = try Durability(from: &reader)
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
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "delta", delta)
        writer.writeField(&scope, 3, "initial", initial)
        writer.writeField(&scope, 4, "ttlMillis", ttlMillis)
        writer.writeField(&scope, 5, "durability", durability)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let ttlMillis {
            if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
        }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct IncrementResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("value", 1), ("version", 2), ("durability", 3))

    public var value: Int64
    public var version: Int64?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.int64): value = try Int64(from: &reader)
            case 2 where field.holds(.int64): version = try Int64(from: &reader)
            case 3 where field.holds(.int32): durability = try Durability(from: &reader)
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
        var fieldCount = 1
        if version != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "value", value)
        writer.writeField(&scope, 2, "version", version)
        writer.writeField(&scope, 3, "durability", durability)
        writer.endStruct()
    }
}

public struct TouchRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("ttlMillis", 2), ("durability", 3), ("context", 255))

    public var key: ByteBuffer
    public var ttlMillis: Int64?
    public var durability: Durability?
    public var context: RequestContext?

    public init(key: ByteBuffer, ttlMillis: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
            case 3 where field.holds(.int32): durability = try Durability(from: &reader)
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
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "ttlMillis", ttlMillis)
        writer.writeField(&scope, 3, "durability", durability)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if key.readableBytes < 1 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.min_size is 1") }
        if key.readableBytes > 4096 { throw ValidationError(field: "key", violation: "has \(key.readableBytes) bytes; vt.max_size is 4096") }
        if let ttlMillis {
            if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
        }
        if let durability {
            if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct TouchResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("found", 1), ("durability", 2))

    public var found: Bool
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.bool): found = try Bool(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let found else { throw .missingField("found") }
        self.found = found
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "found", found)
        writer.writeField(&scope, 2, "durability", durability)
        writer.endStruct()
    }
}

public struct ScanRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("cursor", 1), ("prefix", 2), ("limit", 3), ("keysOnly", 4), ("context", 255))

    public var cursor: ByteBuffer?
    public var prefix: ByteBuffer?
    public var limit: Int32?
    public var keysOnly: Bool?
    public var context: RequestContext?

    public init(cursor: ByteBuffer? = nil, prefix: ByteBuffer? = nil, limit: Int32? = nil, keysOnly: Bool? = nil, context: RequestContext? = nil) {
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): cursor = try ByteBuffer(from: &reader)
            case 2 where field.holds(.binary): prefix = try ByteBuffer(from: &reader)
            case 3 where field.holds(.int32): limit = try Int32(from: &reader)
            case 4 where field.holds(.bool): keysOnly = try Bool(from: &reader)
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
        writer.writeField(&scope, 1, "cursor", cursor)
        writer.writeField(&scope, 2, "prefix", prefix)
        writer.writeField(&scope, 3, "limit", limit)
        writer.writeField(&scope, 4, "keysOnly", keysOnly)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if let limit {
            if limit < 1 { throw ValidationError(field: "limit", violation: "is \(limit); vt.ge is 1") }
            if limit > 10000 { throw ValidationError(field: "limit", violation: "is \(limit); vt.le is 10000") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct ScannedEntry: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("key", 1), ("value", 2), ("version", 3))

    public var key: ByteBuffer
    public var value: ByteBuffer?
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): key = try ByteBuffer(from: &reader)
            case 2 where field.holds(.binary): value = try ByteBuffer(from: &reader)
            case 3 where field.holds(.int64): version = try Int64(from: &reader)
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
        var fieldCount = 1
        if value != nil { fieldCount += 1 }
        if version != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "key", key)
        writer.writeField(&scope, 2, "value", value)
        writer.writeField(&scope, 3, "version", version)
        writer.endStruct()
    }
}

public struct ScanResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("entries", 1), ("cursor", 2))

    public var entries: [ScannedEntry]
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
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): entries = try [ScannedEntry](from: &reader)
            case 2 where field.holds(.binary): cursor = try ByteBuffer(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let entries else { throw .missingField("entries") }
        self.entries = entries
        self.cursor = cursor
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if cursor != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "entries", entries)
        writer.writeField(&scope, 2, "cursor", cursor)
        writer.endStruct()
    }
}

extension RequestContext {
    public struct View: ~Escapable {
        public let fromService: UTF8Span?
        public let fromCluster: UTF8Span?
        public let toService: UTF8Span?
        public let toCluster: UTF8Span?
        public let logID: UTF8Span?
        public let timeoutMillis: Int32?
        public let baggage: [String: String]?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var fromService: UTF8Span? = nil
            var fromCluster: UTF8Span? = nil
            var toService: UTF8Span? = nil
            var toCluster: UTF8Span? = nil
            var logID: UTF8Span? = nil
            var timeoutMillis: Int32? = nil
            var baggage: [String: String]? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: RequestContext.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): fromService = try reader.readText()
                case 2 where field.holds(.binary): fromCluster = try reader.readText()
                case 3 where field.holds(.binary): toService = try reader.readText()
                case 4 where field.holds(.binary): toCluster = try reader.readText()
                case 5 where field.holds(.binary): logID = try reader.readText()
                case 6 where field.holds(.int32): timeoutMillis = try Int32(from: &reader)
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
        public func validate() throws(ValidationError) {
            if let timeoutMillis {
                if timeoutMillis < 0 { throw ValidationError(field: "timeoutMillis", violation: "is \(timeoutMillis); vt.ge is 0") }
            }
        }
    }
}

extension GetRequest {
    public struct View: ~Escapable {
        public let key: RawSpan
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var key: RawSpan? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: GetRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): key = try reader.readSpan()
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
                default: try reader.skip(field)
                }
            }
            guard let key else { throw .missingField("key") }
            self.key = key
            self.context = context
        }

        @inlinable
        public func validate() throws(ValidationError) {
            if key.byteCount < 1 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.min_size is 1") }
            if key.byteCount > 4096 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.max_size is 4096") }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension PutRequest {
    public struct View: ~Escapable {
        public let key: RawSpan
        public let value: RawSpan
        public let ttlMillis: Int64?
        public let condition: Condition?
        public let ifVersion: Int64?
        public let durability: Durability?
        public let returnPrevious: Bool?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var key: RawSpan? = nil
            var value: RawSpan? = nil
            var ttlMillis: Int64? = nil
            var condition: Condition? = nil
            var ifVersion: Int64? = nil
            var durability: Durability? = nil
            var returnPrevious: Bool? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: PutRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): key = try reader.readSpan()
                case 2 where field.holds(.binary): value = try reader.readSpan()
                case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
                case 4 where field.holds(.int32): condition = try Condition(from: &reader)
                case 5 where field.holds(.int64): ifVersion = try Int64(from: &reader)
                case 6 where field.holds(.int32): durability = try Durability(from: &reader)
                case 7 where field.holds(.bool): returnPrevious = try Bool(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            if key.byteCount < 1 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.min_size is 1") }
            if key.byteCount > 4096 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.max_size is 4096") }
            if let ttlMillis {
                if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
            }
            if let condition {
                if case .unrecognized(let number) = condition { throw ValidationError(field: "condition", violation: "is \(number); vt.defined_only allows no other than ALWAYS, IF_ABSENT, IF_PRESENT") }
            }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension RemoveRequest {
    public struct View: ~Escapable {
        public let key: RawSpan
        public let ifVersion: Int64?
        public let durability: Durability?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var key: RawSpan? = nil
            var ifVersion: Int64? = nil
            var durability: Durability? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: RemoveRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): key = try reader.readSpan()
                case 2 where field.holds(.int64): ifVersion = try Int64(from: &reader)
                case 3 where field.holds(.int32): durability = try Durability(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            if key.byteCount < 1 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.min_size is 1") }
            if key.byteCount > 4096 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.max_size is 4096") }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension MultiGetRequest {
    public struct View: ~Escapable {
        public let keys: BinaryList
        public let policy: ReadPolicy?
        public let withVersions: Bool?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var keys: BinaryList? = nil
            var policy: ReadPolicy? = nil
            var withVersions: Bool? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: MultiGetRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.list): keys = try BinaryList(from: &reader)
                case 2 where field.holds(.int32): policy = try ReadPolicy(from: &reader)
                case 3 where field.holds(.bool): withVersions = try Bool(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            for index in keys.indices where keys.byteCount(at: index) < 1 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.min_size is 1") }
            for index in keys.indices where keys.byteCount(at: index) > 4096 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.max_size is 4096") }
            if let policy {
                if case .unrecognized(let number) = policy { throw ValidationError(field: "policy", violation: "is \(number); vt.defined_only allows no other than CANCEL, WAIT") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension MultiPutRequest {
    public struct View: ~Escapable {
        public let entries: [Entry]
        public let durability: Durability?
        public let atomic: Bool?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var entries: [Entry]? = nil
            var durability: Durability? = nil
            var atomic: Bool? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: MultiPutRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.list): entries = try [Entry](from: &reader)
                case 2 where field.holds(.int32): durability = try Durability(from: &reader)
                case 3 where field.holds(.bool): atomic = try Bool(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            for index in entries.indices { do throws(ValidationError) { try entries[index].validate() } catch { throw error.inside("entries[\(index)]") } }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension MultiRemoveRequest {
    public struct View: ~Escapable {
        public let keys: BinaryList
        public let durability: Durability?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var keys: BinaryList? = nil
            var durability: Durability? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: MultiRemoveRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.list): keys = try BinaryList(from: &reader)
                case 2 where field.holds(.int32): durability = try Durability(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
                default: try reader.skip(field)
                }
            }
            guard let keys else { throw .missingField("keys") }
            self.keys = keys
            self.durability = durability
            self.context = context
        }

        @inlinable
        public func validate() throws(ValidationError) {
            for index in keys.indices where keys.byteCount(at: index) < 1 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.min_size is 1") }
            for index in keys.indices where keys.byteCount(at: index) > 4096 { throw ValidationError(field: "keys[\(index)]", violation: "has \(keys.byteCount(at: index)) bytes; vt.elem.max_size is 4096") }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension IncrementRequest {
    public struct View: ~Escapable {
        public let key: RawSpan
        public let delta: Int64
        public let initial: Int64?
        public let ttlMillis: Int64?
        public let durability: Durability?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var key: RawSpan? = nil
            var delta: Int64? = nil
            var initial: Int64? = nil
            var ttlMillis: Int64? = nil
            var durability: Durability? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: IncrementRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): key = try reader.readSpan()
                case 2 where field.holds(.int64): delta = try Int64(from: &reader)
                case 3 where field.holds(.int64): initial = try Int64(from: &reader)
                case 4 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
                case 5 where field.holds(.int32): durability = try Durability(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            if key.byteCount < 1 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.min_size is 1") }
            if key.byteCount > 4096 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.max_size is 4096") }
            if let ttlMillis {
                if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
            }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension TouchRequest {
    public struct View: ~Escapable {
        public let key: RawSpan
        public let ttlMillis: Int64?
        public let durability: Durability?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var key: RawSpan? = nil
            var ttlMillis: Int64? = nil
            var durability: Durability? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: TouchRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): key = try reader.readSpan()
                case 2 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
                case 3 where field.holds(.int32): durability = try Durability(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            if key.byteCount < 1 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.min_size is 1") }
            if key.byteCount > 4096 { throw ValidationError(field: "key", violation: "has \(key.byteCount) bytes; vt.max_size is 4096") }
            if let ttlMillis {
                if ttlMillis <= 0 { throw ValidationError(field: "ttlMillis", violation: "is \(ttlMillis); vt.gt is 0") }
            }
            if let durability {
                if case .unrecognized(let number) = durability { throw ValidationError(field: "durability", violation: "is \(number); vt.defined_only allows no other than MEMORY, LOGGED, SYNCED, REPLICATED") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

extension ScanRequest {
    public struct View: ~Escapable {
        public let cursor: RawSpan?
        public let prefix: RawSpan?
        public let limit: Int32?
        public let keysOnly: Bool?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var cursor: RawSpan? = nil
            var prefix: RawSpan? = nil
            var limit: Int32? = nil
            var keysOnly: Bool? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: ScanRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): cursor = try reader.readSpan()
                case 2 where field.holds(.binary): prefix = try reader.readSpan()
                case 3 where field.holds(.int32): limit = try Int32(from: &reader)
                case 4 where field.holds(.bool): keysOnly = try Bool(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
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
        public func validate() throws(ValidationError) {
            if let limit {
                if limit < 1 { throw ValidationError(field: "limit", violation: "is \(limit); vt.ge is 1") }
                if limit > 10000 { throw ValidationError(field: "limit", violation: "is \(limit); vt.le is 10000") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

public enum StorageMethod: Int, CaseIterable, Sendable {
    case ping
    case get
    case put
    case remove
    case multiGet
    case multiPut
    case multiRemove
    case increment
    case touch
    case scan

    public var name: StaticString {
        switch self {
        case .ping: "ping"
        case .get: "get"
        case .put: "put"
        case .remove: "remove"
        case .multiGet: "multiGet"
        case .multiPut: "multiPut"
        case .multiRemove: "multiRemove"
        case .increment: "increment"
        case .touch: "touch"
        case .scan: "scan"
        }
    }

    @inlinable
    public init?(_ name: RawSpan) {
        switch name.byteCount {
        case 3 where name.equals("get"): self = .get
        case 3 where name.equals("put"): self = .put
        case 4 where name.equals("ping"): self = .ping
        case 4 where name.equals("scan"): self = .scan
        case 5 where name.equals("touch"): self = .touch
        case 6 where name.equals("remove"): self = .remove
        case 8 where name.equals("multiGet"): self = .multiGet
        case 8 where name.equals("multiPut"): self = .multiPut
        case 9 where name.equals("increment"): self = .increment
        case 11 where name.equals("multiRemove"): self = .multiRemove
        default: return nil
        }
    }
}

public enum StorageMethods {
    public enum Ping: RPCMethod {
        public typealias Arguments = NoArguments
        public typealias Result = String
        public typealias Failure = Never

        @inlinable
        public static var name: StaticString { "ping" }
    }

    public enum Get: RPCMethod {
        public typealias Result = GetResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "get" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: GetRequest

            @inlinable
            public init(request: GetRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: GetRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try GetRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: GetRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: GetRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try GetRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum Put: RPCMethod {
        public typealias Result = PutResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "put" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: PutRequest

            @inlinable
            public init(request: PutRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: PutRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try PutRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: PutRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: PutRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try PutRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum Remove: RPCMethod {
        public typealias Result = RemoveResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "remove" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: RemoveRequest

            @inlinable
            public init(request: RemoveRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: RemoveRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try RemoveRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: RemoveRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: RemoveRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try RemoveRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum MultiGet: RPCMethod {
        public typealias Result = MultiGetResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "multiGet" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: MultiGetRequest

            @inlinable
            public init(request: MultiGetRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiGetRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiGetRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: MultiGetRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiGetRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiGetRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum MultiPut: RPCMethod {
        public typealias Result = MultiPutResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "multiPut" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: MultiPutRequest

            @inlinable
            public init(request: MultiPutRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiPutRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiPutRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: MultiPutRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiPutRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiPutRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum MultiRemove: RPCMethod {
        public typealias Result = MultiRemoveResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "multiRemove" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: MultiRemoveRequest

            @inlinable
            public init(request: MultiRemoveRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiRemoveRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiRemoveRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: MultiRemoveRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: MultiRemoveRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try MultiRemoveRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum Increment: RPCMethod {
        public typealias Result = IncrementResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "increment" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: IncrementRequest

            @inlinable
            public init(request: IncrementRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: IncrementRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try IncrementRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: IncrementRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: IncrementRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try IncrementRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum Touch: RPCMethod {
        public typealias Result = TouchResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "touch" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: TouchRequest

            @inlinable
            public init(request: TouchRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: TouchRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try TouchRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: TouchRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: TouchRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try TouchRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

    public enum Scan: RPCMethod {
        public typealias Result = ScanResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "scan" }

        public static let exceptions = FieldTable(("error", 1))

        @inlinable
        public static func write<Writer: MessageWriter & ~Copyable>(
            _ failure: StorageError, _ head: AnswerHead, to writer: inout Writer
        ) {
            writer.write(exception: failure, 1, "error", isOnly: true, head)
        }

        @inlinable
        @_lifetime(reader: copy reader)
        public static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
            _ id: Int16, from reader: inout Reader
        ) throws(WireError) -> StorageError? {
            switch id {
            case 1: try StorageError(from: &reader)
            default: nil
            }
        }

        public struct Arguments: RPCArguments {
            @usableFromInline static let wireFields = FieldTable(("request", 1))

            public var request: ScanRequest

            @inlinable
            public init(request: ScanRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: ScanRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try ScanRequest(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 1)
                writer.writeArgument(&scope, 1, "request", request)
                writer.endArguments()
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }

        public struct View: ~Escapable {
            public let request: ScanRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: ScanRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try ScanRequest.View(from: &reader)
                    default: try reader.skip(field)
                    }
                }
                guard let request else { throw .missingField("request") }
                self.request = request
            }

            @inlinable
            public func validate() throws(ValidationError) { try request.validate() }
        }
    }

}

public protocol StorageHandler: RPCHandler {
    func ping<Writer: MessageWriter & ~Copyable>(
        _ call: Call<StorageMethods.Ping>, _ writer: inout Writer
    ) -> Reply
    func get<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing GetRequest.View, _ call: Call<StorageMethods.Get>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func put<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing PutRequest.View, _ call: Call<StorageMethods.Put>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func remove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing RemoveRequest.View, _ call: Call<StorageMethods.Remove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func multiGet<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiGetRequest.View, _ call: Call<StorageMethods.MultiGet>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func multiPut<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiPutRequest.View, _ call: Call<StorageMethods.MultiPut>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func multiRemove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiRemoveRequest.View, _ call: Call<StorageMethods.MultiRemove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func increment<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing IncrementRequest.View, _ call: Call<StorageMethods.Increment>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func touch<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing TouchRequest.View, _ call: Call<StorageMethods.Touch>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func scan<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing ScanRequest.View, _ call: Call<StorageMethods.Scan>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError?
}

extension StorageHandler {
    @inlinable
    public func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError? { nil }

    @inlinable
    @_lifetime(reader: copy reader)
    public func dispatch<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        guard head.isFor("Storage"), let method = StorageMethod(head.method) else { throw head.unknownMethod }
        let served =
            switch method {
            case .ping: try servePing(head, times, &reader, &writer)
            case .get: try serveGet(head, times, &reader, &writer)
            case .put: try servePut(head, times, &reader, &writer)
            case .remove: try serveRemove(head, times, &reader, &writer)
            case .multiGet: try serveMultiGet(head, times, &reader, &writer)
            case .multiPut: try serveMultiPut(head, times, &reader, &writer)
            case .multiRemove: try serveMultiRemove(head, times, &reader, &writer)
            case .increment: try serveIncrement(head, times, &reader, &writer)
            case .touch: try serveTouch(head, times, &reader, &writer)
            case .scan: try serveScan(head, times, &reader, &writer)
            }
        answered(method.rawValue, Writer.format, threw: served.failure)
        return CallOutcome(method, served.reply)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func servePing<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        do throws(WireError) { try reader.skipArguments() } catch { throw .undecodable(error) }
        return ServedCall(ping(Call(head, times, reader, writer), &writer))
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveGet<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Get.View(arguments: &reader)
            let call = Call<StorageMethods.Get>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try get(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Get>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func servePut<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Put.View(arguments: &reader)
            let call = Call<StorageMethods.Put>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try put(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Put>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveRemove<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Remove.View(arguments: &reader)
            let call = Call<StorageMethods.Remove>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try remove(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Remove>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveMultiGet<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.MultiGet.View(arguments: &reader)
            let call = Call<StorageMethods.MultiGet>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try multiGet(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.MultiGet>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveMultiPut<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.MultiPut.View(arguments: &reader)
            let call = Call<StorageMethods.MultiPut>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try multiPut(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.MultiPut>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveMultiRemove<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.MultiRemove.View(arguments: &reader)
            let call = Call<StorageMethods.MultiRemove>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try multiRemove(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.MultiRemove>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveIncrement<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Increment.View(arguments: &reader)
            let call = Call<StorageMethods.Increment>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try increment(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Increment>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveTouch<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Touch.View(arguments: &reader)
            let call = Call<StorageMethods.Touch>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try touch(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Touch>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveScan<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try StorageMethods.Scan.View(arguments: &reader)
            let call = Call<StorageMethods.Scan>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try scan(arguments.request, call, &writer))
                } catch {
                    return call.fail(error, from: mark, &writer)
                }
            } catch {
                refusal = .invalid(error)
            }
        } catch {
            refusal = .undecodable(error)
        }
        guard let failure = failure(StorageError.self, for: refusal) else { throw refusal }
        try reader.passOverArguments(from: start)
        return Call<StorageMethods.Scan>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

}

public struct StorageClient: Sendable {
    public let rpc: RPCClient
    public var timeout: Duration

    public init(_ rpc: RPCClient, timeout: Duration = .seconds(10)) {
        self.rpc = rpc
        self.timeout = timeout
    }

    public func ping() async throws(CallFailure<Never>) -> String {
        try await rpc.call(StorageMethods.Ping.self, .init(), timeout: timeout)
    }

    public func get(_ request: GetRequest) async throws(CallFailure<StorageError>) -> GetResponse {
        try await rpc.call(StorageMethods.Get.self, .init(request: request), timeout: timeout)
    }

    public func put(_ request: PutRequest) async throws(CallFailure<StorageError>) -> PutResponse {
        try await rpc.call(StorageMethods.Put.self, .init(request: request), timeout: timeout)
    }

    public func remove(_ request: RemoveRequest) async throws(CallFailure<StorageError>) -> RemoveResponse {
        try await rpc.call(StorageMethods.Remove.self, .init(request: request), timeout: timeout)
    }

    public func multiGet(_ request: MultiGetRequest) async throws(CallFailure<StorageError>) -> MultiGetResponse {
        try await rpc.call(StorageMethods.MultiGet.self, .init(request: request), timeout: timeout)
    }

    public func multiPut(_ request: MultiPutRequest) async throws(CallFailure<StorageError>) -> MultiPutResponse {
        try await rpc.call(StorageMethods.MultiPut.self, .init(request: request), timeout: timeout)
    }

    public func multiRemove(_ request: MultiRemoveRequest) async throws(CallFailure<StorageError>) -> MultiRemoveResponse {
        try await rpc.call(StorageMethods.MultiRemove.self, .init(request: request), timeout: timeout)
    }

    public func increment(_ request: IncrementRequest) async throws(CallFailure<StorageError>) -> IncrementResponse {
        try await rpc.call(StorageMethods.Increment.self, .init(request: request), timeout: timeout)
    }

    public func touch(_ request: TouchRequest) async throws(CallFailure<StorageError>) -> TouchResponse {
        try await rpc.call(StorageMethods.Touch.self, .init(request: request), timeout: timeout)
    }

    public func scan(_ request: ScanRequest) async throws(CallFailure<StorageError>) -> ScanResponse {
        try await rpc.call(StorageMethods.Scan.self, .init(request: request), timeout: timeout)
    }

}
