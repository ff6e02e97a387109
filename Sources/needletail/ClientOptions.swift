//! What all client commands share: where the server is, how to talk to it, how to print.

internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import Synchronization

struct ClientOptions: ParsableArguments {
    enum WireProtocol: String, ExpressibleByArgument, CaseIterable {
        case msgpack
        case thrift
        case thriftCompact = "thrift-compact"
        case theader
        case ttheader

        var wire: RPCWire {
            switch self {
            case .msgpack: RPCWire(.messagePack)
            case .thrift: RPCWire(.thriftBinary, .framed)
            case .thriftCompact: RPCWire(.thriftCompact, .framed)
            case .theader: RPCWire(.thriftBinary, .theader)
            case .ttheader: RPCWire(.thriftBinary, .ttheader)
            }
        }
    }

    @Option(help: "The server's host. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The server's RPC port. (default: 7400)", transform: portNumber)
    var port: Int?

    @Option(help: "The server's Unix socket, instead of host and port.")
    var unixSocket: String?

    @Option(
        help: "Several servers, host:port,host:port, that share the keys; all clients name them in the same order.",
        transform: ServerList.init)
    var servers: ServerList?

    @Option(help: "How long to wait for the answer: 500ms, 10s, 1m.", transform: milliseconds)
    var timeout: Int64 = 10_000

    @Option(name: .customLong("protocol"), help: "The protocol to speak.")
    var wireProtocol = WireProtocol.msgpack

    @Option(help: "The name of the calling service, for the server's eyes.")
    var fromService: String?

    @Option(help: "What names a user's request in the logs of all services.")
    var logID: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup(title: "TLS options")
    var tls: TLSOptions

    func validate() throws {
        guard servers != nil, host != nil || port != nil || unixSocket != nil else { return }
        throw ValidationError("--servers stands in the place of --host, --port and --unix-socket")
    }

    private var targets: [RPCTarget] {
        if let servers { return servers.targets }
        if let unixSocket { return [.unixSocket(unixSocket)] }
        return [.tcp(host: host ?? "127.0.0.1", port: port ?? 7_400)]
    }

    private var configuration: RPCClientConfiguration {
        get throws {
            var configuration = RPCClientConfiguration(
                wire: wireProtocol.wire, metadata: CallMetadata(fromService: fromService, logID: logID),
                security: try tls.security())
            configuration.callTimeout = .milliseconds(timeout)
            configuration.connectTimeout = .milliseconds(timeout)
            return configuration
        }
    }

    /// Runs `body` with a client of all servers, connected.
    /// - Parameter failures: is given the servers that had no part in an answer, each in a line.
    /// - Throws: `ExitCode` after printing why.
    func withClient<Result: Sendable>(
        failures: FailedParts? = nil, _ body: (ShardedStorageClient) async throws -> Result
    ) async throws -> Result {
        let targets = targets
        let configuration = try configuration
        let servers = targets.map { StorageClient(RPCClient(to: $0, configuration)) }
        let client = ShardedStorageClient(servers) { server, failure in
            failures?.add(targets.count == 1 ? "\(failure.line)" : "\(targets[server]): \(failure.line)")
        }
        do {
            let result = try await body(client)
            for server in servers { await server.rpc.close() }
            return result
        } catch let failure as CallFailure<StorageError> {
            throw ExitStatus.failure(failure.line)
        } catch let error as CallFailure<Never> {
            throw ExitStatus.failure("\(error)")
        } catch let error as RPCClientError {
            throw ExitStatus.failure("\(error)")
        }
    }
}

extension CallFailure where Exception == StorageError {
    /// What a person is told.
    fileprivate var line: String {
        switch self {
        case .exception(let error): "\(error.code): \(error.message)"
        case .call(let error): "\(error)"
        }
    }
}

/// The servers that had no part in an answer.
final class FailedParts: Sendable {
    private let stored = Mutex<[String]>([])

    var lines: [String] { stored.withLock { $0 } }

    func add(_ line: String) { stored.withLock { $0.append(line) } }
}

/// A duration with a unit, at least one millisecond.
@Sendable
func milliseconds(_ text: String) throws -> Int64 {
    let units: [(String, Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number > 0,
        let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) })
    else { throw ValidationError("'\(text)' is no duration; expected one such as 500ms, 10s or 1h") }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.1)
    guard !overflow else { throw ValidationError("'\(text)' is too long") }
    return product
}

/// A port that can be connected to.
@Sendable
func portNumber(_ text: String) throws -> Int {
    guard let number = UInt16(text), number > 0 else {
        throw ValidationError("'\(text)' is no port; expected 1 to 65535")
    }
    return Int(number)
}

extension ByteBuffer {
    init(argument: String) { self.init(string: argument) }

    /// The bytes as text, if they are.
    var text: String? { String(validating: readableBytesView, as: UTF8.self) }
}

/// Bytes in JSON: text where they are, else base 64 under a name that says so.
struct JSONLine {
    private var fields: [String: any Sendable] = [:]

    mutating func set(_ name: String, _ value: (any Sendable)?) { fields[name] = value }

    mutating func set(_ name: String, bytes: ByteBuffer) {
        if let text = bytes.text {
            fields[name] = text
        } else {
            fields[name + "Base64"] = Data(bytes.readableBytesView).base64EncodedString()
        }
    }

    func encoded() throws -> Data {
        try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    func print() throws { printLine(try encoded()) }
}
