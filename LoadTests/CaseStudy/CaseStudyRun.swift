//! One run: the stores are filled, then each part starts its servers, measures them and ends them. What was measured is
//! kept when a run ends early, because somebody asked for that.

internal import Histogram

struct CaseStudyRun {
    private let setup: CaseStudySetup
    private(set) var variants: [VariantsRecord] = []
    private(set) var sweep: SweepRecord?
    /// Of Redis.
    private(set) var storeVersion = ""
    /// The median blob of the larger of the codecs, bytes.
    private(set) var blobSize = 0

    init(_ setup: CaseStudySetup) { self.setup = setup }

    /// Runs the parts. Everything that it starts has ended when it returns or throws.
    mutating func run(_ parts: [CaseStudyPart]) throws {
        var stores: [CaseStore] = []
        defer { for store in stores { store.stop() } }
        for codec in BlobCodec.allCases {
            let store = try CaseStore(codec, setup)
            stores.append(store)
            storeVersion = store.version
            blobSize = max(blobSize, store.blobSize)
            Console.line(
                "Redis with \(grouped(setup.keyCount)) \(codec.rawValue) blobs of \(grouped(store.blobSize)) bytes")
        }
        for part in CaseStudyPart.allCases where parts.contains(part) {
            switch part {
            case .delayed: try runVariants(stores, isDelayed: true)
            case .bare: try runVariants(stores, isDelayed: false)
            case .sweep: try runSweep(stores)
            }
        }
    }

    private mutating func runVariants(_ stores: [CaseStore], isDelayed: Bool) throws {
        Console.line(
            """
            \(CaseVariant.all.count) servers in turns\(setup.cores.serverDescription), \(setup.rounds) rounds\
            \(isDelayed ? "; Redis and the delay run on any core" : ", without the delay")
            """)
        var results = CaseVariant.all.map { _ in CaseRounds() }
        var rates: [Double] = []
        var delay: DelayRecord?
        // Also when it ends early.
        defer {
            let counted = CountedRounds(throttled: results.map { $0.rounds.map(\.throttled) })
            let records = zip(CaseVariant.all, results).map { VariantRecord($0, $1, counted) }
            if records.contains(where: { !$0.rounds.isEmpty }) {
                variants.append(VariantsRecord(rates: rates, injectedDelay: delay, variants: records))
            }
        }
        try measure(stores, isDelayed: isDelayed, &delay) {
            let contest = try CaseStudyContest(
                CaseVariant.all.map { .init(title: $0.title, plan: setup.plan($0, over: Self.store(of: $0, stores))) },
                setup)
            try contest.run(rate: isDelayed ? setup.delayedRate : setup.bareRate, into: &results, &rates)
        }
    }

    private mutating func runSweep(_ stores: [CaseStore]) throws {
        let variant = CaseVariant.full
        Console.line("\(CaseStudySetup.widths.count) servers in turns, \(variant.decoder.rawValue), with growing width")
        var results = CaseStudySetup.widths.map { _ in CaseRounds() }
        var rates: [Double] = []
        var delay: DelayRecord?
        defer {
            let counted = CountedRounds(throttled: results.map { $0.rounds.map(\.throttled) })
            let points = zip(CaseStudySetup.widths, results).map { SweepRecord.Point($0, $1, counted) }
            if points.contains(where: { !$0.rounds.isEmpty }) {
                sweep = SweepRecord(
                    variant: variant, rate: setup.delayedRate, injectedDelay: delay, points: points)
            }
        }
        try measure(stores, isDelayed: true, &delay) {
            let contest = try CaseStudyContest(
                CaseStudySetup.widths.map {
                    .init(
                        title: "width \($0)",
                        plan: setup.plan(variant, over: Self.store(of: variant, stores), width: $0))
                }, setup)
            try contest.run(rate: setup.delayedRate, into: &results, &rates)
        }
    }

    /// Runs `body` with the delay in front of the stores, or without it.
    /// - Parameter record: what became of the replies, also if `body` throws.
    private func measure(
        _ stores: [CaseStore], isDelayed: Bool, _ record: inout DelayRecord?, _ body: () throws -> Void
    ) throws {
        guard isDelayed else { return try body() }
        for store in stores { try store.startDelay(setup) }
        let ended = Result { try body() }
        let figures = try stores.compactMap { try $0.stopDelay() }.reduce(into: DelayFigures()) { $0.add($1) }
        record = DelayRecord(setup.delay, figures)
        try ended.get()
    }

    private static func store(of variant: CaseVariant, _ stores: [CaseStore]) -> CaseStore {
        guard let store = stores.first(where: { $0.codec == variant.decoder.codec }) else {
            preconditionFailure("a store for each codec")
        }
        return store
    }
}
