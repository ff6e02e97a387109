internal import ArgumentParser
internal import Foundation
internal import Testing

@testable internal import needletail_load

/// Scenarios against a real server.
@Suite(.serialized) struct ScenarioEndToEndTests {
    private static let text = """
        name: tiny
        connections: 3
        entries: {count: 500, values: [100:9, 2KiB:1], largeValueSize: 300KiB}
        phases:
          - {name: closed, workload: ycsb-b, duration: 200ms, warmUp: 100ms}
          - name: open
            pace: open
            rate: 400
            duration: 300ms
            warmUp: 0
            protocol: thrift-framed
            largePerCall: 0.05
            calls:
              - {call: get, order: zipf}
              - {call: range, keysPerCall: 10}
              - {call: insert}
              - {call: remove}
          - {name: ramp, workload: case, pace: ramp, rate: 100, endRate: 300, duration: 300ms, warmUp: 100ms}
        """

    @Test("a scenario runs phase after phase, and its JSON has all of them")
    func run() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let (file, json) = (directory.path("tiny.yaml"), directory.path("result.json"))
            try Self.text.write(toFile: file, atomically: true, encoding: .utf8)
            var command = try NeedletailLoad.parseAsRoot(
                ["run", file, "--server-executable", EndToEndTests.needletail, "--json", json])
            try command.run()
            let report = try JSONDecoder().decode(ScenarioReport.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(report.scenario == "tiny")
            #expect(report.phases.map(\.name) == ["closed", "open", "ramp"])
            #expect(report.phases.map(\.loop) == ["closed loop", "open loop", "open loop"])
            #expect(report.phases.allSatisfy { $0.failure == nil && ($0.result?.requests ?? 0) > 0 })
            #expect(report.phases[2].endRate == 300)
            let titles = report.phases[1].result?.operations.map(\.title)
            #expect(titles == ["get", "range", "insert", "remove", "get of 307,200 bytes"])
            #expect(report.phases[2].result?.deadline != nil)
            #expect(report.head.versions["Needletail"] != nil)
            #expect(report.server.first == "serve")
            #expect(!report.interrupted)
        }
    }

    @Test("a scenario with a mistake ends with status 2 before anything is started")
    func mistake() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let file = directory.path("wrong.yaml")
            try "phases: [{workload: got}]".write(toFile: file, atomically: true, encoding: .utf8)
            var command = try NeedletailLoad.parseAsRoot(["run", file, "--server-executable", "/nonexistent"])
            let error = try #require(throws: (any Error).self) { try command.run() }
            #expect((error as? ExitCode)?.rawValue == ExitStatus.usage.rawValue)
        }
    }

    @Test("a search finds a rate, and its JSON has every try")
    func search() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            var command = try NeedletailLoad.parseAsRoot([
                "search", "--samples", "200", "--p99", "200ms", "--workload", "get", "--seconds", "0.1", "--precision",
                "1",
                "--warm-up-seconds", "0.1", "--keys", "500", "--connections", "2", "--server-executable",
                EndToEndTests.needletail, "--json", json,
            ])
            try command.run()
            let report = try JSONDecoder().decode(SearchReport.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(report.p99LimitMicroseconds == 200_000)
            #expect(report.probes.count > 1)
            #expect(report.highest?.loop == "open loop")
            #expect(!report.interrupted)
        }
    }
}
