//! The servers that the harness can start, and the protocols that it speaks.

internal import ArgumentParser
internal import Foundation

/// A protocol of a server under load.
enum LoadProtocol: String, Sendable, Codable, CaseIterable, ExpressibleByArgument {
    case messagePack = "msgpack"
    case thrift
    case thriftFramed = "thrift-framed"
    case thriftCompact = "thrift-compact"
    case redis
    case memcached

    /// The server that the harness starts for it.
    var server: ServerKind {
        switch self {
        case .messagePack, .thrift, .thriftFramed, .thriftCompact: .needletail
        case .redis: .redis
        case .memcached: .memcached
        }
    }

    /// Entries in a call that loads them, and bytes: about what the peers' pipelines hold, so that no server grows its
    /// buffers for the loading alone, and memory per entry is that of the entries.
    private static let loadKeysMax = 50
    private static let loadBytesMax = 1_048_576

    /// The calls that load the entries.
    func loadShape(_ keys: KeySpace) -> CallShape {
        // No template holds many entries of different sizes.
        guard server == .needletail, keys.sizes == nil else { return .put }
        let fitting = Self.loadBytesMax / (keys.keySize + keys.valueSize)
        return CallShape(operation: .multiPut, keysPerCall: min(max(fitting, 1), Self.loadKeysMax))
    }

    /// Keys that the server takes.
    var keySizeMax: Int { self == .memcached ? 250 : KeySpace.keySizes.upperBound }

    /// How many calls of a kind are under way on a connection while entries are loaded: 32, or as many as hold a MiB.
    static func loadInFlight(_ shape: CallShape, _ keys: KeySpace) -> Int {
        if shape.operation == .multiPut { return 1 }
        return min(max(loadBytesMax / (keys.keySize + keys.valueSize), 1), 32)
    }
}

/// A server, by its executable's name.
enum ServerKind: String, Sendable, Codable, CaseIterable {
    case needletail
    case redis
    case memcached

    var executable: String {
        switch self {
        case .needletail: "needletail"
        case .redis: "redis-server"
        case .memcached: "memcached"
        }
    }

    /// As a table names it.
    var title: String {
        switch self {
        case .needletail: "Needletail"
        case .redis: "Redis"
        case .memcached: "memcached"
        }
    }

    /// Where the executable is; nil if it is not installed.
    /// - Parameter named: overrides where Needletail's is looked for, beside our own.
    func find(named: String? = nil) -> String? {
        if let named { return ChildProcess.find(named) }
        guard self == .needletail else { return ChildProcess.find(executable) }
        return ChildProcess.find(Self.ownDirectory + "/" + executable) ?? ChildProcess.find(executable)
    }

    /// Our own executable, or the one that is built with whatever uses us.
    static func findHarness() -> String? { ChildProcess.find(ownDirectory + "/needletail-load") }

    /// The directory of our own executable.
    static var ownDirectory: String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// What `executable` says its version is.
    static func version(of executable: String) -> String {
        let words = ChildProcess.output(of: executable, ["--version"])?.split(whereSeparator: \.isWhitespace) ?? []
        for word in words {
            // `7.0.15`, `v=7.0.15`, `1.6.18`.
            let number = word.hasPrefix("v=") ? word.dropFirst(2) : word
            if number.first?.isNumber == true, number.contains(".") { return String(number) }
        }
        return "unknown version"
    }
}
