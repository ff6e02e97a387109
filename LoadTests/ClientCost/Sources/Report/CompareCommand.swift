//! `client-cost`: starts the servers, has the clients take turns, and prints tables.

internal import ArgumentParser
internal import Foundation

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Start the servers, have the clients take turns, and print tables.",
        discussion: """
            Each client is a process of its own on the second core, the servers are on the first. All ask for one value \
            of 100 bytes by a key of 16 bytes, in a closed loop. Run from the main package's directory, after \
            `swift build -c release --product needletail`.
            """)

    @Option(help: "Calls of a client in a round; a tenth of it where there is one call at a time.")
    var calls = 100_000

    @Option(help: "Rounds; publish five or more.")
    var rounds = 5

    @Option(help: "Calls in flight: tasks of ours and gRPC's, connections of redis-benchmark.")
    var concurrency = 50

    @Option(help: "The needletail executable, built for release.")
    var needletail = ".build/release/needletail"

    func validate() throws {
        try check(calls, Bounds.calls, "--calls")
        try check(rounds, Bounds.rounds, "--rounds")
        try check(concurrency, Bounds.concurrency, "--concurrency")
    }

    func run() throws {
        Interruption.install()
        let directory = FileManager.default.temporaryDirectory.appending(path: "client-cost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }

        let ours = try Server.needletail(needletail, in: directory)
        defer { ours.stop() }
        let grpc = try Server.grpc(in: directory)
        defer { grpc.stop() }
        let redis = try Server.redis(in: directory)
        defer { redis?.stop() }

        var contenders = [ClientKind.messagePack, .thriftCompact, .ttheader].map {
            Contender(client: .swift($0), server: ours, directory: directory)
        }
        contenders.append(Contender(client: .swift(.grpc), server: grpc, directory: directory))
        if let redis {
            contenders += [.redisBenchmark, .pipeliningRedisBenchmark].map {
                Contender(client: $0, server: redis, directory: directory)
            }
        } else {
            print("Without redis-benchmark: Redis is not installed.\n")
        }
        for inFlight in concurrency == 1 ? [1] : [concurrency, 1] {
            let count = inFlight == 1 ? max(calls / 10, Bounds.calls.lowerBound) : calls
            let present = contenders.filter { $0.canHave(inFlight: inFlight) }
            var table = CostTable(inFlight: inFlight)
            for _ in 0..<rounds {
                table.rounds.append(
                    try present.map { ($0, try $0.measure(calls: count, concurrency: inFlight)) })
            }
            for line in table.markdown { print(line) }
            print()
        }
        print("Medians of \(rounds) rounds, the clients taking turns: `\(command)`")
    }

    private var command: String { (["client-cost"] + CommandLine.arguments.dropFirst()).joined(separator: " ") }
}
