//! The eight variants, each a server process of its own over the store of its codec. All are up from start to end; they
//! are measured in turns, round by round.

internal import Histogram

struct CaseStudyContest {
    /// Without a rate, so much is offered of the highest rate of the variant without optimisation.
    static let rateShare = 0.8
    private static let warmUpSeconds = 0.5

    let shape: CallShape
    let owners: KeySpace
    /// Calls per second; nil: as the first variant can serve.
    let rate: Double?
    let rounds: Int
    let seconds: Double
    let connections: Int
    /// Connections of a server to its Redis.
    let storeConnections: Int
    let executable: String?
    let seed: UInt64
    let cores: CorePlan

    private struct Contender {
        let server: ServerProcess
        let session: LoadSession
    }

    /// - Returns: the rounds of each variant, and the rate that was offered.
    func run(_ stores: [CaseStore]) throws -> CaseStudyResult {
        var contenders: [Contender] = []
        defer { for contender in contenders { contender.server.stop() } }
        for variant in CaseVariant.all {
            guard let store = stores.first(where: { $0.codec == variant.codec }) else {
                preconditionFailure("a store for each codec")
            }
            contenders.append(try start(variant, store))
        }
        for contender in contenders { try warmUp(contender) }
        let rate = try rate ?? highestRate(contenders) * Self.rateShare
        var result = CaseStudyResult(CaseVariant.all, rate: rate)
        for round in 0..<rounds {
            for (index, contender) in contenders.enumerated() {
                let what = "round \(round + 1) of \(rounds), \(CaseVariant.all[index].title)"
                let pace = Pace.open(rate: rate)
                let measurement = try contender.session.measure(shape, pace, seconds: seconds) {
                    Console.second($0, what, pace)
                }
                Console.endProgress()
                result.variants[index].add(measurement)
            }
        }
        return result
    }

    private func start(_ variant: CaseVariant, _ store: CaseStore) throws -> Contender {
        Console.progress("starting \(variant.title)")
        var plan = ServerPlan(.needletail, executable: executable)
        plan.store = store.address
        plan.flags = variant.flags + ["--engine-connections-per-node", "\(storeConnections)"]
        let server = try ServerProcess(plan, on: cores.server)
        let session = try LoadSession(
            title: variant.title, historiesAt: server.address, connections: connections, owners,
            process: server.process, seed: seed)
        return Contender(server: server, session: session)
    }

    private func warmUp(_ contender: Contender) throws {
        Console.progress("checking answers of \(contender.session.title)")
        defer { Console.endProgress() }
        try contender.session.warmUp(shape, inFlight: 1, seconds: Self.warmUpSeconds)
    }

    /// That of the variant without optimisation, in a closed loop.
    private func highestRate(_ contenders: [Contender]) throws -> Double {
        guard let index = CaseVariant.all.firstIndex(of: .none) else { preconditionFailure("it is one of the eight") }
        let pace = Pace.closed(inFlight: 1)
        let what = "the highest rate of \(CaseVariant.none.title)"
        defer { Console.endProgress() }
        return try contenders[index].session.measure(shape, pace, seconds: seconds) {
            Console.second($0, what, pace)
        }.figures.rate
    }
}
