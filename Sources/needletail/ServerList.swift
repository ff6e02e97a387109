internal import ArgumentParser
internal import NeedletailRPC

/// `--servers`: where several servers are, in the order that places keys.
struct ServerList {
    let targets: [RPCTarget]

    /// - Parameter text: `host:port,host:port`; an IPv6 address in brackets.
    /// - Throws: `ValidationError`.
    @Sendable
    init(_ text: String) throws {
        targets = try text.split(separator: ",", omittingEmptySubsequences: false).map(Self.target)
    }

    private static func target(_ text: Substring) throws -> RPCTarget {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw ValidationError("'\(text)' is no server; expected host:port, several separated by commas") }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, isBracketed || !host.contains(":") else {
            throw ValidationError("'\(text)' is no server; expected host:port, an IPv6 address in brackets")
        }
        return .tcp(host: String(host), port: Int(port))
    }
}
