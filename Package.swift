// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every Swift target; each flag with its reason.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // `any` is written out, so that an existential on a hot path is seen in review.
    .enableUpcomingFeature("ExistentialAny"),
    // A member is visible only where its module is imported: rooms cannot lean on a neighbour's imports.
    .enableUpcomingFeature("MemberImportVisibility"),
    // An import is private to its file unless it says otherwise: what leaks into our API is deliberate.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // An async function runs where its caller runs: no hidden hop off an event loop.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Our readers borrow the bytes that they read (`~Escapable`); SwiftNIO and the standard library use the same flag.
    .enableExperimentalFeature("Lifetimes"),
    // Every unsafe operation is marked where it stands.
    .strictMemorySafety(),
]

/// In CI a warning is an error (`NEEDLETAIL_WARNINGS_AS_ERRORS=1`); a user's build never fails for a newer compiler's warning.
let strict: [SwiftSetting] =
    Context.environment["NEEDLETAIL_WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// With `NEEDLETAIL_WITHOUT_METRICS=1` nothing is counted (`CounterBlock.add`), so that what counting costs can be measured.
let withoutMetrics: [SwiftSetting] =
    Context.environment["NEEDLETAIL_WITHOUT_METRICS"] == "1" ? [.define("NEEDLETAIL_WITHOUT_METRICS")] : []

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

/// What a connection is made of, for the oracles that any input must satisfy.
let fuzzed: [Target.Dependency] = [
    "MemoryEngine", "NeedletailRPC", "NeedletailTelemetry", "NeedletailWire", "StorageAPI", "StorageEngine",
    "StorageServer", "Timing", nioCore, nioEmbedded, logging,
]

let package = Package(
    name: "needletail",
    products: [
        .executable(name: "needletail", targets: ["needletail"]),
        .executable(name: "needletail-load", targets: ["needletail-load"]),
        .executable(name: "thrift-gen-swift", targets: ["thrift-gen-swift"]),
        .executable(name: "thrift-gen-markdown", targets: ["thrift-gen-markdown"]),
        .plugin(name: "ThriftGenPlugin", targets: ["ThriftGenPlugin"]),
        .library(name: "StorageAPI", targets: ["StorageAPI"]),
        // For services of others: what generated code needs, and what plugins of the compiler read.
        .library(name: "NeedletailRPC", targets: ["NeedletailRPC", "NeedletailWire", "Timing"]),
        .library(name: "NeedletailTLS", targets: ["NeedletailTLS"]),
        .library(name: "NeedletailWire", targets: ["NeedletailWire"]),
        .library(name: "ThriftIDL", targets: ["ThriftIDL"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
    ],
    targets: [
        // Floor 0: what the compiler and the machine give.
        .target(name: "CIntrinsics"),
        .target(name: "CStackSampler"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Timing"),
        .target(name: "NeedletailThreads", dependencies: ["CIntrinsics", "Timing"]),

        // Floor 1: bytes, the engine's contract, counters.
        .target(name: "NeedletailWire", dependencies: ["CZlib", nioCore]),
        .target(name: "StorageEngine", dependencies: ["NeedletailWire", "Timing", nioCore]),
        .target(
            name: "NeedletailTelemetry",
            dependencies: ["CIntrinsics", "NeedletailThreads", "Timing", metrics, systemPackage],
            swiftSettings: withoutMetrics),
        .target(name: "NeedletailProfiler", dependencies: ["CStackSampler", "Timing", systemPackage]),
        // Spans, and their way to a collector: who posts them is told how.
        .target(name: "NeedletailTracing", dependencies: [nioCore, tracing]),
        .target(name: "ThriftIDL"),
        .target(
            name: "WriteAheadLog", dependencies: ["CIntrinsics", "NeedletailTelemetry", "NeedletailThreads", "Timing"]),

        // Floor 2: the store, the connection.
        .target(
            name: "MemoryEngine",
            dependencies: [
                "CIntrinsics", "NeedletailThreads", "Timing", "NeedletailWire", "StorageEngine", "WriteAheadLog",
                nioCore,
            ]),
        .target(
            name: "RedisEngine",
            dependencies: ["NeedletailWire", "StorageEngine", "Timing", nioCore, nioPosix, nioTLS]),
        .target(
            name: "NeedletailRPC",
            dependencies: [
                "CIntrinsics", "Timing", "NeedletailThreads", "NeedletailWire", "NeedletailTelemetry",
                nioCore, nioPosix, nioTLS, logging, metrics, tracing,
            ]),
        // Connections know TLS as a door: this is what stands behind it, and the only room with a TLS library.
        .target(name: "NeedletailTLS", dependencies: ["NeedletailRPC", "Timing", nioCore, nioSSL, systemPackage]),

        // Floor 3 and up: the API, the service, the command.
        .target(
            name: "StorageAPI", dependencies: ["NeedletailWire", "NeedletailRPC", nioCore],
            exclude: ["storage.thrift", "history.thrift"]),
        .target(
            name: "HistoryService",
            dependencies: [
                "CZlib", "NeedletailRPC", "NeedletailWire", "StorageAPI", "StorageEngine", "Timing", nioCore,
            ]),
        .target(
            name: "StorageServer",
            dependencies: [
                "CIntrinsics", "Timing", "NeedletailThreads", "NeedletailWire", "StorageEngine", "NeedletailTelemetry",
                "HistoryService", "MemoryEngine", "NeedletailProfiler", "NeedletailRPC", "NeedletailTracing",
                "RedisEngine", "StorageAPI",
                "WriteAheadLog",
                nioCore, nioPosix,
                logging, lifecycle, systemPackage, tracing,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Admin/page.html")]),
        .executableTarget(
            name: "needletail",
            dependencies: [
                "NeedletailWire", "NeedletailRPC", "NeedletailTelemetry", "NeedletailTLS", "NeedletailTracing",
                "RedisEngine", "StorageAPI", "StorageServer", "Timing", "WriteAheadLog", nioCore, nioHTTP1, nioPosix,
                logging, lifecycle, argumentParser,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),

        // The IDL compiler, and a plugin of it that writes Markdown.
        .executableTarget(name: "thrift-gen-swift", dependencies: ["ThriftIDL", argumentParser]),
        .executableTarget(name: "thrift-gen-markdown", dependencies: ["ThriftIDL"]),
        .plugin(
            name: "ThriftGenPlugin", capability: .buildTool(), dependencies: ["thrift-gen-swift"],
            path: "Sources/ThriftGenPlugin"),

        // The load harness. Depends on the command, so that one build gives both.
        .executableTarget(
            name: "needletail-load",
            dependencies: [
                "needletail", "needletail-micro", "CIntrinsics", "InstructionCounts", "MicroBenchmarks", "Timing",
                "NeedletailWire", "NeedletailRPC", "StorageAPI", nioCore, argumentParser, systemPackage, histogram,
                .product(name: "Yams", package: "Yams"),
                // The case study's server with a naive decoder.
                "HistoryService", "NeedletailTelemetry", "StorageServer", lifecycle, logging,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "LoadTests",
            // The codec benchmark compiles these when it runs, the check of ourselves runs a client in Python, scenarios are read
            // when they are run; the client benchmark is a package of its own.
            exclude: [
                "ClientCost", "Codecs/codecs.thrift", "Codecs/peer", "Micro/Benchmarks", "Micro/Instructions",
                "Micro/Program", "Micro/instructions.json", "Scenarios",
                "SelfCheck/latency_client.py",
            ]),
        // Small pieces of the rooms' work: timed by the load harness, and by themselves where instructions are counted.
        .target(
            name: "MicroBenchmarks",
            dependencies: [
                "CIntrinsics", "MemoryEngine", "NeedletailTelemetry", "NeedletailWire", "StorageAPI", "StorageEngine",
                "Timing", "WriteAheadLog", nioCore,
            ],
            path: "LoadTests/Micro/Benchmarks"),
        .executableTarget(
            name: "needletail-micro", dependencies: ["MicroBenchmarks"], path: "LoadTests/Micro/Program"),
        .target(
            name: "InstructionCounts", dependencies: ["MicroBenchmarks"], path: "LoadTests/Micro/Instructions"),

        // Tests mirror the rooms.
        .testTarget(name: "TimingTests", dependencies: ["Timing"]),
        .testTarget(name: "NeedletailTelemetryTests", dependencies: ["NeedletailTelemetry", "Timing", metrics]),
        .testTarget(
            name: "NeedletailProfilerTests", dependencies: ["NeedletailProfiler", "NeedletailThreads", "Timing"]),
        .testTarget(name: "NeedletailTracingTests", dependencies: ["NeedletailTracing", nioCore, tracing]),
        // Generated Swift is compiled against what the libraries were built to.
        .testTarget(
            name: "ThriftIDLTests", dependencies: ["NeedletailRPC", "NeedletailWire", "ThriftIDL", nioCore],
            exclude: ["Corpus"]),
        .testTarget(name: "NeedletailWireTests", dependencies: ["NeedletailWire", nioCore], exclude: ["Corpus"]),
        // The file system's twin in memory, which forgets and fails as disks do.
        .target(
            name: "LogSimulation", dependencies: ["NeedletailThreads", "Timing", "WriteAheadLog"],
            path: "Tests/LogSimulation"),
        .testTarget(
            name: "WriteAheadLogTests",
            dependencies: [
                "CIntrinsics", "LogSimulation", "NeedletailTelemetry", "NeedletailThreads", "Timing", "WriteAheadLog",
            ]),
        .testTarget(
            name: "MemoryEngineTests",
            dependencies: [
                "CIntrinsics", "LogSimulation", "MemoryEngine", "NeedletailWire", "StorageEngine", "Timing",
                "WriteAheadLog", nioCore, nioEmbedded,
            ]),
        // An engine whose operations wait until a test lets them go on.
        .target(
            name: "HeldEngines",
            dependencies: ["MemoryEngine", "NeedletailWire", "StorageEngine", "Timing", nioCore],
            path: "Tests/HeldEngines"),
        // Redis servers and clusters as processes of their own, for whoever needs real ones.
        .target(name: "RedisProcesses", path: "Tests/RedisProcesses"),
        .testTarget(
            name: "RedisEngineTests",
            dependencies: [
                "NeedletailWire", "RedisEngine", "RedisProcesses", "StorageEngine", "Timing", nioCore, nioEmbedded,
                nioPosix,
            ]),
        .testTarget(
            name: "NeedletailRPCTests",
            dependencies: [
                "NeedletailRPC", "NeedletailTelemetry", "NeedletailWire", "Timing", nioCore, nioPosix, nioTLS,
                nioEmbedded, logging, metrics, .product(name: "MetricsTestKit", package: "swift-metrics"),
            ]),
        .testTarget(
            name: "NeedletailTLSTests",
            dependencies: [
                "MemoryEngine", "NeedletailRPC", "NeedletailTLS", "NeedletailTelemetry", "NeedletailWire", "StorageAPI",
                "StorageEngine", "StorageServer", "Timing", nioCore, nioPosix, nioSSL,
                logging,
            ]),
        // In release builds it stands in for the allocator of the test executable, and counts.
        .target(
            name: "CAllocationCounter", path: "Tests/CAllocationCounter",
            cSettings: [.define("NT_COUNT_ALLOCATIONS", .when(configuration: .release))]),
        .testTarget(
            name: "AllocationTests",
            dependencies: [
                "CAllocationCounter", "HistoryService", "MemoryEngine", "NeedletailRPC", "NeedletailTelemetry",
                "NeedletailWire",
                "StorageAPI", "StorageEngine", "StorageServer", "Timing", "WriteAheadLog", nioCore, nioPosix, logging,
            ]),
        .testTarget(
            name: "MicroBenchmarkTests", dependencies: ["InstructionCounts", "MicroBenchmarks", "needletail-micro"]),
        // The process from outside, by its own command, by peers, and by our client.
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "needletail", "NeedletailRPC", "NeedletailWire", "RedisProcesses", "StorageAPI", nioCore, nioPosix,
            ]),
        // The compiler and its plugins from outside, and what they make of our own API.
        .testTarget(
            name: "ThriftGenTests", dependencies: ["ThriftIDL", "thrift-gen-swift", "thrift-gen-markdown"]),
        // Peers of the cross-test: ours, and the tests that have it talk to those of Apache's compiler.
        .executableTarget(
            name: "crosstest-peer",
            dependencies: [
                "NeedletailRPC", "NeedletailWire", "Timing", nioCore, nioPosix, logging, argumentParser,
            ],
            path: "Tests/CrossTests", exclude: ["README.md", "Suite", "peers", "run.py"],
            plugins: ["ThriftGenPlugin"]),
        .testTarget(
            name: "CrossTests", dependencies: ["NeedletailWire", "ThriftIDL", "crosstest-peer", nioCore],
            path: "Tests/CrossTests/Suite"),
        .testTarget(
            name: "NeedletailLoadTests",
            dependencies: [
                "needletail-load", "HistoryService", "InstructionCounts", "NeedletailWire", "StorageAPI",
                "StorageServer", nioCore, argumentParser, histogram,
            ]),
        .testTarget(
            name: "StorageServerTests",
            dependencies: [
                "HeldEngines", "HistoryService", "LogSimulation", "MemoryEngine", "NeedletailRPC",
                "NeedletailTelemetry", "NeedletailThreads", "NeedletailTracing", "NeedletailWire", "RedisEngine",
                "RedisProcesses", "StorageAPI", "StorageEngine", "StorageServer", "Timing", "WriteAheadLog", nioCore,
                nioPosix,
                nioEmbedded, logging, lifecycle,
            ]),
        .testTarget(
            name: "HistoryServiceTests",
            dependencies: [
                "HeldEngines", "HistoryService", "MemoryEngine", "NeedletailRPC", "NeedletailWire", "StorageAPI",
                "StorageEngine", "Timing", nioCore, nioEmbedded,
            ]),
        .testTarget(
            name: "StorageEngineTests",
            dependencies: [
                "LogSimulation", "MemoryEngine", "NeedletailWire", "StorageEngine", "Timing", "WriteAheadLog", nioCore,
                nioEmbedded,
            ]),
        .testTarget(
            name: "StorageAPITests",
            dependencies: [
                "MemoryEngine", "NeedletailRPC", "NeedletailTelemetry", "NeedletailWire", "StorageAPI",
                "StorageEngine", "StorageServer", "Timing", nioCore, nioPosix, logging,
            ]),
        .testTarget(
            name: "FuzzTests", dependencies: fuzzed,
            exclude: ["Fuzzer.swift", "Corpus", "Regressions"]),
    ]
)

/// With `NEEDLETAIL_FUZZ=1` the oracles of `FuzzTests` are linked to libFuzzer, which brings its own `main`, instead of to
/// the tests: nobody else's build sees it.
if Context.environment["NEEDLETAIL_FUZZ"] == "1" {
    package.targets.removeAll { $0.name == "FuzzTests" }
    package.targets.append(
        .executableTarget(
            name: "needletail-fuzz", dependencies: fuzzed, path: "Tests/FuzzTests",
            exclude: ["Inputs", "Corpus", "Regressions"]))
}

for target in package.targets
where !["CIntrinsics", "CStackSampler", "CZlib", "CAllocationCounter", "ThriftGenPlugin"].contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + settings + strict
}

// With `NEEDLETAIL_TESTS`, names and spaces between them, only these tests are built, and what they need. `.ci/run` builds
// the package three times more, for sanitizers and for the allocation counter, each with flags of its own for everything.
if let tests = Context.environment["NEEDLETAIL_TESTS"] {
    var needed: Set<String> = []
    var waiting = tests.split(separator: " ").map(String.init)
    for name in waiting where !package.targets.contains(where: { $0.name == name }) {
        fatalError("NEEDLETAIL_TESTS names '\(name)', which is no target")
    }
    while let name = waiting.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let dependency, _) in target.dependencies { waiting.append(dependency) }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll()
}
