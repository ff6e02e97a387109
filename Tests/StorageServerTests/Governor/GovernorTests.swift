//! The governor over recorded containers: what it says to event loops, and what a service does about writes.

import Logging
import MemoryEngine
import NIOCore
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct GovernorTests {
    private let time = ManualTime()
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func governor(
        _ tree: TemporaryTree, enabled: Bool = true, memoryLimitBytes: Int = 0, holdsStore: Bool = true
    ) -> Governor {
        Governor(
            ServerConfiguration.Governor(enabled: enabled, memoryLimitBytes: memoryLimitBytes), holdsStore: holdsStore,
            groups: ControlGroups(root: tree.path), machineBytes: .max, clock: .manual(time), logger: quiet)
    }

    private func storage(_ gate: MemoryGate) -> Storage {
        let engine = MemoryEngine()
        let checks = RequestChecks(
            ServiceLimits(), engine.capabilities, clock: .manual(time),
            counters: CounterBlock(count: ServiceCounters.count), loading: .done, memory: gate)
        let service = StorageService(
            engine: engine, checks: checks, on: nil, timers: LoopTimers(on: nil, clock: .manual(time)))
        return Storage(InProcess(service, .messagePack, .manual(time)), time)
    }

    private static func bytes(percent: Int) -> Int { RecordedContainer.limitBytes / 100 * percent + 1 << 20 }

    @Test(arguments: RecordedContainer.all)
    func theGroupsFiguresAreRead(_ container: RecordedContainer) throws {
        let tree = try container.tree(usedBytes: 230 << 20)
        let figures = ContainerFigures(ControlGroups(root: tree.path))
        #expect(figures.cpuQuotaMilliCPUs == 2_500)
        #expect(
            figures.throttling == CPUThrottling(periods: 1_200, throttledPeriods: 345, throttledSeconds: 67.5))
        #expect(
            figures.memory
                == GroupMemory(
                    limitBytes: RecordedContainer.limitBytes, usedBytes: 230 << 20,
                    fileBytes: RecordedContainer.fileBytes))
        let values = Dictionary(
            uniqueKeysWithValues: figures.families.map { ($0.name, $0.samples.first?.value) })
        #expect(values["cgroup_cpu_quota_cores"] == 2.5)
        #expect(values["cgroup_throttled_seconds_total"] == 67.5)
        #expect(values["cgroup_memory_used_bytes"] == Double(230 << 20))
    }

    @Test(arguments: RecordedContainer.all)
    func throttlingThatCannotBeReadIsNotShown(_ container: RecordedContainer) throws {
        let tree = try container.tree(usedBytes: 230 << 20)
        try container.hideThrottling(in: tree)
        let figures = ContainerFigures(ControlGroups(root: tree.path))
        #expect(figures.throttling == nil)
        #expect(
            figures.families.filter { !$0.samples.isEmpty }.map(\.name) == [
                "cgroup_cpu_quota_cores", "cgroup_memory_limit_bytes", "cgroup_memory_used_bytes",
                "cgroup_memory_file_bytes",
            ])
    }

    @Test func withoutGroupsThereAreCountersAndNoLimits() throws {
        let tree = try TemporaryTree()
        let families = ContainerFigures(ControlGroups(root: tree.path)).families
        let shown = families.filter { !$0.samples.isEmpty }
        #expect(
            shown.map(\.name) == [
                "cgroup_cpu_periods_total", "cgroup_throttled_periods_total", "cgroup_throttled_seconds_total",
            ])
    }

    @Test(arguments: RecordedContainer.all)
    func loopsBuffersAndRefusalsFollowTheRule(_ container: RecordedContainer) async throws {
        let tree = try container.tree(usedBytes: Self.bytes(percent: 10))
        let limits = ContainerLimits(
            cpuQuotaMilliCPUs: ControlGroups(root: tree.path).cpuQuotaMilliCPUs(), memoryLimitBytes: nil,
            affinityCPUs: 8, physicalMemoryBytes: .max)
        #expect(limits.eventLoops == 2)
        #expect(limits.eventLoops(reservingMilliCPUs: 750) == 1)

        let governor = governor(tree)
        let storage = storage(governor.gate)
        var shares: [Int] = []
        func step(percent: Int) throws {
            try container.use(Self.bytes(percent: percent), in: tree)
            governor.step { shares.append($0) }
        }
        try step(percent: 10)
        #expect(shares.isEmpty && governor.level == .normal)
        try await storage.put("k", "v")
        try step(percent: 79)
        #expect(shares == [40] && governor.level == .shrinking)
        try await storage.put("k", "w")

        try step(percent: 86)
        #expect(shares == [40, 0] && governor.level == .refusing)
        await storage.expectError(.outOfMemory) { try await storage.put("k", "x") }
        await storage.expectError(.outOfMemory) { try await storage.multiPut([("k", "x"), ("l", "x")]) }
        await storage.expectError(.outOfMemory) { try await storage.increment("n", 1) }
        #expect(try await storage.text("k") == "w", "reads go on, and nothing was executed")
        #expect(try await storage.multiGet(["k", "l", "n"]).statuses.readableBytes == 3)
        #expect(try await storage.remove("k").removed, "removals go on")
        #expect(governor.report().writesRefused == 3)

        try step(percent: 81)
        await storage.expectError(.outOfMemory) { try await storage.put("k", "x") }
        try step(percent: 78)
        #expect(governor.level == .shrinking)
        try await storage.put("k", "x")
        try step(percent: 20)
        #expect(shares == [40, 0, 46, 100] && governor.level == .normal)
        let families = governor.families()
        #expect(families.first { $0.name == "governor_refused_total" }?.samples.first?.value == 4)
        #expect(families.first { $0.name == "governor_level" }?.samples.first?.value == 0)
    }

    @Test(arguments: RecordedContainer.all)
    func whatCannotBeReadChangesNothing(_ container: RecordedContainer) throws {
        let tree = try container.tree(usedBytes: Self.bytes(percent: 95))
        let governor = governor(tree)
        governor.step { _ in }
        #expect(governor.level == .refusing && !governor.gate.isOpen)
        let report = governor.report()
        try container.hideUsage(in: tree)
        governor.step { _ in Issue.record("event loops were told") }
        #expect(governor.level == .refusing && !governor.gate.isOpen)
        #expect(governor.report().memoryUsedBytes == report.memoryUsedBytes, "the last figures are shown")
        try container.use(Self.bytes(percent: 10), in: tree)
        governor.step { _ in }
        #expect(governor.level == .normal && governor.gate.isOpen)
    }

    @Test(
        .enabled(if: AllocatorFigures.sample().usedBytes > 1 << 20, "a sanitizer's allocator says nothing of itself"),
        arguments: [true, false])
    func theAllocatorIsLookedAtEveryTenSeconds(enabled: Bool) throws {
        let tree = try RecordedContainer.all[0].tree(usedBytes: Self.bytes(percent: 10))
        let governor = governor(tree, enabled: enabled)
        func figures() -> AllocatorFigures {
            if enabled { governor.step { _ in } }
            return governor.allocatorFigures()
        }
        let first = figures()
        let block = [UInt8](repeating: 1, count: 64 << 20)
        time.advance(byMilliseconds: 9_999)
        #expect(figures() == first)
        time.advance(byMilliseconds: 1)
        #expect(figures() != first)
        #expect(block.last == 1)
    }

    @Test func theSmallerOfTwoLimitsCounts() throws {
        let container = RecordedContainer.all[1]
        let tree = try container.tree(usedBytes: Self.bytes(percent: 10))
        // This process uses more than a mebibyte.
        let governor = governor(tree, memoryLimitBytes: 1 << 20)
        governor.step { _ in }
        #expect(governor.level == .refusing)
        #expect(governor.report().memoryLimitBytes == 1 << 20)
    }

    @Test func aServerThatKeepsNothingRefusesNoWrites() throws {
        let tree = try RecordedContainer.all[0].tree(usedBytes: Self.bytes(percent: 95))
        let governor = governor(tree, holdsStore: false)
        var shares: [Int] = []
        governor.step { shares.append($0) }
        #expect(governor.level == .refusing && shares == [0])
        #expect(governor.gate.isOpen)
    }

    @Test func theThreadActsAndEnds() async throws {
        let tree = try RecordedContainer.all[1].tree(usedBytes: Self.bytes(percent: 95))
        let governor = governor(tree)
        let (shares, continuation) = AsyncStream.makeStream(of: Int.self)
        let end = governor.start { continuation.yield($0) }
        #expect(await shares.first { _ in true } == 0)
        end()
        #expect(!governor.gate.isOpen)
    }

    @Test func withoutLeaveNothingIsGoverned() throws {
        let tree = try RecordedContainer.all[1].tree(usedBytes: Self.bytes(percent: 95))
        let governor = governor(tree, enabled: false)
        governor.start { _ in Issue.record("event loops were told") }()
        #expect(governor.gate.isOpen)
    }
}
