//! The Swift side of the cross-test: what thrift-gen-swift makes of crosstest.thrift, over `NeedletailRPC`.
//! README.md in the folder above says how peers are called, and which checks they make.

internal import ArgumentParser
internal import Foundation
internal import Logging
internal import NIOPosix
internal import NeedletailRPC
internal import Timing

@main
struct Peer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "crosstest-peer")

    /// What it has and other peers may lack.
    static let words = ["header", "msgpack", "required", "ttheader", "uuid", "zlib"]

    private static let secondsMax: UInt32 = 120

    enum Mode: EnumerableFlag { case serve, call, describe }
    enum Framing: EnumerableFlag {
        case framed, unframed, header, ttheader

        var rpc: RPCFraming {
            switch self {
            case .framed: .framed
            case .unframed: .unframed
            case .header: .theader
            case .ttheader: .ttheader
            }
        }
    }
    enum Face: String, ExpressibleByArgument { case asynchronous, synchronous }

    enum Format: String, ExpressibleByArgument {
        case binary, compact, msgpack

        var rpc: RPCFormat {
            switch self {
            case .binary: .thriftBinary
            case .compact: .thriftCompact
            case .msgpack: .messagePack
            }
        }
    }

    @Flag var mode: Mode
    @Flag var framing = Framing.unframed
    @Flag var zlib = false
    @Option var host = "127.0.0.1"
    @Option var port = 0
    /// A server finds out by itself.
    @Option(name: .customLong("protocol")) var format = Format.binary
    @Option var face = Face.asynchronous
    @Option var serverHas = ""

    func run() async throws {
        alarm(Self.secondsMax)
        switch mode {
        case .describe: print(Self.words.joined(separator: " "))
        case .serve: try await serve()
        case .call:
            let wire = RPCWire(format.rpc, framing.rpc, isCompressed: zlib)
            let serverHas = Set(serverHas.split(separator: " ").map(String.init))
            var checks = Checks(.tcp(host: host, port: port), wire, serverHas: serverHas)
            try await checks.makeAll()
            if checks.failures > 0 { throw ExitCode(1) }
        }
    }

    private func serve() async throws {
        Self.endWithParent()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let configuration = RPCServerConfiguration(host: host, port: port)
        let notes = Notes()
        let logger = Logger(label: "crosstest") { _ in SwiftLogNoOpLogHandler() }
        let server =
            switch face {
            case .asynchronous:
                try await RPCServer.start(configuration, on: group, clock: .system, logger: logger) { _, eventLoop in
                    IdentifiersAsyncService(AsyncHandler(notes: notes), on: eventLoop)
                }
            case .synchronous:
                try await RPCServer.start(configuration, on: group, clock: .system, logger: logger) { _, _ in
                    SyncHandler(notes: notes)
                }
            }
        print("PORT \(server.port)")
        fflush(nil)
        try await Task.sleep(for: .seconds(Self.secondsMax))
    }

    /// Ends this process when its parent closes its standard input, or by SIGTERM.
    private static func endWithParent() {
        signal(SIGTERM) { _ in _exit(0) }
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            _exit(0)
        }
    }
}
