/// Why bytes could not be read as what they were taken for. Small and closed: every reader in this module throws only this.
public enum WireError: Error, Sendable, Hashable {
    /// The bytes end before the value does. More bytes may mend it; every other case is final.
    case truncated
    /// A length below zero, or one that reaches past what a length may be.
    case badLength(Int)
    /// A list or map with more elements than the budget allows.
    case countOverLimit(count: Int, limit: Int)
    /// A message, string or frame longer than the budget allows.
    case sizeOverLimit(size: Int, limit: Int)
    /// Values nested deeper than the budget allows.
    case depthOverLimit(limit: Int)
    /// A type byte that the format does not define.
    case unknownType(UInt8)
    /// A value of one type where another was expected.
    case typeMismatch(expected: WireType, found: UInt8)
    /// An integer that does not fit where it is to go.
    case integerOverflow
    /// A variable-length integer that goes on for too long.
    case varintTooLong
    /// Bytes that should be UTF-8 and are not.
    case invalidUTF8
    /// A required field was absent.
    case missingField(String)
    /// A message head that is none: version, kind or shape.
    case badMessage(String)
    /// A header that names a protocol which is not served behind headers.
    case unknownProtocol(Int)
    /// A header that names a transform which is not known.
    case unknownTransform(Int)
}

extension WireError: CustomStringConvertible {
    /// One sentence for people, without the values of keys or data.
    public var description: String {
        switch self {
        case .truncated: "the bytes end before the value does"
        case .badLength(let length): "a length of \(length) is not possible here"
        case .countOverLimit(let count, let limit): "\(count) elements, at most \(limit) are allowed"
        case .sizeOverLimit(let size, let limit): "\(size) bytes, at most \(limit) are allowed"
        case .depthOverLimit(let limit): "values are nested deeper than \(limit)"
        case .unknownType(let byte): "0x\(String(byte, radix: 16)) is no type of this protocol"
        case .typeMismatch(let expected, let found):
            "expected \(expected), found a value of type 0x\(String(found, radix: 16))"
        case .integerOverflow: "an integer does not fit its field"
        case .varintTooLong: "a variable-length integer is too long"
        case .invalidUTF8: "a string is not UTF-8"
        case .missingField(let name): "required field '\(name)' is missing"
        case .badMessage(let what): what
        case .unknownProtocol(let id): "protocol \(id) in the header is not served: binary and compact are"
        case .unknownTransform(let id): "transform \(id) in the header is not known: zlib (1) is"
        }
    }
}

extension WireError {
    /// Throws `error`, out of line. A reader's method that throws by itself is small enough to become its own protocol
    /// witness, and the compiler does not call such a witness directly from another module; one that calls this it does,
    /// and inlines it.
    @inline(never)
    @usableFromInline
    static func raise(_ error: WireError) throws(WireError) -> Never { throw error }
}
