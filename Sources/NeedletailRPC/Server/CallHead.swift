/// A call as its envelope announces it, the same for every protocol. The names are lent by the message.
public struct CallHead: ~Escapable {
    /// What an answer repeats so that the client finds its call: Thrift's sequence id, MessagePack-RPC's msgid.
    public let id: UInt32
    /// The method's bare name.
    public let method: RawSpan
    /// The service's name where the call was multiplexed (`Service:method`), else empty.
    public let service: RawSpan
    /// Whether the client waits for an answer.
    public let wantsAnswer: Bool
    private let knownOrigin: CallOrigin?

    @_lifetime(copy name)
    init(id: UInt32, name: RawSpan, wantsAnswer: Bool, origin: CallOrigin?) {
        self.id = id
        knownOrigin = origin
        self.wantsAnswer = wantsAnswer
        let colon = UInt8(ascii: ":")
        var split = 0
        for index in 0..<name.byteCount
        where unsafe name.unsafeLoad(fromByteOffset: index, as: UInt8.self) == colon { split = index + 1 }
        service = name.extracting(0..<max(split - 1, 0))
        method = name.extracting(split..<name.byteCount)
    }
}

extension CallHead {
    /// Its header, and whose connection it came on, if there is anything to say. (Read by a function of this module: elsewhere
    /// the compiler copies it through its type's metadata, for every call.)
    @inline(never)
    public var origin: CallOrigin? { knownOrigin }

    /// Whether the call is for `service`: where it was multiplexed it says so, else its method tells.
    @inlinable
    public func isFor(_ service: StaticString) -> Bool { self.service.byteCount == 0 || self.service.equals(service) }

    /// Why the call reaches no method.
    public var unknownMethod: CallRefusal {
        .unknownMethod((service.byteCount == 0 ? "" : "\(service.printable):") + method.printable)
    }
}

extension RawSpan {
    /// Whether the bytes are `name`'s.
    public func equals(_ name: StaticString) -> Bool {
        guard byteCount == name.utf8CodeUnitCount else { return false }
        for index in 0..<byteCount
        where unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) != name.utf8Start[index] { return false }
        return true
    }

    /// The bytes as text for a log line or an error: at most 64 of them, repaired where they are not UTF-8.
    public var printable: String { extracting(first: Swift.min(byteCount, 64)).text }

    /// The bytes as text, repaired where they are not UTF-8.
    var text: String { unsafe withUnsafeBytes { bytes in unsafe String(decoding: bytes, as: UTF8.self) } }
}
