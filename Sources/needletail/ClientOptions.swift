//! What all client commands share: where the server is, how to talk to it, how to print.

internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI

struct ClientOptions: ParsableArguments {
    enum WireProtocol: String, ExpressibleByArgument, CaseIterable {
        case msgpack
        case thrift
        case thriftCompact = "thrift-compact"

        var wire: RPCWire {
            switch self {
            case .msgpack: RPCWire(.messagePack)
            case .thrift: RPCWire(.thriftBinary, .framed)
            case .thriftCompact: RPCWire(.thriftCompact, .framed)
            }
        }
    }

    @Option(help: "The server's host.")
    var host = "127.0.0.1"

    @Option(help: "The server's RPC port.")
    var port = 7400

    @Option(help: "The server's Unix socket, instead of host and port.")
    var unixSocket: String?

    @Option(help: "How long to wait for the answer: 500ms, 10s, 1m.", transform: milliseconds)
    var timeout: Int64 = 10_000

    @Option(name: .customLong("protocol"), help: "The protocol to speak.")
    var wireProtocol = WireProtocol.msgpack

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup(title: "TLS options")
    var tls: TLSOptions

    /// The deadline as the server is told it.
    var context: RequestContext { RequestContext(timeoutMillis: Int32(clamping: timeout)) }

    /// Runs `body` with a connected client.
    /// - Throws: `ExitCode` after printing why.
    func withClient<Result: Sendable>(_ body: (StorageClient) async throws -> Result) async throws -> Result {
        let security = try tls.security()
        let target: RPCTarget = unixSocket.map { .unixSocket($0) } ?? .tcp(host: host, port: port)
        do {
            var configuration = RPCClientConfiguration(wire: wireProtocol.wire, security: security)
            configuration.callTimeout = .milliseconds(timeout)
            configuration.connectTimeout = .milliseconds(timeout)
            let rpc = try await RPCClient.connect(to: target, configuration)
            let client = StorageClient(rpc)
            let result = try await body(client)
            await rpc.close()
            return result
        } catch let failure as CallFailure<StorageError> {
            switch failure {
            case .exception(let error): throw ExitStatus.failure("\(error.code): \(error.message)")
            case .call(let error): throw ExitStatus.failure("\(error)")
            }
        } catch let error as CallFailure<Never> {
            throw ExitStatus.failure("\(error)")
        } catch let error as RPCClientError {
            throw ExitStatus.failure("\(error)")
        }
    }
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

    func print() throws {
        let data = try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
        Swift.print(String(decoding: data, as: UTF8.self))
    }
}

/// Writes a value as it is, and a line's end after it.
func printValue(_ value: ByteBuffer) {
    FileHandle.standardOutput.write(Data(value.readableBytesView) + Data("\n".utf8))
}
