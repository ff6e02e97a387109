//! Where a server listens, and whether that is this machine.

internal import ArgumentParser

/// The address of a server.
enum Address: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    static func loopback(_ port: Int) -> Address { .tcp(host: "127.0.0.1", port: port) }

    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// Whether what is sent there stays on this machine.
    var isLoopback: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            host == "localhost" || host == "::1"
                || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
        }
    }

    /// Load is for servers of one's own.
    /// - Throws: `ValidationError` where the address is another machine's and nobody said that this is meant.
    func checkAllowed(remote: Bool) throws {
        guard !isLoopback, !remote else { return }
        throw ValidationError(
            """
            \(self) is not on this machine. A load test fills a server with entries and takes all of its time; \
            only with --allow-remote is load sent to other machines.
            """)
    }
}

extension Address: ExpressibleByArgument {
    /// `host:port`, or `[host]:port` for an IPv6 address.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self = .tcp(host: host, port: port)
    }
}
