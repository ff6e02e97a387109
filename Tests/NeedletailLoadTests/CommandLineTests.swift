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
            ["--server-pid", "4711"], ["search", "--server-pid", "4711", "--p99", "1ms"],
            ["--event-loops", "65"], ["--event-loops", "2", "--address", "127.0.0.1:7400"],
            ["--event-loops", "2", "--unix-socket", "/tmp/socket"], ["--event-loops", "2", "--protocol", "redis"],
            ["self-check", "--freeze-millis", "50"],
        ])
    func usage(_ arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try NeedletailLoad.parseAsRoot(arguments) }
        #expect(NeedletailLoad.exitCode(for: error) == .validationFailure)
        let option = arguments.first { $0.hasPrefix("--") } ?? ""
        #expect(NeedletailLoad.fullMessage(for: error).contains(option))
    }

    @Test(
        "what describes a server is taken with the server that it describes",
        arguments: [
            ["--server-pid", "4711", "--address", "127.0.0.1:7400"],
            ["--server-pid", "4711", "--unix-socket", "/tmp/socket"], ["--event-loops", "2", "--protocol", "thrift"],
        ])
    func descriptions(_ arguments: [String]) throws { _ = try NeedletailLoad.parseAsRoot(arguments) }

    @Test(
        "a file that could not be written at the end is refused before anything is started, by option and path",
        arguments: [
            [], ["case-study"], ["codecs"], ["micro"], ["overload"], ["peers"], ["recovery"],
            ["run", "some.yaml"], ["scale"], ["search", "--p99", "1ms"], ["self-check"], ["snapshot"], ["soak"],
        ])
    func files(_ command: [String]) throws {
        let options = command.first == "case-study" ? ["--json", "--report"] : ["--json"]
        for option in options {
            for path in ["/nonexistent/result", "/tmp"] {
                let error = try #require(throws: (any Error).self) {
                    try NeedletailLoad.parseAsRoot(command + [option, path])
                }
                #expect(NeedletailLoad.exitCode(for: error) == .validationFailure)
                #expect(NeedletailLoad.fullMessage(for: error).contains("\(option) is '\(path)'"))
            }
        }
    }

    @Test("compare's limit is missed by more, and where no round counts")
    func comparison() {
        #expect(CompareCommand.objection(to: 1.03, atMost: 1.03) == nil)
        #expect(CompareCommand.objection(to: 1.04, atMost: 1.03)?.contains("more than") == true)
        #expect(CompareCommand.objection(to: nil, atMost: 1.03)?.contains("no round counts") == true)
    }
}
