//! How a call's metadata travels in a header. Server and client both speak through here, so that each understands the
//! other. TTHeader has numbers for the five-tuple, the log id and the timeout. THeader has only names: fbthrift's for the
//! timeout, ours for the rest.

internal import NeedletailWire

/// The string keys of headers that mean something here.
enum HeaderKey {
    /// TTHeader's and THeader's prefix of baggage.
    static let baggage: StaticString = "RPC_PERSIST_"
    /// The W3C's trace context, in headers of either kind.
    static let traceParent: StaticString = "traceparent"
    static let traceState: StaticString = "tracestate"
    /// The server stops: the client should make no further calls on this connection.
    static let draining = "crrst"
    static let isDraining = "1"

    // THeader's.
    static let timeout: StaticString = "client_timeout"
    static let logID: StaticString = "log_id"
    static let fromService: StaticString = "from_service"
    static let fromCluster: StaticString = "from_cluster"
    static let toService: StaticString = "to_service"
    static let toCluster: StaticString = "to_cluster"
}

extension CallMetadata {
    /// The most baggage that is taken from one header, keys and values, in bytes. It lives as long as its call, of which
    /// many may be open.
    static let baggageBytesMax = 16 << 10
    /// The most that is taken of the log id, and of each name, in bytes. What is longer is cut.
    package static let nameBytesMax = 1 << 10
    /// The longest access token that is taken, in bytes. A longer one is left out: what is cut is another token.
    static let tokenBytesMax = 8 << 10

    /// Takes over what an entry says; one that means nothing here is passed over.
    /// - Parameter baggageRoom: the bytes of baggage that may still be taken; what does not fit is left out.
    /// - Throws: `badMessage` for a timeout that is no number.
    mutating func take(
        _ entry: borrowing ThriftHeaderEntry, _ kind: ThriftHeader.Kind, baggageRoom: inout Int
    ) throws(WireError) {
        switch entry {
        case .integer(let key, let value): try take(key, value)
        case .token(let value): accessToken = value.byteCount <= Self.tokenBytesMax ? value.text : nil
        case .string(let key, let value):
            if key.begins(with: HeaderKey.baggage) {
                carry(
                    key.extracting(HeaderKey.baggage.utf8CodeUnitCount..<key.byteCount), value, room: &baggageRoom)
            } else if key.equals(HeaderKey.traceParent) || key.equals(HeaderKey.traceState) {
                carry(key, value, room: &baggageRoom)
            } else if kind == .theader {
                try take(key, value)
            }
        }
    }

    private mutating func carry(_ key: RawSpan, _ value: RawSpan, room: inout Int) {
        let size = key.byteCount + value.byteCount
        guard size <= room else { return }
        room -= size
        baggage[key.text] = value.text
    }

    private mutating func take(_ key: UInt16, _ value: RawSpan) throws(WireError) {
        switch key {
        case TTHeaderKey.logID: logID = value.name
        case TTHeaderKey.fromService: fromService = value.name
        case TTHeaderKey.fromCluster: fromCluster = value.name
        case TTHeaderKey.toService: toService = value.name
        case TTHeaderKey.toCluster: toCluster = value.name
        case TTHeaderKey.rpcTimeout: timeoutMillis = try value.milliseconds() ?? timeoutMillis
        // Who stops reading after so long has no use for a later answer; the time for the whole call says more.
        case TTHeaderKey.readTimeout: if timeoutMillis == nil { timeoutMillis = try value.milliseconds() }
        default: break
        }
    }

    private mutating func take(_ key: RawSpan, _ value: RawSpan) throws(WireError) {
        if key.equals(HeaderKey.timeout) {
            timeoutMillis = try value.milliseconds() ?? timeoutMillis
        } else if key.equals(HeaderKey.logID) {
            logID = value.name
        } else if key.equals(HeaderKey.fromService) {
            fromService = value.name
        } else if key.equals(HeaderKey.fromCluster) {
            fromCluster = value.name
        } else if key.equals(HeaderKey.toService) {
            toService = value.name
        } else if key.equals(HeaderKey.toCluster) {
            toCluster = value.name
        }
    }

    /// The entries that say this; what a header has no room for is left out, baggage first.
    /// - Parameter method: as the message names it.
    func headerInfo(_ kind: ThriftHeader.Kind, method: String) -> ThriftHeaderInfo {
        var info = ThriftHeaderInfo()
        switch kind {
        case .ttheader:
            let pairs: [(UInt16, String?)] = [
                (TTHeaderKey.logID, logID), (TTHeaderKey.fromService, fromService),
                (TTHeaderKey.fromCluster, fromCluster), (TTHeaderKey.toService, toService),
                (TTHeaderKey.toCluster, toCluster), (TTHeaderKey.toMethod, method),
                (TTHeaderKey.rpcTimeout, timeoutMillis.map { "\($0)" }),
            ]
            info.integers = pairs.compactMap { key, value in value.map { .init(key, $0) } }
            info.token = accessToken
        case .theader:
            let pairs: [(StaticString, String?)] = [
                (HeaderKey.timeout, timeoutMillis.map { "\($0)" }), (HeaderKey.logID, logID),
                (HeaderKey.fromService, fromService), (HeaderKey.fromCluster, fromCluster),
                (HeaderKey.toService, toService), (HeaderKey.toCluster, toCluster),
            ]
            info.strings = pairs.compactMap { key, value in value.map { .init("\(key)", $0) } }
        }
        // In an order, so that equal calls have equal bytes.
        info.strings += baggage.sorted { $0.key < $1.key }.map { key, value in
            let isTrace = key == "\(HeaderKey.traceParent)" || key == "\(HeaderKey.traceState)"
            return .init(isTrace ? key : "\(HeaderKey.baggage)\(key)", value)
        }
        return info
    }
}

extension RawSpan {
    fileprivate func begins(with prefix: StaticString) -> Bool {
        byteCount >= prefix.utf8CodeUnitCount && extracting(0..<prefix.utf8CodeUnitCount).equals(prefix)
    }

    /// As much of the bytes as is taken of a name, as text; cut where a character begins.
    fileprivate var name: String {
        var end = Swift.min(byteCount, CallMetadata.nameBytesMax)
        if end < byteCount {
            while end > 0, unsafe unsafeLoad(fromByteOffset: end, as: UInt8.self) & 0xc0 == 0x80 { end -= 1 }
        }
        return extracting(first: end).text
    }

    /// A decimal number of milliseconds, or nil if there is nothing. One that is too large is as good as the largest.
    fileprivate func milliseconds() throws(WireError) -> Int32? {
        if byteCount == 0 { return nil }
        let text = text
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard text.utf8.count - digits.count <= 1, !digits.isEmpty,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw .badMessage("the header's timeout '\(printable)' is no number of milliseconds") }
        return Int32(clamping: Int64(text) ?? (text.utf8.count > digits.count ? .min : .max))
    }
}
