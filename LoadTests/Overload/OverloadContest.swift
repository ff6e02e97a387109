//! Closed loops at the highest rate, and open loops that offer a multiple of it, taking turns.

internal import Histogram

struct OverloadContest {
    private static let warmUpSeconds = 0.5

    let server: ServerProcess
    let session: LoadSession
    let shape: CallShape
    let multiple: Double
    let rounds: Int
    let seconds: Double

    /// - Parameter result: has every round that came to its end, also if this throws.
    func run(into result: inout OverloadResult) throws {
        guard let adminPort = server.adminPort else { throw ServerError("a server without an admin port") }
        try session.warmUp(shape, inFlight: 1, seconds: Self.warmUpSeconds)
        for round in 0..<rounds {
            let what = "round \(round + 1) of \(rounds)"
            let highest = try session.measure(shape, .closed(inFlight: 1), seconds: seconds) {
                Console.second($0, what, .closed(inFlight: 1))
            }
            let before = try ShedCounts.read(adminPort: adminPort)
            let pings = PingProbe(server.address)
            let pace = Pace.open(rate: highest.figures.rate * multiple)
            let outcome = Result {
                try session.measure(shape, pace, seconds: seconds) { Console.second($0, what, pace) }
            }
            Console.endProgress()
            let latency = try pings.stop()
            result.add(
                OverloadRound(
                    highest: highest, overload: try outcome.get(), pings: latency,
                    shed: try ShedCounts.read(adminPort: adminPort).since(before)))
        }
    }
}

/// What the server says that it did not execute.
struct ShedCounts: Codable, Hashable, Sendable {
    var sojourn = 0.0
    var concurrency = 0.0
    /// Their time was over when they had their turn.
    var expired = 0.0

    static func read(adminPort: Int) throws -> ShedCounts {
        func value(_ name: String) throws -> Double {
            try ServerMetrics.value("needletail_" + name, adminPort: adminPort) ?? 0
        }
        return ShedCounts(
            sojourn: try value("requests_shed_total{reason=\"sojourn\"}"),
            concurrency: try value("requests_shed_total{reason=\"concurrency\"}"),
            expired: try value("deadline_exceeded_total{stage=\"admission\"}"))
    }

    func since(_ earlier: ShedCounts) -> ShedCounts {
        ShedCounts(
            sojourn: sojourn - earlier.sojourn, concurrency: concurrency - earlier.concurrency,
            expired: expired - earlier.expired)
    }
}
