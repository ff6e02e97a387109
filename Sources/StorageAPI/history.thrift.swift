// Placeholder.
public import NIOCore
public import NeedletailRPC
public import NeedletailWire

public struct Event: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("timestampMillis", 1), ("data", 2))

    public var timestampMillis: Int64
    public var data: ByteBuffer

    public init(timestampMillis: Int64, data: ByteBuffer) {
        self.timestampMillis = timestampMillis
        self.data = data
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var timestampMillis: Int64?
        var data: ByteBuffer?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.int64): timestampMillis = try Int64(from: &reader)
            case 2 where field.holds(.binary): data = try ByteBuffer(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let timestampMillis else { throw .missingField("timestampMillis") }
        guard let data else { throw .missingField("data") }
        self.timestampMillis = timestampMillis
        self.data = data
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2)
        writer.writeField(&scope, 1, "timestampMillis", timestampMillis)
        writer.writeField(&scope, 2, "data", data)
        writer.endStruct()
    }
}

public struct SetDataRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("owner", 1), ("events", 2), ("ttlMillis", 3), ("durability", 4), ("context", 255))

    public var owner: ByteBuffer
    public var events: [Event]
    public var ttlMillis: Int64?
    public var durability: Durability?
    public var context: RequestContext?

    public init(owner: ByteBuffer, events: [Event], ttlMillis: Int64? = nil, durability: Durability? = nil, context: RequestContext? = nil) {
        self.owner = owner
        self.events = events
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var owner: ByteBuffer?
        var events: [Event]?
        var ttlMillis: Int64?
        var durability: Durability?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): owner = try ByteBuffer(from: &reader)
            case 2 where field.holds(.list): events = try [Event](from: &reader)
            case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
            case 4 where field.holds(.int32): durability = try Durability(from: &reader)
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let owner else { throw .missingField("owner") }
        guard let events else { throw .missingField("events") }
        self.owner = owner
        self.events = events
        self.ttlMillis = ttlMillis
        self.durability = durability
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 2
        if ttlMillis != nil { fieldCount += 1 }
        if durability != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "owner", owner)
        writer.writeField(&scope, 2, "events", events)
        writer.writeField(&scope, 3, "ttlMillis", ttlMillis)
        writer.writeField(&scope, 4, "durability", durability)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if owner.readableBytes < 1 { throw ValidationError(field: "owner", violation: "has \(owner.readableBytes) bytes; vt.min_size is 1") }
        if owner.readableBytes > 4000 { throw ValidationError(field: "owner", violation: "has \(owner.readableBytes) bytes; vt.max_size is 4000") }
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

public struct SetDataResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("written", 1), ("durability", 2))

    public var written: Int32
    public var durability: Durability?

    public init(written: Int32, durability: Durability? = nil) {
        self.written = written
        self.durability = durability
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var written: Int32?
        var durability: Durability?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.int32): written = try Int32(from: &reader)
            case 2 where field.holds(.int32): durability = try Durability(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let written else { throw .missingField("written") }
        self.written = written
        self.durability = durability
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 1
        if durability != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "written", written)
        writer.writeField(&scope, 2, "durability", durability)
        writer.endStruct()
    }
}

public struct GetDataByRangeRequest: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("owner", 1), ("fromMillis", 2), ("toMillis", 3), ("limit", 4), ("newestFirst", 5), ("policy", 6), ("context", 255))

    public var owner: ByteBuffer
    public var fromMillis: Int64
    public var toMillis: Int64
    public var limit: Int32?
    public var newestFirst: Bool?
    public var policy: ReadPolicy?
    public var context: RequestContext?

    public init(owner: ByteBuffer, fromMillis: Int64, toMillis: Int64, limit: Int32? = nil, newestFirst: Bool? = nil, policy: ReadPolicy? = nil, context: RequestContext? = nil) {
        self.owner = owner
        self.fromMillis = fromMillis
        self.toMillis = toMillis
        self.limit = limit
        self.newestFirst = newestFirst
        self.policy = policy
        self.context = context
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var owner: ByteBuffer?
        var fromMillis: Int64?
        var toMillis: Int64?
        var limit: Int32?
        var newestFirst: Bool?
        var policy: ReadPolicy?
        var context: RequestContext?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.binary): owner = try ByteBuffer(from: &reader)
            case 2 where field.holds(.int64): fromMillis = try Int64(from: &reader)
            case 3 where field.holds(.int64): toMillis = try Int64(from: &reader)
            case 4 where field.holds(.int32): limit = try Int32(from: &reader)
            case 5 where field.holds(.bool): newestFirst = try Bool(from: &reader)
            case 6 where field.holds(.int32): policy = try ReadPolicy(from: &reader)
            case 255 where field.holds(.structure): context = try RequestContext(from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let owner else { throw .missingField("owner") }
        guard let fromMillis else { throw .missingField("fromMillis") }
        guard let toMillis else { throw .missingField("toMillis") }
        self.owner = owner
        self.fromMillis = fromMillis
        self.toMillis = toMillis
        self.limit = limit
        self.newestFirst = newestFirst
        self.policy = policy
        self.context = context
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 3
        if limit != nil { fieldCount += 1 }
        if newestFirst != nil { fieldCount += 1 }
        if policy != nil { fieldCount += 1 }
        if context != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "owner", owner)
        writer.writeField(&scope, 2, "fromMillis", fromMillis)
        writer.writeField(&scope, 3, "toMillis", toMillis)
        writer.writeField(&scope, 4, "limit", limit)
        writer.writeField(&scope, 5, "newestFirst", newestFirst)
        writer.writeField(&scope, 6, "policy", policy)
        writer.writeField(&scope, 255, "context", context)
        writer.endStruct()
    }

    @inlinable
    public func validate() throws(ValidationError) {
        if owner.readableBytes < 1 { throw ValidationError(field: "owner", violation: "has \(owner.readableBytes) bytes; vt.min_size is 1") }
        if owner.readableBytes > 4000 { throw ValidationError(field: "owner", violation: "has \(owner.readableBytes) bytes; vt.max_size is 4000") }
        if let limit {
            if limit < 1 { throw ValidationError(field: "limit", violation: "is \(limit); vt.ge is 1") }
        }
        if let policy {
            if case .unrecognized(let number) = policy { throw ValidationError(field: "policy", violation: "is \(number); vt.defined_only allows no other than CANCEL, WAIT") }
        }
        if let context {
            do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
        }
    }
}

public struct GetDataByRangeResponse: WireStruct, Hashable {
    @usableFromInline static let wireFields = FieldTable(("events", 1), ("complete", 2), ("missingPeriods", 3))

    public var events: [Event]
    public var complete: Bool
    public var missingPeriods: [Int64]?

    public init(events: [Event], complete: Bool, missingPeriods: [Int64]? = nil) {
        self.events = events
        self.complete = complete
        self.missingPeriods = missingPeriods
    }

    @inlinable
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var events: [Event]?
        var complete: Bool?
        var missingPeriods: [Int64]?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.wireFields) {
            switch field.id {
            case 1 where field.holds(.list): events = try [Event](from: &reader)
            case 2 where field.holds(.bool): complete = try Bool(from: &reader)
            case 3 where field.holds(.list): missingPeriods = try [Int64](from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let events else { throw .missingField("events") }
        guard let complete else { throw .missingField("complete") }
        self.events = events
        self.complete = complete
        self.missingPeriods = missingPeriods
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var fieldCount = 2
        if missingPeriods != nil { fieldCount += 1 }
        var scope = writer.beginStruct(fieldCount: fieldCount)
        writer.writeField(&scope, 1, "events", events)
        writer.writeField(&scope, 2, "complete", complete)
        writer.writeField(&scope, 3, "missingPeriods", missingPeriods)
        writer.endStruct()
    }
}

extension SetDataRequest {
    public struct View: ~Escapable {
        public let owner: RawSpan
        public let events: [Event]
        public let ttlMillis: Int64?
        public let durability: Durability?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var owner: RawSpan? = nil
            var events: [Event]? = nil
            var ttlMillis: Int64? = nil
            var durability: Durability? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: SetDataRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): owner = try reader.readSpan()
                case 2 where field.holds(.list): events = try [Event](from: &reader)
                case 3 where field.holds(.int64): ttlMillis = try Int64(from: &reader)
                case 4 where field.holds(.int32): durability = try Durability(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
                default: try reader.skip(field)
                }
            }
            guard let owner else { throw .missingField("owner") }
            guard let events else { throw .missingField("events") }
            self.owner = owner
            self.events = events
            self.ttlMillis = ttlMillis
            self.durability = durability
            self.context = context
        }

        @inlinable
        public func validate() throws(ValidationError) {
            if owner.byteCount < 1 { throw ValidationError(field: "owner", violation: "has \(owner.byteCount) bytes; vt.min_size is 1") }
            if owner.byteCount > 4000 { throw ValidationError(field: "owner", violation: "has \(owner.byteCount) bytes; vt.max_size is 4000") }
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

extension GetDataByRangeRequest {
    public struct View: ~Escapable {
        public let owner: RawSpan
        public let fromMillis: Int64
        public let toMillis: Int64
        public let limit: Int32?
        public let newestFirst: Bool?
        public let policy: ReadPolicy?
        public let context: RequestContext.View?

        @inlinable
        @_lifetime(copy reader)
        @_lifetime(reader: copy reader)
        public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
            var owner: RawSpan? = nil
            var fromMillis: Int64? = nil
            var toMillis: Int64? = nil
            var limit: Int32? = nil
            var newestFirst: Bool? = nil
            var policy: ReadPolicy? = nil
            var context: RequestContext.View? = nil
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: GetDataByRangeRequest.wireFields) {
                switch field.id {
                case 1 where field.holds(.binary): owner = try reader.readSpan()
                case 2 where field.holds(.int64): fromMillis = try Int64(from: &reader)
                case 3 where field.holds(.int64): toMillis = try Int64(from: &reader)
                case 4 where field.holds(.int32): limit = try Int32(from: &reader)
                case 5 where field.holds(.bool): newestFirst = try Bool(from: &reader)
                case 6 where field.holds(.int32): policy = try ReadPolicy(from: &reader)
                case 255 where field.holds(.structure): context = try RequestContext.View(from: &reader)
                default: try reader.skip(field)
                }
            }
            guard let owner else { throw .missingField("owner") }
            guard let fromMillis else { throw .missingField("fromMillis") }
            guard let toMillis else { throw .missingField("toMillis") }
            self.owner = owner
            self.fromMillis = fromMillis
            self.toMillis = toMillis
            self.limit = limit
            self.newestFirst = newestFirst
            self.policy = policy
            self.context = context
        }

        @inlinable
        public func validate() throws(ValidationError) {
            if owner.byteCount < 1 { throw ValidationError(field: "owner", violation: "has \(owner.byteCount) bytes; vt.min_size is 1") }
            if owner.byteCount > 4000 { throw ValidationError(field: "owner", violation: "has \(owner.byteCount) bytes; vt.max_size is 4000") }
            if let limit {
                if limit < 1 { throw ValidationError(field: "limit", violation: "is \(limit); vt.ge is 1") }
            }
            if let policy {
                if case .unrecognized(let number) = policy { throw ValidationError(field: "policy", violation: "is \(number); vt.defined_only allows no other than CANCEL, WAIT") }
            }
            if let context {
                do throws(ValidationError) { try context.validate() } catch { throw error.inside("context") }
            }
        }
    }
}

public enum HistoryMethod: Int, CaseIterable, Sendable {
    case setData
    case getDataByRange

    public var name: StaticString {
        switch self {
        case .setData: "setData"
        case .getDataByRange: "getDataByRange"
        }
    }

    @inlinable
    public init?(_ name: RawSpan) {
        switch name.byteCount {
        case 7 where name.equals("setData"): self = .setData
        case 14 where name.equals("getDataByRange"): self = .getDataByRange
        default: return nil
        }
    }
}

public enum HistoryMethods {
    public enum SetData: RPCMethod {
        public typealias Result = SetDataResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "setData" }

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

            public var request: SetDataRequest

            @inlinable
            public init(request: SetDataRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: SetDataRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try SetDataRequest(from: &reader)
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
            public let request: SetDataRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: SetDataRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try SetDataRequest.View(from: &reader)
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

    public enum GetDataByRange: RPCMethod {
        public typealias Result = GetDataByRangeResponse
        public typealias Failure = StorageError

        @inlinable
        public static var name: StaticString { "getDataByRange" }

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

            public var request: GetDataByRangeRequest

            @inlinable
            public init(request: GetDataByRangeRequest) { self.request = request }

            @inlinable
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: GetDataByRangeRequest?
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Self.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try GetDataByRangeRequest(from: &reader)
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
            public let request: GetDataByRangeRequest.View

            @inlinable
            @_lifetime(copy reader)
            @_lifetime(reader: copy reader)
            public init<Reader: MessageReader & ~Copyable & ~Escapable>(
                arguments reader: inout Reader
            ) throws(WireError) {
                var request: GetDataByRangeRequest.View? = nil
                var scope = try reader.beginArguments()
                while let field = try reader.nextArgument(&scope, in: Arguments.wireFields) {
                    switch field.id {
                    case 1 where field.holds(.structure): request = try GetDataByRangeRequest.View(from: &reader)
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

public protocol HistoryHandler: RPCHandler {
    func setData<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing SetDataRequest.View, _ call: Call<HistoryMethods.SetData>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func getDataByRange<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing GetDataByRangeRequest.View, _ call: Call<HistoryMethods.GetDataByRange>, _ writer: inout Writer
    ) throws(StorageError) -> Reply
    func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError?
}

extension HistoryHandler {
    @inlinable
    public func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError? { nil }

    @inlinable
    @_lifetime(reader: copy reader)
    public func dispatch<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        guard head.isFor("History"), let method = HistoryMethod(head.method) else { throw head.unknownMethod }
        let served =
            switch method {
            case .setData: try serveSetData(head, times, &reader, &writer)
            case .getDataByRange: try serveGetDataByRange(head, times, &reader, &writer)
            }
        answered(method.rawValue, Writer.format, threw: served.failure)
        return CallOutcome(method, served.reply)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveSetData<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try HistoryMethods.SetData.View(arguments: &reader)
            let call = Call<HistoryMethods.SetData>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try setData(arguments.request, call, &writer))
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
        return Call<HistoryMethods.SetData>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

    @inlinable
    @_lifetime(reader: copy reader)
    public func serveGetDataByRange<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> ServedCall {
        let start = reader.offset
        let mark = writer.mark
        let refusal: CallRefusal
        do throws(WireError) {
            let arguments = try HistoryMethods.GetDataByRange.View(arguments: &reader)
            let call = Call<HistoryMethods.GetDataByRange>(head, times, reader, writer)
            do throws(ValidationError) {
                try arguments.validate()
                do throws(StorageError) {
                    return ServedCall(try getDataByRange(arguments.request, call, &writer))
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
        return Call<HistoryMethods.GetDataByRange>(head, times, reader, writer).fail(failure, from: mark, &writer)
    }

}

public struct HistoryClient: Sendable {
    public let rpc: RPCClient
    public var timeout: Duration

    public init(_ rpc: RPCClient, timeout: Duration = .seconds(10)) {
        self.rpc = rpc
        self.timeout = timeout
    }

    public func setData(_ request: SetDataRequest) async throws(CallFailure<StorageError>) -> SetDataResponse {
        try await rpc.call(HistoryMethods.SetData.self, .init(request: request), timeout: timeout)
    }

    public func getDataByRange(_ request: GetDataByRangeRequest) async throws(CallFailure<StorageError>) -> GetDataByRangeResponse {
        try await rpc.call(HistoryMethods.GetDataByRange.self, .init(request: request), timeout: timeout)
    }

}
