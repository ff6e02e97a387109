internal import Testing

@testable internal import needletail_load

/// Curves, what is said of them, and what a limit prevents.
@Suite struct ScaleTests {
    private static let entries = KeySpace(count: 2_000, keySize: 16, valueSize: 100)

    private static func curve(_ axis: ScaleAxis, values: [Int], openFilesMax: Int = 1_024) throws -> ScaleCurve {
        let contest = ScaleContest(
            cores: CorePlan(), entries: entries, connections: 5, serverExecutable: EndToEndTests.needletail, seed: 1,
            timing: ScaleTiming(seconds: 0.1, warmUpSeconds: 0.05, rounds: 1), openFilesMax: openFilesMax)
        var curves: [ScaleCurve] = []
        try contest.run(axis, values: values, into: &curves)
        return try #require(curves.first)
    }

    private static func point(
        _ value: Int, _ shape: CallShape, microseconds: Double, kernel: KernelWork? = nil, storeBytes: Int? = nil
    ) -> ScalePoint {
        var figures = RunFigures(shape, .closed(inFlight: 1))
        figures.calls = 1_000
        figures.found = 1_000 * shape.keysPerCall
        figures.seconds = 1
        var point = ScalePoint(value: value, shape: shape, storeBytes: storeBytes)
        point.rounds = [
            Measurement(
                figures: figures, serverCPUSeconds: microseconds / 1_000, kernelWork: kernel, throttled: 0)
        ]
        return point
    }

    @Test("a call's share and a key's share are told apart, points of every size alike")
    func line() throws {
        let line = try #require(FittedLine([1, 10, 100, 1_000].map { (x: $0, y: 6 + 0.15 * $0) }))
        #expect(abs(line.intercept - 6) < 1e-6)
        #expect(abs(line.slope - 0.15) < 1e-6)
        #expect(FittedLine([(x: 1, y: 2)]) == nil)
    }

    @Test(
        "7,000,000 requests of 20 us a second take 234 cores at 60%; where the network is scarcer, machines follow it")
    func estimate() throws {
        let work = KernelWork(systemSeconds: 0, sleeps: 0, packets: 0, bytes: 1_000 * 3_000)
        let point = Self.point(1_000_000, .multiGet(100), microseconds: 20, kernel: work)
        let estimate = try #require(CapacityEstimate(point, storeKeys: 1_000_000, CapacityAssumptions()))
        #expect(abs(estimate.coresBusy - 140) < 1e-6)
        #expect(abs(estimate.cores - 140 / 0.6) < 1e-6)
        #expect(abs(estimate.machinesByCPU - 140 / 0.6 / 32) < 1e-6)
        // 3,000 bytes at 7,000,000 a second are 168 Gbit/s; 15 of a card's 25 may be used.
        #expect(abs(try #require(estimate.gigabits) - 168) < 1e-6)
        #expect(abs(try #require(estimate.machinesByNetwork) - 11.2) < 1e-6)
        #expect(estimate.machines == 12)
    }

    @Test("the estimate is of the most keys that were measured")
    func estimateOfLargest() {
        let curve = ScaleCurve(
            axis: .keys,
            points: [10_000, 100_000].flatMap { keys in
                [
                    Self.point(keys, .get, microseconds: Double(keys) / 1_000),
                    Self.point(keys, .multiGet(100), microseconds: Double(keys) / 100),
                ]
            })
        let estimates = CapacityEstimate.all([curve], CapacityAssumptions())
        #expect(estimates.map(\.request) == ["get", "multiGet of 100"])
        #expect(estimates.map(\.storeKeys) == [100_000, 100_000])
        #expect(estimates.map { Int($0.cpuMicroseconds.rounded()) } == [100, 1_000])
        #expect(CapacityEstimate.all([], CapacityAssumptions()).isEmpty)
    }

    @Test("caches are named by what fits them")
    func caches() {
        #expect(CacheSizes.bytes("1024K") == 1 << 20)
        #expect(CacheSizes.bytes("32M") == 32 << 20)
        #expect(CacheSizes.bytes("512") == 512)
        #expect(CacheSizes.bytes("many") == nil)
        let caches = CacheSizes(second: 1 << 20, third: 32 << 20)
        #expect(caches.place(of: 1 << 20).contains("second"))
        #expect(caches.place(of: 2 << 20).contains("third"))
        #expect(caches.place(of: 64 << 20).contains("2.00 times"))
        #expect(CacheSizes().place(of: 1) == "in memory")
    }

    @Test("the keys' slope is explained by where the store lies")
    func keysReason() {
        let curve = ScaleCurve(
            axis: .keys,
            points: [
                Self.point(10_000, .get, microseconds: 5, storeBytes: 1 << 20),
                Self.point(1_000_000, .get, microseconds: 5.2, storeBytes: 100 << 20),
            ])
        let lines = ScaleReason(
            curve: curve, caches: CacheSizes(second: 1 << 20, third: 32 << 20), entries: Self.entries
        ).lines
        #expect(lines.count == 2)
        #expect(lines.first?.contains("200.0 ns more") == true)
        // 104.9 MB of 33.6.
        #expect(lines.last?.contains("3.13 times the last cache") == true)
    }

    @Test("each curve of two points or more is a file, which says what is over what")
    func plots() throws {
        let points = [10, 100, 1_000].map { Self.point($0, .multiGet($0), microseconds: 6 + 0.15 * Double($0)) }
        let curves = [
            ScaleCurve(axis: .keysPerCall, points: points), ScaleCurve(axis: .keys, points: []),
            ScaleCurve(axis: .connections, points: [Self.point(10, .get, microseconds: 6)]),
        ]
        let files = ScalePlots.files(curves)
        #expect(files.map(\.name) == ["scale-keys-per-call.svg"])
        let plot = try #require(ScalePlots.plot(curves[0]))
        #expect(plot.curves.map(\.points.count) == [3])
        #expect(abs((plot.curves.first?.points.first?.y ?? 0) - 750) < 1e-6)
        #expect(files.first?.text.contains("keys per multiGet") == true)
    }

    @Test("loopback is read from the kernel's table of devices")
    func loopback() {
        let devices = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
                lo: 1234567     890    0    0    0     0          0         0  1234567     890
              eth0:      11      22    0    0    0     0          0         0        3       4
            """
        #expect(KernelWork.loopback(devices) == (1_234_567, 890))
        #expect(KernelWork.loopback("eth0: 1 2") == (0, 0))
    }

    @Test("what a limit prevents is left out by name, and nothing is started for it")
    func limits() throws {
        let connections = try Self.curve(.connections, values: [10_000], openFilesMax: 100)
        #expect(connections.points.isEmpty)
        #expect(connections.skipped.count == 1)
        #expect(connections.skipped.first?.contains("ulimit -n") == true)
        let keys = try Self.curve(.keys, values: [1_000_000_000_000])
        #expect(keys.points.isEmpty)
        #expect(keys.skipped.first?.contains("MiB") == true)
        let loops = try Self.curve(.eventLoops, values: [100_000])
        #expect(loops.points.isEmpty && loops.skipped.count == 1)
    }

    @Test("a curve has every point, right answers, and what the kernel did")
    func curve() async throws {
        try await onOwnThread {
            let curve = try Self.curve(.keysPerCall, values: [1, 10, 100])
            #expect(curve.points.map(\.value) == [1, 10, 100])
            #expect(curve.points.allSatisfy { $0.isClean && $0.rounds.count == 1 })
            #expect(curve.points.allSatisfy { ($0.packetsPerCall ?? 0) > 0 && ($0.storeBytes ?? 0) > 0 })
            #expect(curve.series.count == 1)
            let keys = try Self.curve(.keys, values: [1_000, 3_000])
            #expect(keys.series.map(\.count) == [2, 2])
            let least = try #require(keys.points.first?.storeBytes)
            let most = try #require(keys.points.last?.storeBytes)
            #expect(most > least)
        }
    }
}
