/// What a Thrift message is.
public enum ThriftMessageKind: UInt8, Sendable, Hashable, BitwiseCopyable {
    case call = 1
    case reply = 2
    case exception = 3
    case oneway = 4
}

/// The head of a Thrift message; the name is lent by the message.
public struct ThriftMessageHead: ~Escapable {
    public let kind: ThriftMessageKind
    public let sequenceID: Int32
    /// The method as sent, `Service:method` where multiplexed.
    public let name: RawSpan

    @inlinable
    @_lifetime(copy name)
    public init(kind: ThriftMessageKind, sequenceID: Int32, name: RawSpan) {
        self.kind = kind
        self.sequenceID = sequenceID
        self.name = name
    }

    /// Longest method name that is read, in bytes, the service's name and colon included.
    public static var nameLengthLimit: Int { 1_024 }
}

/// What Thrift answers when a call did not reach its method, or broke in a way that the IDL does not declare.
public struct ApplicationException: Error, Sendable, Hashable {
    /// Apache's numbers.
    public enum Kind: Int32, Sendable, Hashable {
        case unknown = 0
        case unknownMethod = 1
        case invalidMessageType = 2
        case wrongMethodName = 3
        case badSequenceID = 4
        case missingResult = 5
        case internalError = 6
        case protocolError = 7
        case invalidTransform = 8
        case invalidProtocol = 9
        case unsupportedClientType = 10
    }

    /// The number as sent; `kind` where it is one that Apache defines.
    public var code: Int32
    public var message: String

    public var kind: Kind? { Kind(rawValue: code) }

    public init(_ kind: Kind, _ message: String) {
        code = kind.rawValue
        self.message = message
    }
}

extension ApplicationException: WireStruct {
    private static let fields = FieldTable(("message", 1), ("type", 2))

    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        code = 0
        message = ""
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): message = try reader.readString()
            case 2 where field.holds(.int32): code = try reader.readInt32()
            default: try reader.skip(field)
            }
        }
    }

    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 2)
        writer.field(&scope, 1, "message", .binary)
        writer.write(message)
        writer.field(&scope, 2, "type", .int32)
        writer.write(code)
        writer.endStruct()
    }
}
