//! A server under load: its address, its process, and connections to it that stay open from run to run.
//!
//! This is where the protocol is chosen: a session holds a closure over a generator of that protocol. A closure, because
//! the compiler makes a version of it for each driver; methods of a generic class would stay generic, and each answer
//! would be scanned through a witness table.

internal import Histogram
internal import Timing

/// A generator that stays where it is between runs.
private final class GeneratorBox<Driver: LoadDriver> {
    var generator: Generator<Driver>

    init(_ generator: consuming Generator<Driver>) { self.generator = generator }
}

private typealias Runner = (RunPlan, ((SecondFigures) -> Void)?) throws -> RunFigures

/// Connects.
/// - Returns: what does a run, and the server's process, where the connection tells.
private func makeRunner<Driver: LoadDriver>(
    _ driver: Driver.Type, _ address: Address, connections: Int, apart: Int, _ keys: KeySpace
) throws -> (run: Runner, peerProcess: Int32?) {
    let box = GeneratorBox(try Generator<Driver>(address, connections: connections, apart: apart, keys))
    return ({ plan, onSecond in try box.generator.run(plan, onSecond: onSecond) }, box.generator.peerProcess)
}

/// A run's figures, with what was seen of the machine and the server meanwhile.
struct Measurement: Sendable {
    var figures: RunFigures
    /// User and system time of the server's process; nil where the process is not known.
    var serverCPUSeconds: Double?
    /// What the kernel did for the server meanwhile; nil where the process is not known.
    var kernelWork: KernelWork?
    /// How often the container's quota stopped us during the run; such a run does not count.
    var throttled: Int
    /// What the host took meanwhile, of the server's core or of ours, whichever is more.
    var stolenSeconds = 0.0

    /// Of a core's time.
    var stolenShare: Double { figures.seconds > 0 ? stolenSeconds / figures.seconds : 0 }
    /// Whether the host took so little that a P99 is about the server.
    var isCalm: Bool { stolenShare <= StolenTime.shareMax }
    /// In nanoseconds; nil where it is the host's.
    var calmP99: Double? { isCalm ? percentile(99) : nil }

    var serverMicrosecondsPerCall: Double? {
        serverCPUSeconds.flatMap { figures.calls > 0 ? $0 * 1e6 / Double(figures.calls) : nil }
    }

    /// Nanoseconds that the foremost calls took.
    func percentile(_ percentile: Double) -> Double { Double(figures.foremost.valueAtPercentile(percentile)) }

    /// The same; nil where there are too few samples for it to mean something.
    func countablePercentile(_ percentile: Double) -> Double? {
        figures.foremost.totalCount >= LatencyHistogram.samplesMin(forPercentile: percentile)
            ? self.percentile(percentile) : nil
    }

    var generatorMicrosecondsPerCall: Double {
        figures.calls > 0 ? figures.generatorCPUSeconds * 1e6 / Double(figures.calls) : 0
    }

    /// The share of its core that the generator took. An open loop waits by spinning, so there it says nothing.
    var generatorShare: Double { figures.seconds > 0 ? figures.generatorCPUSeconds / figures.seconds : 0 }

    /// Both measurements as one.
    mutating func add(_ other: Measurement) {
        figures.add(other.figures)
        serverCPUSeconds = serverCPUSeconds.flatMap { mine in other.serverCPUSeconds.map { mine + $0 } }
        kernelWork = kernelWork.flatMap { mine in other.kernelWork.map { mine + $0 } }
        throttled += other.throttled
        stolenSeconds += other.stolenSeconds
    }
}

final class LoadSession {
    /// As lines and tables name the server.
    let title: String
    /// The calls that store the entries; nil where a session does not.
    private let loadShape: CallShape?
    /// The server's process, if it is known.
    let process: Int32?
    private let keys: KeySpace
    /// Values that it asks for besides, on connections of their own.
    private let large: LargeValues?
    private let run: Runner
    private var runs: UInt64 = 0
    private let seed: UInt64

    /// - Parameter large: opens the connections for them too.
    init(
        title: String, _ address: Address, _ loadProtocol: LoadProtocol, connections: Int, _ keys: KeySpace,
        large: LargeValues? = nil, process: Int32?, seed: UInt64
    ) throws {
        self.title = title
        loadShape = loadProtocol.loadShape(keys)
        self.keys = keys
        self.large = large
        self.seed = seed
        let apart = large == nil ? 0 : LargeValues.connections
        func runner<Driver: LoadDriver>(_ driver: Driver.Type) throws -> (run: Runner, peerProcess: Int32?) {
            try makeRunner(driver, address, connections: connections, apart: apart, keys)
        }
        let peerProcess: Int32?
        (run, peerProcess) =
            switch loadProtocol {
            case .messagePack: try runner(MessagePackDriver.self)
            case .thrift: try runner(ThriftBinaryDriver<Unframed>.self)
            case .thriftFramed: try runner(ThriftBinaryDriver<Framed>.self)
            case .thriftCompact: try runner(ThriftCompactDriver.self)
            case .redis: try runner(RESPDriver.self)
            case .memcached: try runner(MemcachedDriver.self)
            }
        self.process = process ?? peerProcess
    }

    /// A session of getDataByRange, whose owners are the keys. Something else stores what they did.
    init(
        title: String, historiesAt address: Address, connections: Int, _ owners: KeySpace, process: Int32?, seed: UInt64
    ) throws {
        self.title = title
        loadShape = nil
        keys = owners
        large = nil
        self.seed = seed
        (run, _) = try makeRunner(HistoryDriver.self, address, connections: connections, apart: 0, owners)
        self.process = process
    }

    /// Stores every entry once.
    /// - Parameter shape: the calls that do; nil: those that the protocol loads fastest with.
    func load(_ shape: CallShape? = nil) throws -> RunFigures {
        guard let shape = shape ?? loadShape else { preconditionFailure("this session stores nothing") }
        let figures = try passAll(shape, keys, inFlight: LoadProtocol.loadInFlight(shape, keys), "loading")
        if let entries = large?.entries {
            _ = try passAll(.put, entries, inFlight: 1, "loading large values")
        }
        return figures
    }

    /// Reads every entry once, and compares it.
    func readAll() throws {
        let shape = keys.hasOneKeySize ? CallShape.multiGet(LoadBounds.keysPerRead) : .get
        _ = try passAll(shape, keys, inFlight: 1, verifies: true, "reading all entries")
    }

    /// One call after the other, until every entry had its turn.
    private func passAll(
        _ shape: CallShape, _ entries: KeySpace, inFlight: Int, verifies: Bool = false, _ what: String
    ) throws -> RunFigures {
        let part = CallMix.Part(
            title: shape.title, shape: shape, order: .sequential, entries: entries, isApart: entries != keys)
        let figures = try run(
            RunPlan(
                mix: CallMix(shape.title, [part]), pace: .closed(inFlight: inFlight),
                durationNanoseconds: RunPlan.seconds(LoadBounds.loadSecondsMax),
                callsMax: (entries.count + shape.keysPerCall - 1) / shape.keysPerCall, verifies: verifies, seed: 0),
            nil)
        try check(figures, what)
        guard figures.found >= entries.count else {
            throw WrongAnswer("\(title), \(what): only \(figures.found) of \(entries.count) entries in time")
        }
        return figures
    }

    /// Runs closed loop with every answer decoded and compared, without budgets, so that each must be complete.
    func warmUp(_ mix: CallMix, inFlight: Int, seconds: Double) throws {
        let figures = try run(
            RunPlan(
                mix: mix.withoutBudgets, pace: .closed(inFlight: inFlight),
                durationNanoseconds: RunPlan.seconds(seconds), verifies: true, seed: nextSeed()),
            nil)
        try check(figures, "warming up")
    }

    func warmUp(_ shape: CallShape, inFlight: Int, seconds: Double) throws {
        try warmUp(CallMix(shape), inFlight: inFlight, seconds: seconds)
    }

    /// The measured part.
    /// - Throws: `Interrupted`, with what was measured until then, where somebody has ended it.
    func measure(
        _ mix: CallMix, _ pace: Pace, seconds: Double, onSecond: ((SecondFigures) -> Void)? = nil
    ) throws -> Measurement {
        let throttledBefore = Throttling.count()
        let workBefore = process.flatMap(KernelWork.soFar)
        let before = process.flatMap(ProcessSample.take)
        let stolenBefore = StolenTime.soFar()
        let figures = try run(
            RunPlan(mix: mix, pace: pace, durationNanoseconds: RunPlan.seconds(seconds), seed: nextSeed()), onSecond)
        let stolen = StolenTime.soFar().seconds(
            since: stolenBefore, of: process.map(CoreSet.of)?.union(.current()) ?? .current())
        let after = process.flatMap(ProcessSample.take)
        let workAfter = process.flatMap(KernelWork.soFar)
        let measurement = Measurement(
            figures: figures,
            serverCPUSeconds: before.flatMap { before in after.map { $0.cpuSeconds - before.cpuSeconds } },
            kernelWork: workBefore.flatMap { before in workAfter.map { $0 - before } },
            throttled: Throttling.count() - throttledBefore, stolenSeconds: stolen)
        if figures.isInterrupted { throw Interrupted(measurement) }
        return measurement
    }

    func measure(
        _ shape: CallShape, _ pace: Pace, seconds: Double, onSecond: ((SecondFigures) -> Void)? = nil
    ) throws -> Measurement {
        try measure(CallMix(shape), pace, seconds: seconds, onSecond: onSecond)
    }

    /// Each run draws other keys, and the same run of another process the same ones.
    private func nextSeed() -> UInt64 {
        runs += 1
        return seed &+ runs &* 0x9e37_79b9_7f4a_7c15
    }

    private func check(_ figures: RunFigures, _ what: String) throws {
        if figures.isInterrupted { throw Interrupted() }
        guard !figures.isClean else { return }
        throw WrongAnswer(
            """
            \(title), \(what): \(figures.wrong) wrong answers, \(figures.missing) missing keys, \(figures.failed) \
            failed keys; the first: \(figures.firstProblem ?? "unknown")
            """)
    }
}

/// Bounds on time that are no option.
enum LoadBounds {
    /// Loading the entries, or reading all of them, takes no longer.
    static let loadSecondsMax = 300.0
    /// Entries in a call that reads all of them.
    static let keysPerRead = 50
}
