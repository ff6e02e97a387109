//! The values that configuration keys can have, after checking: what flags, variables and the file give as text becomes
//! one of these or a problem. Units are part of the case, so that bytes never meet milliseconds.

/// A checked value of one key.
package enum ConfigurationValue: Sendable, Hashable {
    /// The key is optional and has no value.
    case absent
    case text(String)
    case integer(Int)
    case sizeBytes(Int)
    case durationMillis(Int64)
    /// Thousandths of a core.
    case milliCores(Int)
    case boolean(Bool)
    case list([String])
}

/// What text must look like.
package enum TextRule: Sendable, Hashable {
    /// Anything that is not empty.
    case free
    /// An address or a host name, without a port.
    case host
    /// A path in the file system.
    case path
    /// A path that fits a Unix socket's address.
    case socketPath
    /// `host:port`; an IPv6 address stands in brackets.
    case endpoint
    /// Of HTTP or HTTPS, with a host and perhaps a port.
    case url
    /// A share, as a decimal number.
    case ratio

    /// What an error says that it expected.
    package var expectation: String {
        switch self {
        case .free: "text that is not empty"
        case .host: "an address or a host name, without a port"
        case .path: "a path"
        case .socketPath: "a path of at most \(Self.socketPathBytesMax) bytes"
        case .endpoint: "host:port"
        case .url: "an address that begins with http:// or https:// and a host, whose port, if any, is 1 to 65535"
        case .ratio: "a number from 0 to 1, such as 0.01"
        }
    }

    /// `sun_path` has 108 bytes on Linux, the last of which is a zero.
    package static let socketPathBytesMax = 107
    /// The longest name that DNS knows.
    package static let hostBytesMax = 253

    /// Whether `text` follows the rule. Empty text never does.
    package func accepts(_ text: String) -> Bool {
        if text.isEmpty || text.utf8.contains(0) { return false }
        switch self {
        case .free, .path: return true
        case .host: return Self.isHost(text)
        case .socketPath: return text.utf8.count <= Self.socketPathBytesMax
        case .endpoint: return Self.isEndpoint(text[...])
        case .url: return Self.isURL(text)
        case .ratio: return Double(text).map { 0...1 ~= $0 } ?? false
        }
    }

    private static func isHost(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= hostBytesMax else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            // Dots and dashes of names, colons of IPv6, the percent sign of its zones.
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
            default: false
            }
        }
    }

    private static func isURL(_ text: String) -> Bool {
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: text.hasPrefix), text.utf8.allSatisfy({ 0x21..<0x7f ~= $0 }) else {
            return false
        }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        // A user and a password may stand before it.
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return isEndpoint(place) || isHostBeforePort(place)
    }

    private static func isEndpoint(_ text: Substring) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let port = text[text.index(after: colon)...]
        guard port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int(port), 1...65_535 ~= number
        else { return false }
        return isHostBeforePort(text[..<colon])
    }

    /// A host where a port may follow: an IPv6 address stands in brackets.
    private static func isHostBeforePort(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") { return isHost(host.dropFirst().dropLast()) }
        return isHost(host) && !host.contains(":")
    }
}

/// The type of a key: what its values are, and the range that they must lie in.
package enum ConfigurationKind: Sendable, Hashable {
    case text(TextRule)
    case integer(ClosedRange<Int>)
    case powerOfTwo(ClosedRange<Int>)
    case sizeBytes(ClosedRange<Int>)
    case durationMillis(ClosedRange<Int64>)
    /// Cores with up to three decimals; the range is in thousandths.
    case milliCores(ClosedRange<Int>)
    case boolean
    /// One of `allowed`. `refused` are values that users have reason to try, each with why it is not to be had.
    case choice(allowed: [String], refused: [String: String] = [:])
    case list(TextRule)

    /// What stands for the value in the help text: `--port NUMBER`.
    package var placeholder: String {
        switch self {
        case .text(.host): "HOST"
        case .text(.path), .text(.socketPath): "PATH"
        case .text: "TEXT"
        case .integer, .powerOfTwo: "N"
        case .milliCores: "CORES"
        case .sizeBytes: "SIZE"
        case .durationMillis: "DURATION"
        case .boolean: "true|false"
        case .choice(let allowed, _): allowed.joined(separator: "|")
        case .list(.endpoint): "HOST:PORT,..."
        case .list: "TEXT,..."
        }
    }

    /// What an error says that it expected.
    package var expectation: String {
        switch self {
        case .text(let rule):
            return rule.expectation
        case .integer(let range):
            return "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .powerOfTwo(let range):
            return "a power of two from \(range.lowerBound) to \(range.upperBound)"
        case .sizeBytes(let range):
            let (low, high) = (SizeUnits.text(bytes: range.lowerBound), SizeUnits.text(bytes: range.upperBound))
            let examples = range.contains(16 << 20) ? ", such as 64KiB or 16MiB" : ""
            return "a size from \(low) to \(high)\(examples)"
        case .durationMillis(let range):
            let low = DurationUnits.text(millis: range.lowerBound)
            let high = DurationUnits.text(millis: range.upperBound)
            return "a duration from \(low) to \(high), such as 500ms, 10s or 1h"
        case .milliCores(let range):
            let (low, high) = (
                CoreUnits.text(milliCores: range.lowerBound), CoreUnits.text(milliCores: range.upperBound)
            )
            return "a number of cores from \(low) to \(high), such as 0.5 or 2"
        case .boolean:
            return "true or false"
        case .choice(let allowed, _):
            return allowed.count == 1 ? allowed[0] : "one of \(allowed.joined(separator: ", "))"
        case .list(let rule):
            return "a list of \(rule.expectation)"
        }
    }
}
