//! `client-cost serve-grpc`: the gRPC server, until the process is ended.

internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix

struct ServeGRPCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-grpc", abstract: "Serve the entry over gRPC.", shouldDisplay: false)

    func run() async throws {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
            services: [GetService()])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            guard let port = try await server.listeningAddress?.ipv4?.port else {
                throw CostError("the gRPC server has no port")
            }
            try FileHandle.standardOutput.write(contentsOf: Data("{\"rpcPort\":\(port)}\n".utf8))
            try await group.waitForAll()
        }
    }
}
