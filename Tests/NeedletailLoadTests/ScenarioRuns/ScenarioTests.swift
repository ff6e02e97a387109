internal import Foundation
internal import StorageServer
internal import Testing

@testable internal import needletail_load

/// What scenarios say, and what is wrong with them.
@Suite struct ScenarioTests {
    /// The repository.
    static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    static let files = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/LoadTests/Scenarios")) ?? []

    @Test("the scenarios of the repository can be run", arguments: files)
    func ready(_ file: String) throws {
        let scenario = try ScenarioReader.read(Self.root.path + "/LoadTests/Scenarios/" + file)
        #expect(scenario.name != "unnamed")
        #expect(!scenario.phases.isEmpty)
    }

    @Test("there are some")
    func someAreReady() { #expect(Self.files.count >= 5) }

    @Test("what a file says is what is run; what it leaves out has its default")
    func reading() throws {
        let scenario = try ScenarioReader.read(
            text: """
                name: a test
                connections: 7
                seed: 5
                entries: {count: 1000, valueSize: 1KiB, largeValueSize: 1MiB}
                server:
                  durability: logged
                  flags: [--limits-max-value-size, 1MiB]
                phases:
                  - workload: ycsb-a
                  - name: mixed
                    pace: ramp
                    rate: 100
                    endRate: 900
                    duration: 2s
                    warmUp: 0
                    connections: 3
                    protocol: thrift
                    largePerCall: 0.01
                    calls:
                      - {call: multi-get, keysPerCall: 30, weight: 3, order: zipf, timeout: 15ms}
                      - {call: read-modify-write}
                """, path: "test.yaml")
        #expect(scenario.seed == 5)
        #expect(scenario.keys == KeySpace(count: 1_000, keySize: 16, valueSize: 1_024))
        #expect(scenario.server.persistence == .logged)
        #expect(scenario.server.holdsLargeValues)
        #expect(scenario.server.flags == ["--limits-max-value-size", "1MiB"])
        #expect(scenario.large == LargeValues(size: 1 << 20))
        let first = scenario.phases[0]
        #expect(first.name == "ycsb-a")
        #expect(first.mix == Workload.ycsbA.mix(keysPerCall: 1))
        #expect(first.pace == .closed(inFlight: 1))
        #expect((first.connections, first.seconds, first.warmUpSeconds) == (7, 5, 1))
        let second = scenario.phases[1]
        #expect(second.pace == .ramp(from: 100, to: 900))
        #expect((second.connections, second.seconds, second.warmUpSeconds) == (3, 2, 0))
        #expect(second.loadProtocol == .thrift)
        let parts = second.mix.parts
        #expect(parts.map(\.title) == ["multiGet of 30", "read-modify-write", "get of 1,048,576 bytes"])
        #expect(parts[0].weight == 3)
        #expect(parts[0].shape.timeoutMillis == 15)
        #expect(parts[1].continuation == .put)
        #expect(parts[2].isApart)
    }

    static let mistakes: [(String, String)] = [
        (
            "phases: [{workload: get, durration: 5s}]",
            "test.yaml:1: unknown key 'phases[0].durration'; did you mean 'duration'?"
        ),
        ("phases: [{workload: got}]", "phases[0].workload: 'got' is not valid; expected one of get, multi-get"),
        (
            "phases:\n  - workload: get\n    duration: 5",
            "test.yaml:3: phases[0].duration: '5' has no unit; expected a duration"
        ),
        (
            "phases: [{workload: get, connections: 0}]",
            "phases[0].connections: '0' is out of range; expected a whole number"
        ),
        ("phases: [{workload: get, rate: 100}]", "phases[0]: pace closed has no rate"),
        ("phases: [{workload: get, pace: open}]", "phases[0]: pace open needs rate"),
        ("phases: [{workload: get, pace: ramp, rate: 5}]", "phases[0]: pace ramp needs rate and endRate"),
        (
            "phases: [{workload: get, pace: open, rate: 5, inFlight: 4}]",
            "phases[0]: pace open has no inFlight; calls leave on its schedule"
        ),
        ("phases: [{pace: closed}]", "phases[0]: expected either workload or calls"),
        ("phases: [{calls: [{call: get, wait: 1}]}]", "unknown key 'phases[0].calls[0].wait'"),
        ("phases: [{workload: get, protocol: redis}]", "phases[0]: protocol: 'redis' is not spoken by Needletail"),
        ("entries: {sizes: etc}\nphases: [{workload: multi-get}]", "keys of different sizes cannot"),
        ("entries: {values: [5:1]}\nphases: [{workload: get}]", "entries: values: '5:1' is not valid"),
        ("protocol: memcached\nserver: {durability: synced}\nphases: [{workload: get}]", "memcached does not persist"),
        ("protocol: redis\nserver: {flags: [--x]}\nphases: [{workload: get}]", "flags are Needletail's"),
        ("name: nothing", "phases: expected a list with at least one phase"),
        ("entires: {count: 5}\nphases: [{workload: get}]", "unknown key 'entires'; did you mean 'entries'?"),
        ("- a list", "the document is no mapping"),
        ("phases: [", "not valid YAML"),
    ]

    @Test("a mistake is said with its place, key, value and what was expected", arguments: mistakes)
    func mistake(_ text: String, _ message: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ScenarioReader.read(text: text, path: "test.yaml")
        }
        #expect(error.lines.contains { $0.hasPrefix("file test.yaml") && $0.contains(message) }, "\(error.lines)")
    }

    @Test("all mistakes are said at once")
    func allMistakes() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ScenarioReader.read(
                text: "seed: x\nentries: {count: 0}\nphases: [{workload: got}, {rate: 1}]", path: "test.yaml")
        }
        #expect(error.lines.count >= 4)
    }

    @Test("the documented keys are those of the table (UPDATE_RENDERED_FILES=1 writes them)")
    func documentation() throws {
        let file = Self.root.appending(path: "LoadTests/LoadHarness.docc/Scenarios.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let heading = "## Keys\n"
        let start = try #require(text.range(of: heading)).upperBound
        let rendered = text[..<start] + ScenarioTable.markdown.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_RENDERED_FILES"] == "1" {
            try rendered.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(text == rendered)
        }
    }
}
