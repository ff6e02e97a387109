//! Each default rule is provoked by what it is there for, and is over when that is. Where that is a whole process'
//! doing, it is recorded figures or a clock moved by hand here; `CommandTests` has the real thing: overload, memory that
//! is used, a quota of the kernel.

import Foundation
import LogSimulation
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Synchronization
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct DefaultAlertTests {
    private let probe = AlertProbe()

    // MARK: The disk

    @Test func aSlowDiskIsAnAlert() async throws {
        var probe = probe
        try await SimulatedServer.with { server in
            probe.look(at: server.families)
            try await probe.look(until: .firing, of: "slow-log-sync") {
                try await server.put(syncMillis: 60)
                return server.families
            }
            try await probe.look(until: .inactive, of: "slow-log-sync") {
                try await server.storage.put("quick", "1")
                return server.families
            }
        }
    }

    @Test func aFullDiskIsAnAlertUntilThereIsRoom() async throws {
        var probe = probe
        try await SimulatedServer.with {
            $0.segmentSizeBytes = 64 << 10
        } _: { server in
            probe.look(at: server.families)
            #expect(probe.phase("log-refuses-writes") == .inactive)
            let capacity = server.disk.capacity
            server.disk.capacity = server.disk.disk.usedBytes
            let value = String(repeating: "v", count: 8 << 10)
            try await probe.look(until: .firing, of: "log-refuses-writes") {
                _ = try? await server.storage.put("k", value)
                return server.families
            }
            server.disk.capacity = capacity
            try await probe.look(until: .inactive, of: "log-refuses-writes") {
                _ = try? await server.storage.put("k", "v")
                return server.families
            }
        }
    }

    @Test func aFullDiskShowsInARunningServerAndIsOverWhenThereIsRoom() async throws {
        let disk = SimulatedLogStorage()
        try await RunningServer.with(on: disk) {
            $0.log.segmentSizeBytes = 64 << 10
            $0.alerting.intervalMillis = 50
            $0.alerting.rules = AlertRule.defaults.map { rule in
                var rule = rule
                // At once by default: then it would never be seen to wait.
                if rule.name == "log-refuses-writes" { rule.durationMillis = 500 }
                return rule
            }
        } _: { server in
            let client = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.ports.rpc))
            let storage = StorageClient(client)
            func put(_ bytes: Int) async throws {
                _ = try await storage.put(
                    PutRequest(
                        key: ByteBuffer(string: "k"), value: ByteBuffer(repeating: UInt8(ascii: "v"), count: bytes)))
            }
            /// Puts until the rule stands so, in both figures.
            func wait(for state: String, _ bytes: Int) async throws {
                let end = Clock.system.now().advanced(byMilliseconds: 20_000)
                let line = "alert_active{name=\"log-refuses-writes\",severity=\"critical\"} "
                let isActive = state == "firing" ? "1" : "0"
                while true {
                    try? await put(bytes)
                    let stats = try JSONDecoder().decode(
                        ServerReport.self, from: Data(try await server.get("/stats").utf8))
                    let stands = stats.alerts.first { $0.name == "log-refuses-writes" }?.state == state
                    if stands, try await server.get("/metrics").contains(line + isActive) { return }
                    try #require(Clock.system.now() < end, "it never was \(state)")
                }
            }
            try await put(1)
            try await wait(for: "inactive", 1)
            let capacity = disk.capacity
            disk.capacity = disk.disk.usedBytes
            try await wait(for: "pending", 8 << 10)
            try await wait(for: "firing", 8 << 10)
            disk.capacity = capacity
            try await wait(for: "inactive", 1)
            try await put(1)
            await client.close()
        }
    }

    @Test func damageThatTheScrubFindsIsAnAlertForADay() async throws {
        var probe = probe
        try await SimulatedServer.with {
            $0.scrubIntervalMillis = 20
        } _: { server in
            probe.look(at: server.families)
            #expect(server.log.requestSnapshot())
            try await wait(for: server) { $0.snapshots == 1 }
            let snapshot = try #require(server.disk.disk.names.first { $0.hasSuffix(".snapshot") })
            var disk = server.disk.disk
            disk.flipBit(snapshot, try #require(disk.contents(snapshot)).count / 2, bit: 3)
            server.disk.disk = disk
            try await probe.look(until: .firing, of: "log-damage") { server.families }
            // The next snapshot takes the place of the damaged one.
            #expect(server.log.requestSnapshot())
            try await wait(for: server) { $0.snapshots == 2 }
            probe.look(at: server.families)
            #expect(probe.phase("log-damage") == .firing)
            for hour in 1...25 {
                probe.pass(hours: 1)
                probe.look(at: server.families)
                if hour == 23 { #expect(probe.phase("log-damage") == .firing) }
            }
            #expect(probe.phase("log-damage") == .inactive)
        }
    }

    /// Calls until the log is as it should be.
    private func wait(for server: SimulatedServer, until holds: (ServerReport.Log) -> Bool) async throws {
        let end = Clock.system.now().advanced(byMilliseconds: 8_000)
        while !holds(server.log.report()) {
            try #require(Clock.system.now() < end)
            _ = try await server.storage.text("before")
        }
    }

    @Test(.enabled(if: TinyFileSystem.canBeMade, "needs to mount a file system"))
    func aFileSystemThatFillsUpIsAnAlert() async throws {
        var probe = probe
        let disk = try TinyFileSystem()
        func families() throws -> [MetricFamily] { try #require(DiskSpace(of: disk.path)).families }
        probe.look(at: try families())
        #expect(probe.phase("disk-space") == .inactive)
        let file = disk.path + "/file"
        try Data(count: TinyFileSystem.sizeBytes * 95 / 100).write(to: URL(filePath: file))
        try await probe.look(until: .firing, of: "disk-space") { try families() }
        try FileManager.default.removeItem(atPath: file)
        try await probe.look(until: .inactive, of: "disk-space") { try families() }
    }

    // MARK: Calls

    @Test func sheddingIsAnAlert() async throws {
        var probe = probe
        let (time, counters) = (ManualTime(), CounterBlock(count: ServiceCounters.count))
        let service = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(time), counters: counters)
        func storage(_ pressure: CallPressure) -> Storage {
            Storage(InProcess(service, .messagePack, .manual(time), pressure: pressure), time)
        }
        let (full, free) = (storage(.full), storage(.none))
        try await free.put("k", "v")
        probe.look(at: ServiceCounters.families([counters]))
        try await probe.look(until: .firing, of: "shedding") {
            await full.expectError(.overloaded) { try await full.put("k", "v") }
            for _ in 0..<20 { try await free.put("k", "v") }
            return ServiceCounters.families([counters])
        }
        try await probe.look(until: .inactive, of: "shedding") {
            for _ in 0..<20 { try await free.put("k", "v") }
            return ServiceCounters.families([counters])
        }
    }

    /// Has calls of multiGet take 16 ms, on the clock that is moved by hand, as long as it is switched on.
    private final class Delay: ServerInterceptor {
        let isOn = Atomic(true)
        let time: ManualTime

        init(_ time: ManualTime) { self.time = time }

        func called(_ head: borrowing CallHead, _ times: CallTimes, _ format: RPCFormat) throws(CallRefusal) {
            if isOn.load(ordering: .relaxed) { time.advance(byMilliseconds: 16) }
        }
    }

    @Test func slowCallsAreAnAlert() async throws {
        var probe = probe
        let time = ManualTime()
        let delay = Delay(time)
        try await ServedFigures.with(clock: .manual(time), interceptors: [delay]) { server in
            let client = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.port))
            let storage = StorageClient(client)
            try await probe.look(until: .firing, of: "p99-over-budget") {
                _ = try await storage.multiGet(MultiGetRequest(keys: ["a", "b"]))
                return server.families
            }
            delay.isOn.store(false, ordering: .relaxed)
            try await probe.look(until: .inactive, of: "p99-over-budget") {
                for _ in 0..<200 { _ = try await storage.multiGet(MultiGetRequest(keys: ["a", "b"])) }
                return server.families
            }
            await client.close()
        }
    }

    // MARK: The process

    @Test func aFrozenEventLoopIsAnAlert() async throws {
        var probe = probe
        try await ServedFigures.with { server in
            try await probe.look(until: .firing, of: "event-loop-lag") {
                _ = try await server.eventLoop.submit { usleep(400_000) }.get()
                return server.families
            }
            // The gauge shows the worst of the last ten seconds.
            try await probe.look(until: .inactive, of: "event-loop-lag") {
                try await Task.sleep(for: .milliseconds(500))
                return server.families
            }
        }
    }

    @Test(arguments: RecordedContainer.all)
    func aSmallMemoryLimitIsAnAlert(_ container: RecordedContainer) async throws {
        var probe = probe
        let tree = try container.tree(usedBytes: RecordedContainer.limitBytes / 10 * 7)
        let governor = Governor(
            ServerConfiguration.Governor(enabled: true, memoryLimitBytes: 0), holdsStore: true,
            groups: ControlGroups(root: tree.path), machineBytes: .max,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func families(percent: Int) throws -> [MetricFamily] {
            try container.use(RecordedContainer.limitBytes / 100 * percent, in: tree)
            governor.step { _ in }
            return governor.families()
        }
        probe.look(at: try families(percent: 70))
        #expect(probe.phase("memory-near-limit") == .inactive)
        try await probe.look(until: .firing, of: "memory-near-limit") { try families(percent: 83) }
        try await probe.look(until: .inactive, of: "memory-near-limit") { try families(percent: 75) }
    }

    @Test(arguments: RecordedContainer.all)
    func throttlingIsAnAlert(_ container: RecordedContainer) async throws {
        var probe = probe
        let tree = try container.tree(usedBytes: 1 << 20)
        var seconds = 67
        func families() throws -> [MetricFamily] {
            try container.throttle(seconds: seconds, in: tree)
            return ContainerFigures(ControlGroups(root: tree.path)).families
        }
        probe.look(at: try families())
        #expect(probe.phase("cpu-throttled") == .inactive)
        try await probe.look(until: .firing, of: "cpu-throttled") {
            seconds += 2
            return try families()
        }
        try await probe.look(until: .inactive, of: "cpu-throttled") { try families() }
    }

    @Test func everyDefaultRuleIsProvokedHere() {
        let names = [
            "p99-over-budget", "event-loop-lag", "shedding", "slow-log-sync", "memory-near-limit", "cpu-throttled",
            "disk-space", "log-damage", "log-refuses-writes",
        ]
        #expect(AlertRule.defaults.map(\.name) == names)
    }
}
