//! Some servers of the case study, each a process of its own. All are up from start to end; they are measured in turns,
//! round by round.

internal import Histogram

/// All rounds of one server.
struct CaseRounds: Sendable {
    private(set) var rounds: [Measurement] = []

    mutating func add(_ measurement: Measurement) { rounds.append(measurement) }

    /// The rounds that count as one: counts are added, histograms merged; nil where there are none.
    func merged(_ counted: CountedRounds) -> Measurement? {
        let measurements = rounds.indices.filter(counted.contains).map { rounds[$0] }
        guard var sum = measurements.first else { return nil }
        for measurement in measurements.dropFirst() { sum.add(measurement) }
        return sum
    }
}

/// Which rounds of several servers count. One in which the container's quota stopped us counts for none of them: what is
/// compared has stood side by side, at one rate.
struct CountedRounds: Sendable {
    /// Those that do not.
    let throttled: Set<Int>

    /// - Parameter counts: how often it stopped us, by server and round.
    init(throttled counts: [[Int]]) {
        throttled = Set(counts.flatMap { rounds in rounds.indices.filter { rounds[$0] > 0 } })
    }

    func contains(_ round: Int) -> Bool { !throttled.contains(round) }
}

struct CaseStudyContest: ~Copyable {
    private static let warmUpSeconds = 0.5
    private static let highestRateSecondsMax = 2.5

    /// A server to measure.
    struct Entry {
        let title: String
        let plan: ServerPlan
    }

    private struct Contender {
        let server: ServerProcess
        let session: LoadSession
    }

    private let setup: CaseStudySetup
    private let contenders: [Contender]

    /// Starts all servers, and has each answer for a while, every event compared.
    init(_ entries: [Entry], _ setup: CaseStudySetup) throws {
        self.setup = setup
        var contenders: [Contender] = []
        do {
            for entry in entries { contenders.append(try Self.start(entry, setup)) }
            for contender in contenders { try Self.warmUp(contender, setup) }
        } catch {
            Self.stop(contenders)
            throw error
        }
        self.contenders = contenders
    }

    deinit { Self.stop(contenders) }

    /// All rounds under an open loop.
    /// - Parameters:
    ///   - rate: calls per second; nil: in each round `CaseStudySetup.rateShare` of what the first server can serve then,
    ///     because a shared machine is not as fast in every round.
    ///   - results: one for each server; what was measured is there if this throws, too.
    ///   - rates: what was offered in each round that has a figure, calls per second.
    func run(rate: Double?, into results: inout [CaseRounds], _ rates: inout [Double]) throws {
        for round in 1...setup.rounds {
            let place = "round \(round) of \(setup.rounds)"
            let rate = try rate ?? highestRate(place) * CaseStudySetup.rateShare
            for (index, contender) in contenders.enumerated() {
                results[index].add(
                    try measure(contender, .open(rate: rate), seconds: setup.seconds(atRate: rate), place))
                if index == 0 { rates.append(rate) }
            }
        }
    }

    /// What the first server can serve, calls per second in a closed loop.
    private func highestRate(_ place: String) throws -> Double {
        guard let first = contenders.first else { preconditionFailure("there is a server") }
        return try measure(
            first, .closed(inFlight: 1), seconds: min(setup.seconds, Self.highestRateSecondsMax),
            "\(place), the highest rate"
        ).figures.rate
    }

    private func measure(
        _ contender: Contender, _ pace: Pace, seconds: Double, _ place: String
    ) throws -> Measurement {
        defer { Console.endProgress() }
        return try contender.session.measure(setup.shape, pace, seconds: seconds) {
            Console.second($0, "\(place), \(contender.session.title)", pace)
        }
    }

    private static func start(_ entry: Entry, _ setup: CaseStudySetup) throws -> Contender {
        Console.progress("starting \(entry.title)")
        let server = try ServerProcess(entry.plan, on: setup.cores.server)
        let session = try LoadSession(
            title: entry.title, historiesAt: server.address, connections: setup.connections, setup.owners,
            process: server.process, seed: setup.seed)
        return Contender(server: server, session: session)
    }

    private static func stop(_ contenders: [Contender]) {
        for contender in contenders { contender.server.askToStop() }
        for contender in contenders { contender.server.stop() }
    }

    private static func warmUp(_ contender: Contender, _ setup: CaseStudySetup) throws {
        Console.progress("checking answers of \(contender.session.title)")
        defer { Console.endProgress() }
        try contender.session.warmUp(setup.shape, inFlight: 1, seconds: warmUpSeconds)
    }
}
