internal import ArgumentParser
internal import Foundation
internal import Testing

@testable internal import needletail_load

/// The case study with real processes and little of everything.
@Suite struct CaseStudyEndToEndTests {
    /// Runs the command with little of everything, on a thread of its own, which it pins to a core.
    private static func run(_ arguments: [String]) async throws -> CaseStudyReport {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            var command = try NeedletailLoad.parseAsRoot(
                [
                    "case-study", "--server-executable", EndToEndTests.needletail, "--owners", "10", "--periods", "4",
                    "--events", "20", "--rounds", "2", "--seconds", "0.3", "--connections", "4", "--json", json,
                ] + arguments)
            try command.run()
            return try JSONDecoder().decode(CaseStudyReport.self, from: Data(contentsOf: URL(filePath: json)))
        }
    }

    @Test(
        "all eight take part, every answer is right, and no reply is early",
        .enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func delayed() async throws {
        let report = try await Self.run(["--rate", "50", "--delay-median-millis", "5", "--delay-sigma", "0"])
        #expect(report.variants.map(\.variant) == CaseVariant.all)
        #expect(report.injectedDelay?.replies ?? 0 > 8 * 4)
        for variant in report.variants {
            let merged = try #require(variant.merged)
            #expect(variant.rounds.count == 2)
            #expect(merged.found == merged.requests)
            // Four replies of 5 ms, one after the other or at the same time.
            #expect(merged.latencyMicroseconds.p50 >= (variant.variant.reads == .sequential ? 20_000 : 5_000))
        }
    }

    @Test(
        "without the delay the rate is what the server can do",
        .enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func bare() async throws {
        let report = try await Self.run(["--no-delay", "--store-connections", "2"])
        #expect(report.injectedDelay == nil)
        #expect(report.verdicts.isEmpty)
        #expect(report.rate > 0)
        #expect(report.variants.allSatisfy { $0.merged?.found == $0.merged?.requests })
    }
}
