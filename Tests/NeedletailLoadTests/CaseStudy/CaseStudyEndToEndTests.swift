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
            let page = directory.path("page.html")
            var command = try NeedletailLoad.parseAsRoot(
                [
                    "case-study", "--server-executable", EndToEndTests.needletail, "--owners", "10", "--periods", "4",
                    "--events", "20", "--rounds", "2", "--seconds", "0.3", "--connections", "4", "--json", json,
                    "--report", page, "--plots", directory.path("plots"),
                ] + arguments)
            try command.run()
            let report = try CaseStudyReport(file: json)
            #expect(contents(ofFile: page) == report.page.html)
            let plots = try FileManager.default.contentsOfDirectory(atPath: directory.path("plots"))
            #expect(Set(plots) == Set(report.plots.map { "\($0.name).svg" }))
            // The same page, without measuring again.
            let again = directory.path("again.html")
            var show = try NeedletailLoad.parseAsRoot(["case-study", "--from", json, "--report", again])
            try show.run()
            #expect(contents(ofFile: again) == report.page.html)
            return report
        }
    }

    @Test(
        "all twelve take part, every answer is right, and no reply is early",
        .enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func delayed() async throws {
        let report = try await Self.run(
            ["--part", "delayed", "--rate", "50", "--delay-median-millis", "5", "--delay-sigma", "0"])
        let part = try #require(report.variants.first)
        #expect(part.variants.map(\.variant) == CaseVariant.all)
        #expect(part.injectedDelay?.replies ?? 0 > 12 * 4)
        // Where the container's quota stopped us in both rounds, none of them counts.
        let counts = part.counted.throttled.count < 2
        #expect(report.verdicts.count == (counts ? 1 : 0))
        for variant in part.variants {
            #expect((variant.merged != nil) == counts)
            #expect(variant.rounds.count == 2)
            for round in variant.rounds {
                #expect(round.found == round.requests)
                // Four replies of 5 ms, one after the other or at the same time.
                #expect(round.latencyMicroseconds.p50 >= (variant.variant.reads == .sequential ? 20_000 : 5_000))
            }
        }
    }

    @Test(
        "without the delay the rate is what the server can do; width by width its figures are there",
        .enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func bareAndSweep() async throws {
        let report = try await Self.run(
            ["--part", "bare", "sweep", "--rate", "50", "--delay-median-millis", "1", "--store-connections", "2"])
        let part = try #require(report.variants.first)
        #expect(part.injectedDelay == nil)
        #expect(part.rate > 0 || part.counted.throttled.count == 2)
        #expect(part.variants.allSatisfy { $0.rounds.allSatisfy { $0.found == $0.requests } })
        let sweep = try #require(report.sweep)
        #expect(sweep.points.map(\.width) == CaseStudySetup.widths)
        #expect(
            sweep.points.allSatisfy { $0.rounds.count == 2 && $0.rounds.allSatisfy { $0.found == $0.requests } })
    }
}
