//! Which protocol a connection speaks, told from its first bytes: once, and never waiting for more bytes than the answer
//! needs (the shortest MessagePack-RPC message has five).

internal import NeedletailWire

/// What the first bytes of a connection say.
enum Detection: Equatable {
    /// Not enough bytes to tell.
    case undecided
    case messagePack
    case thriftBinary(framed: Bool)
    case thriftCompact(framed: Bool)
    /// Thrift in frames with a header.
    case header(ThriftHeader.Kind)
    /// None that is served here: what it looks like.
    case foreign(ForeignProtocol)
}

/// What a connection that cannot be served looks like, for the log line that says so.
enum ForeignProtocol: String, Equatable, CaseIterable {
    case http = "HTTP/1 (a scraper or a health check on the wrong port? The admin port speaks HTTP)"
    case http2 = "HTTP/2 (gRPC or a proxy?)"
    case tls = "TLS, which is not configured here, or TLS inside TLS"
    case kitexProtobuf = "Kitex Protobuf"
    case meshHeader = "a service mesh header"
    case proxy = "the PROXY protocol"
    case telnet = "telnet"
    case redis = "the Redis protocol"
    case unknown = "no protocol that is known here"

    /// The value of the metric's label.
    var label: String { "\(self)" }
}

enum ProtocolDetector {
    /// What `bytes`, the first of a connection, say. More bytes never change what was decided.
    static func detect(_ bytes: RawSpan) -> Detection {
        guard let first = byte(bytes, 0) else { return .undecided }
        switch first {
        case 0x93, 0x94: return .messagePack
        case 0xdc, 0xdd: return longArray(bytes, first)
        case 0x80: return second(bytes, 0x01, .thriftBinary(framed: false))
        case 0x82:
            guard let next = byte(bytes, 1) else { return .undecided }
            return next & 0x1f == 1 ? .thriftCompact(framed: false) : .foreign(.unknown)
        case 0x16: return second(bytes, 0x03, .foreign(.tls))
        case 0xff: return telnetOrMesh(bytes)
        case 0x0d: return text(bytes, [0x0d, 0x0a, 0x0d, 0x0a], .proxy)
        case UInt8(ascii: "*"), UInt8(ascii: "$"): return .foreign(.redis)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return word(bytes)
        // As a length it would be over two gigabytes.
        case 0x80...: return .foreign(.unknown)
        default: return framed(bytes)
        }
    }

    private static func byte(_ bytes: RawSpan, _ index: Int) -> UInt8? {
        index < bytes.byteCount ? unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) : nil
    }

    private static func second(_ bytes: RawSpan, _ expected: UInt8, _ detection: Detection) -> Detection {
        guard let next = byte(bytes, 1) else { return .undecided }
        return next == expected ? detection : .foreign(.unknown)
    }

    /// An array of three or four in a longer encoding than it needs.
    private static func longArray(_ bytes: RawSpan, _ first: UInt8) -> Detection {
        let zeros = first == 0xdc ? 1 : 3
        for index in 1...zeros {
            guard let zero = byte(bytes, index) else { return .undecided }
            if zero != 0 { return .foreign(.unknown) }
        }
        guard let count = byte(bytes, zeros + 1) else { return .undecided }
        return count == 3 || count == 4 ? .messagePack : .foreign(.unknown)
    }

    private static func telnetOrMesh(_ bytes: RawSpan) -> Detection {
        guard let next = byte(bytes, 1) else { return .undecided }
        switch next {
        case 0xaf: return .foreign(.meshHeader)
        case 0xf0...0xff: return .foreign(.telnet)
        default: return .foreign(.unknown)
        }
    }

    private static func text(_ bytes: RawSpan, _ expected: [UInt8], _ foreign: ForeignProtocol) -> Detection {
        for (index, wanted) in expected.enumerated() {
            guard let found = byte(bytes, index) else { return .undecided }
            if found != wanted { return .foreign(.unknown) }
        }
        return .foreign(foreign)
    }

    /// An upper-case word: a line of some text protocol. Read as a frame's length it would be over a gigabyte.
    private static func word(_ bytes: RawSpan) -> Detection {
        guard bytes.byteCount >= 4 else { return .undecided }
        let head = UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        switch head {
        case 0x5052_4920: return .foreign(.http2)  // "PRI "
        case 0x5052_4f58: return .foreign(.proxy)  // "PROX"
        // "GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "PATC", "CONN", "TRAC"
        case 0x4745_5420, 0x504f_5354, 0x4845_4144, 0x5055_5420, 0x4f50_5449, 0x4445_4c45, 0x5041_5443, 0x434f_4e4e,
            0x5452_4143:
            return .foreign(.http)
        default: return .foreign(.unknown)
        }
    }

    /// Four bytes of a frame's length or of a name's length.
    private static func framed(_ bytes: RawSpan) -> Detection {
        guard bytes.byteCount >= 5 else { return .undecided }
        let length = Int(UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        guard let fifth = byte(bytes, 4) else { return .undecided }
        // An unstrict head without a frame: the name itself, whose length fits one byte.
        if length < 256, isNameStart(fifth) { return .thriftBinary(framed: false) }
        guard let sixth = byte(bytes, 5) else { return .undecided }
        switch (fifth, sixth) {
        // A frame over the limit is answered by its connection, which reads the head to name the call.
        case (0x80, 0x01): return .thriftBinary(framed: true)
        case (0x82, _) where sixth & 0x1f == 1: return .thriftCompact(framed: true)
        case (0x10, 0x00): return .header(.ttheader)
        case (0x0f, 0xff): return .header(.theader)
        case (0x90, 0x01): return .foreign(.kitexProtobuf)
        case (0x00, 0x00):
            // A name's length in one byte, and its first letter.
            guard let seventh = byte(bytes, 6) else { return .undecided }
            if seventh != 0 { return .foreign(.unknown) }
            guard let letter = byte(bytes, 8) else { return .undecided }
            return isNameStart(letter) ? .thriftBinary(framed: true) : .foreign(.unknown)
        default: return .foreign(.unknown)
        }
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
