internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import Testing

@testable internal import needletail_load

/// Soaks of seconds, against real servers. Memory and latency mean nothing in so short a time and are not looked at.
@Suite(.serialized) struct SoakEndToEndTests {
    private static let cores = CorePlan()

    private static func plan(seconds: Double, kills: Bool) -> SoakPlan {
        SoakPlan(
            seconds: seconds, rate: 250, entries: 2_000, connections: 4, slowReaders: 1, kills: kills,
            durability: .logged, seed: 1)
    }

    private static func soak(_ plan: SoakPlan) throws -> SoakResult {
        try SoakContest(plan, executable: EndToEndTests.needletail, disk: nil, on: cores, onInterval: { _ in }).run()
    }

    private static func expectClean(_ result: SoakResult) {
        #expect(result.failure == nil)
        #expect(result.figures.wrong == 0, "\(result.figures.firstFaults)")
        #expect(result.figures.errorCount == 0, "\(result.figures.errors)")
        #expect(!result.isInterrupted)
        for operation in SoakOperation.allCases { #expect((result.figures.tallies[operation]?.hits ?? 0) > 0) }
    }

    @Test("calls of all kinds, cut connections and a server that stands still: no answer is wrong")
    func soak() async throws {
        let result = try await onOwnThread { try Self.soak(Self.plan(seconds: 5, kills: false)) }
        Self.expectClean(result)
        #expect(result.figures.freezes > 0)
        #expect(result.figures.endings.count > 1)
        #expect(result.figures.slowAnswers > 0)
        #expect(result.intervals.count >= 9)
        #expect(result.intervals.allSatisfy { $0.residentBytes > 0 })
    }

    @Test("what was acknowledged is there after kills")
    func kills() async throws {
        let result = try await onOwnThread { try Self.soak(Self.plan(seconds: 6, kills: true)) }
        Self.expectClean(result)
        #expect(result.figures.kills > 0)
        #expect(result.figures.readAfterKills == result.figures.kills * 2_000)
        #expect(result.verdicts.allSatisfy { !$0.figure.contains("memory") })
    }

    @Test("a value that somebody else put, and one that somebody else removed, are found")
    func plantedFaults() async throws {
        let faults = try await onOwnThread {
            let plan = Self.plan(seconds: 1, kills: true)
            let server = try ServerProcess(plan.serverPlan(executable: EndToEndTests.needletail, disk: nil), on: nil)
            defer { server.stop() }
            guard case .tcp(_, let port) = server.address else { preconditionFailure("it listens on TCP") }
            let clients = try SoakClients(plan, at: server.address, watching: .current())
            try clients.storeAll()
            try clients.readAll()
            #expect(clients.figures.wrong == 0)
            let key = { (entry: UInt32) in String(buffer: clients.model.content.key(entry)) }
            for call in [["put", key(7), "planted"], ["remove", key(900)]] {
                let output = ChildProcess.output(
                    of: EndToEndTests.needletail, [call[0], "--port", "\(port)"] + call.dropFirst())
                #expect(output != nil)
            }
            try clients.readAll()
            return clients.figures.faults
        }
        #expect(faults == [.foreign: 1, .lost: 1])
    }

    @Test("interrupted, it says what there is, and leaves nothing behind")
    func interruption() async throws {
        let (output, left) = try await onOwnThread {
            let directory = try TemporaryDirectory()
            let output = directory.path("output")
            try directory.makeFolder("disk")
            let command = URL(filePath: EndToEndTests.needletail).deletingLastPathComponent()
                .appending(path: "needletail-load").path
            let child = try ChildProcess(
                command,
                [
                    "soak", "--minutes", "0.5", "--rate", "100", "--entries", "500", "--connections", "3",
                    "--server-executable", EndToEndTests.needletail, "--disk", directory.path("disk"),
                ], on: nil, output: output)
            defer { child.stop() }
            // A line of progress comes every three seconds.
            for _ in 0..<6_000 where child.isRunning && contents(ofFile: output)?.contains("after") != true {
                ThreadTime.sleep(milliseconds: 10)
            }
            child.send(SIGINT)
            for _ in 0..<3_000 where child.isRunning { ThreadTime.sleep(milliseconds: 10) }
            #expect(!child.isRunning)
            return (
                contents(ofFile: output) ?? "",
                try FileManager.default.contentsOfDirectory(atPath: directory.path("disk"))
            )
        }
        #expect(output.contains("Verdict so far, interrupted"))
        #expect(output.contains("The number of wrong answers is 0"))
        #expect(left.isEmpty)
    }

    @Test("the command runs, and writes what it found")
    func command() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            var soak = try NeedletailLoad.parseAsRoot([
                "soak", "--minutes", "0.04", "--rate", "200", "--entries", "500", "--connections", "3", "--json", json,
                "--server-executable", EndToEndTests.needletail,
            ])
            // So short a run may miss a limit; it has come to its end all the same.
            do { try soak.run() } catch { #expect(error as? ExitCode == ExitCode(ExitStatus.wrong.rawValue)) }
            let report = try JSONDecoder().decode(SoakReport.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(report.wrong.isEmpty)
            #expect(report.configuration.serverFlags.contains("--memory-eviction"))
            #expect(report.head.versions["Needletail"] != nil)
            #expect(!report.isInterrupted)
        }
    }
}
