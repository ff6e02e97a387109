//! `client-cost call`: one client's calls of one round, in a process of their own.

internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import NeedletailRPC

/// A client that this command can be.
enum ClientKind: String, CaseIterable, ExpressibleByArgument {
    case messagePack = "msgpack"
    case thriftCompact = "thrift-compact"
    case ttheader
    case grpc
}

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Make calls, and print what they cost as JSON.", shouldDisplay: false)

    @Argument(help: "Which client.")
    var client: ClientKind

    @Option(help: "The server's port on 127.0.0.1.")
    var port: Int

    @Option(help: "Calls.")
    var calls: Int

    @Option(help: "Tasks that call, each for itself.")
    var concurrency: Int

    func validate() throws {
        try check(calls, Bounds.calls, "--calls")
        try check(concurrency, Bounds.concurrency, "--concurrency")
    }

    func run() async throws {
        let sample =
            switch client {
            case .messagePack: try await callNeedletail(RPCWire(.messagePack))
            case .thriftCompact: try await callNeedletail(RPCWire(.thriftCompact, .framed))
            case .ttheader: try await callNeedletail(RPCWire(.thriftBinary, .ttheader))
            case .grpc: try await callGRPC()
            }
        print(String(decoding: try JSONEncoder().encode(sample), as: UTF8.self))
    }

    private func callNeedletail(_ wire: RPCWire) async throws -> CallSample {
        let client = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: port), RPCClientConfiguration(wire: wire))
        let caller = NeedletailCaller(client)
        try await caller.prepare()
        let sample = try await ClosedLoop(concurrency: concurrency).measure(caller, calls: calls)
        await client.close()
        return sample
    }

    private func callGRPC() async throws -> CallSample {
        try await withGRPCClient(
            transport: .http2NIOPosix(
                target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
        ) { client in
            try await ClosedLoop(concurrency: concurrency).measure(GRPCCaller(client: client), calls: calls)
        }
    }
}
