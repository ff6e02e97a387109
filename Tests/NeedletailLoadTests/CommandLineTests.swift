internal import ArgumentParser
internal import Testing

@testable internal import needletail_load

/// What the command takes and refuses.
@Suite struct CommandLineTests {
    @Test("without arguments it is the canonical workload")
    func defaults() throws {
        let command = try #require(try NeedletailLoad.parseAsRoot([]) as? WorkloadCommand)
        #expect(command.calls.mix == CallMix(.multiGet(100)))
        #expect(command.target.connections == 50)
        #expect(command.inFlight == 1)
        #expect(command.rate == nil)
        #expect(command.target.loadProtocol == .messagePack)
        #expect(command.entries.keySpace == KeySpace(count: 1_000_000, keySize: 16, valueSize: 100))
    }

    @Test("peers runs every row five times")
    func peers() throws {
        let command = try #require(try NeedletailLoad.parseAsRoot(["peers"]) as? PeersCommand)
        #expect(command.rounds == 5)
        #expect(command.rows == PeerRow.allCases)
        let some = try #require(
            try NeedletailLoad.parseAsRoot(["peers", "--row", "get", "put", "--rounds", "7"]) as? PeersCommand)
        #expect(some.rows == [.get, .put])
    }

    @Test(
        "load goes to this machine only",
        arguments: [
            ["--address", "10.0.0.1:7400"], ["--address", "example.org:7400"], ["--address", "[2001:db8::1]:7400"],
            ["--address", "0.0.0.0:7400"],
            ["peers", "--peer", "192.168.1.2:6379", "--peer-protocol", "redis"],
        ])
    func remote(_ arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try NeedletailLoad.parseAsRoot(arguments) }
        #expect(NeedletailLoad.fullMessage(for: error).contains("not on this machine"))
        #expect(NeedletailLoad.exitCode(for: error) == .validationFailure)
        _ = try NeedletailLoad.parseAsRoot(arguments + ["--allow-remote"])
    }

    @Test(arguments: ["127.0.0.1:7400", "127.1.2.3:1", "localhost:7400", "[::1]:7400"])
    func loopback(_ address: String) throws { _ = try NeedletailLoad.parseAsRoot(["--address", address]) }

    @Test(
        "wrong usage is refused, with a message that names the option",
        arguments: [
            ["--rate", "0"], ["--keys", "0"], ["--key-size", "7"], ["--value-size", "7"], ["--connections", "0"],
            ["--seconds", "0"], ["--keys-per-call", "10001"], ["--address", "127.0.0.1"],
            ["--skip-load"], ["peers", "--peer", "nonsense"], ["peers", "--peer", "127.0.0.1:1"],
            ["peers", "--rounds", "0"], ["overload", "--multiple", "0"], ["overload", "--timeout-millis", "0"],
            ["overload", "--protocol", "redis"], ["soak", "--minutes", "0"], ["soak", "--durability", "memory"],
            ["case-study", "--rate", "0"], ["case-study", "--events", "0"],
            ["case-study", "--events", "10001"], ["case-study", "--delay-median-millis", "0"],
            ["case-study", "--store-connections", "65"], ["micro", "--rounds", "0"], ["micro", "--filter", "nonsense"],
            ["scale", "--utilisation", "0"], ["scale", "--connections", "0"], ["scale", "--machine-cores", "0"],
            ["case-study", "--samples", "0"],
            ["case-study", "--part", "nothing"], ["case-study", "--bare-rate", "0"],
            ["--workload", "got"], ["--large-per-call", "2"],
            ["--large-value-size", "7"], ["--key-order", "backwards"], ["search", "--p99", "1"],
            ["search", "--precision", "0", "--p99", "1ms"], ["search", "--samples", "1", "--p99", "1ms"],
        ])
    func usage(_ arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try NeedletailLoad.parseAsRoot(arguments) }
        #expect(NeedletailLoad.exitCode(for: error) == .validationFailure)
        let option = arguments.first { $0.hasPrefix("--") } ?? ""
        #expect(NeedletailLoad.fullMessage(for: error).contains(option))
    }
}
