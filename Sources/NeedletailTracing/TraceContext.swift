//! The W3C's trace context (https://www.w3.org/TR/trace-context/): which trace a call belongs to, and what part of it called.

public import Tracing

/// What `traceparent` and `tracestate` say.
public struct TraceContext: Sendable, Hashable {
    /// The keys that they travel under, in headers of calls and in their baggage.
    public static let parentKey = "traceparent"
    public static let stateKey = "tracestate"

    /// Longer states are not passed on, in bytes: so much, the specification says, everybody should.
    static let stateBytesMax = 512

    /// 16 bytes, not all 0.
    public let traceIDHigh: UInt64
    public let traceIDLow: UInt64
    /// The calling span; not 0.
    public let spanID: UInt64
    /// Whether whoever began the trace records it.
    public let isSampled: Bool
    /// What the systems of others keep with the trace.
    public let state: String?

    init(traceIDHigh: UInt64, traceIDLow: UInt64, spanID: UInt64, isSampled: Bool, state: String? = nil) {
        self.traceIDHigh = traceIDHigh
        self.traceIDLow = traceIDLow
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads `00-<32 digits>-<16 digits>-<2 digits>`, digits being hexadecimal and in lower case. A later version may go on
    /// behind another dash.
    /// - Returns: nil for anything else: then there is no context.
    public init?(parent: String, state: String? = nil) {
        let bytes = Array(parent.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.number(bytes[0..<2]), version != 0xff,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high | low != 0, span != 0
        else { return nil }
        if bytes.count > 55, version == 0 || bytes[55] != Self.dash { return nil }
        let keepsState = state.map { !$0.isEmpty && $0.utf8.count <= Self.stateBytesMax } ?? false
        self.init(
            traceIDHigh: high, traceIDLow: low, spanID: span, isSampled: flags & 1 == 1,
            state: keepsState ? state : nil)
    }

    /// `traceparent`, in the one version that there is.
    public var parent: String { "00-\(traceIDText)-\(spanIDText)-\(isSampled ? "01" : "00")" }

    /// 32 hexadecimal digits.
    public var traceIDText: String { Self.text(traceIDHigh) + Self.text(traceIDLow) }
    /// 16 hexadecimal digits.
    public var spanIDText: String { Self.text(spanID) }

    private static let dash = UInt8(ascii: "-")

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    /// 16 hexadecimal digits.
    static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension ServiceContext {
    private enum Key: ServiceContextKey {
        typealias Value = TraceContext
        static let nameOverride: String? = "needletail.trace"
    }

    /// The trace that what is done in this context belongs to.
    public var traceContext: TraceContext? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
