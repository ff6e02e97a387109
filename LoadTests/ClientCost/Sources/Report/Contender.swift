//! One row of the comparison: a client, and its server.

internal import Foundation

/// Measures a client's calls of one round.
struct Contender {
    /// How long the calls of one round may take, in seconds.
    private static let roundSecondsMax = 300.0

    /// Our client's most connections, which a pipelining redis-benchmark gets, too.
    private static let connectionsMax = 2

    enum Client {
        case swift(ClientKind)
        /// A connection for each call in flight, as it does by default.
        case redisBenchmark
        /// As few connections as our client has, with several calls in flight on each, all sent at once.
        case pipeliningRedisBenchmark
    }

    let client: Client
    let server: Server
    /// For what the client says.
    let directory: URL

    /// As the table names it.
    var title: String {
        switch client {
        case .swift(.messagePack): "Needletail, MessagePack"
        case .swift(.thriftCompact): "Needletail, Thrift compact framed"
        case .swift(.ttheader): "Needletail, Thrift binary with TTHeader"
        case .swift(.grpc): "grpc-swift-2"
        case .redisBenchmark: "redis-benchmark, a connection per call in flight"
        case .pipeliningRedisBenchmark: "redis-benchmark, pipelining on \(Self.connectionsMax) connections"
        }
    }

    var isGRPC: Bool { if case .swift(.grpc) = client { true } else { false } }

    /// Whether it takes part where so many calls are in flight.
    func canHave(inFlight: Int) -> Bool {
        if case .pipeliningRedisBenchmark = client { inFlight >= Self.connectionsMax * 2 } else { true }
    }

    func measure(calls: Int, concurrency: Int) throws -> CallSample {
        switch client {
        case .swift(let kind):
            let output = try run(
                Machine.executable,
                [
                    "call", kind.rawValue, "--port", "\(server.port)", "--calls", "\(calls)", "--concurrency",
                    "\(concurrency)",
                ])
            return try JSONDecoder().decode(CallSample.self, from: Data(output.utf8))
        case .redisBenchmark:
            return try measureRedisBenchmark(calls: calls, connections: concurrency, pipeline: 1)
        case .pipeliningRedisBenchmark:
            return try measureRedisBenchmark(
                calls: calls, connections: Self.connectionsMax, pipeline: concurrency / Self.connectionsMax)
        }
    }

    /// It cannot say its own CPU time, so the process as a whole counts, its start included.
    private func measureRedisBenchmark(calls: Int, connections: Int, pipeline: Int) throws -> CallSample {
        // It reads the entry, which a first run stores.
        _ = try runRedisBenchmark("set", calls: 1, connections: 1, pipeline: 1)
        let before = CPUTime.ofEndedChildren()
        let output = try runRedisBenchmark("get", calls: calls, connections: connections, pipeline: pipeline)
        let cpuSeconds = CPUTime.ofEndedChildren() - before
        // `"GET","99502.49",...` below a line of headings.
        guard let match = output.firstMatch(of: /"GET","([0-9.]+)"/), let rate = Double(match.1), rate > 0 else {
            throw CostError("redis-benchmark's answer is not understood: \(output)")
        }
        return CallSample(calls: calls, seconds: Double(calls) / rate, cpuSeconds: cpuSeconds)
    }

    private func runRedisBenchmark(
        _ test: String, calls: Int, connections: Int, pipeline: Int
    ) throws -> String {
        try run(
            "redis-benchmark",
            [
                "-h", "127.0.0.1", "-p", "\(server.port)", "-t", test, "-n", "\(calls)", "-c", "\(connections)", "-P",
                "\(pipeline)", "-d", "\(Entry.valueSize)", "--csv",
            ])
    }

    private func run(_ executable: String, _ arguments: [String]) throws -> String {
        let process = try ChildProcess(executable, arguments, on: Machine.cores?.client, in: directory)
        return try process.result(seconds: Self.roundSecondsMax)
    }
}
