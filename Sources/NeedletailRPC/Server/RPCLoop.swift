//! What all connections of one event loop share. Used on that loop only.
//!
//! Turns: in a tick the loop reads from every connection that has something to read, each of which enlists; then, in one
//! task at the end of the tick, they are served in groups. For a group the memory that its calls will need is fetched
//! first, so that the cache misses of different connections overlap; then all are served; then what they were answered
//! provisionally is made true (`finishGroup`), and all answers leave, one after another, so that a client on the same machine
//! is woken once and not for each. A call has arrived when the tick's first bytes were read: what it waits for others' turns
//! counts against its deadline.
//!
//! A tick ends after two milliseconds of turns, whoever still waits for his; then the loop reads again, and they go first.
//! So the loop knows of calls that came meanwhile: how long calls wait (`LoopAdmission`), and which of them are urgent. Those
//! go before all others as long as there are more than a tick can serve.
//!
//! A loop bounds what it holds for clients that are slow or gone, in bytes and in time: a connection says what it holds
//! (`hold`) when that changes; above the bound the one that has made no progress for the longest time is closed, and
//! `sweep`, once a second, closes those that have made none for too long, unless it is the service that they wait for.
//!
//! Unsafe inside: connections that have their turns are used without counting references, three of which a turn were one
//! percent of a put; `serve` keeps the array that they stand in until it returns.

internal import Logging
internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire
internal import Timing

final class RPCLoop {
    /// How long a connection that we closed is still read from, so that the client gets our last answer before a reset.
    static var lingerMax: TimeAmount { .seconds(1) }
    /// How long the last answers of a connection that closes may take to be read by the client.
    static var lastAnswersMax: TimeAmount { .seconds(10) }
    /// How often `sweep` is called.
    static var sweepInterval: TimeAmount { .seconds(1) }

    /// Connections whose turns share a prefetch and a flush.
    static let turnsPerGroup = 32
    /// Answers of a group leave when it has taken this long, served to its end or not.
    private static var groupNanosecondsMax: Int64 { 500_000 }

    /// No connection has its turn in a tick any more when turns have taken this long.
    private static var tickNanosecondsMax: Int64 { 2_000_000 }
    /// As good as at once, but not in this tick.
    private static var tickGap: TimeAmount { .microseconds(20) }
    /// A loop that reads so long after its last turn had nothing to read before.
    private static var sleepNanosecondsMin: Int64 { 100_000 }

    let service: any RPCService
    let limits: RPCLimits
    let clock: Clock
    let metrics: RPCMetrics
    let complaints: RateLimitedLog
    let interceptors: [any ServerInterceptor]
    let admission: LoopAdmission
    /// The service's, if it looks who calls.
    let callers: LoopCallers?
    /// The service's, for those that are told of calls.
    let methodNames: [String]
    /// The service's, if it keeps notes of calls; and from when on a call is slow.
    let notes: CallNotes?
    let slowNanosecondsMin: Int64
    /// Compresses and expands what headers say is compressed.
    let zlib = ZlibTransform()
    /// Serves TLS, if the server does.
    let security: (any ServerSecurity)?
    let pool = BufferPool()
    /// The last reading of the clock: when the last read came or the last call ended.
    private(set) var now: MonotonicTime
    private var connections: [ObjectIdentifier: RPCConnection] = [:]
    private(set) var isDraining = false
    /// Connections that have a turn as soon as what was read is served, those that have it, and those that have one when
    /// the loop has read again, before the others.
    private let enlisted = Confined<[RPCConnection]>([])
    private var running: [RPCConnection] = []
    private var waiting: [RPCConnection] = []
    /// Those that have their turns before all others, because not all had theirs in the last tick.
    private var urgent: [RPCConnection] = []
    private var isBehind = false
    private var tickHasRead = false
    private var turnsAreScheduled = false
    private var tickStart: MonotonicTime
    /// Since when the bytes that are read in this tick may have waited to be: turns were being served, and they came after
    /// what the last tick read. If the loop slept, they did not wait.
    private(set) var unreadSince: MonotonicTime
    private var turnsEnd: MonotonicTime
    private let eventLoop: any EventLoop
    /// Runs the turns; made once, so that a tick allocates nothing for it.
    private var turns: @Sendable () -> Void = {}
    /// Runs them in a later tick, unless they were run meanwhile.
    private var laterTurns: @Sendable () -> Void = {}
    private var laterTurnsAreScheduled = false
    private var haveRunMeanwhile = false
    private(set) var heldBytes = 0
    /// Those with provisional answers, once for each run of them.
    private var withheld: [RPCConnection] = []
    private var hasWithheld = false

    init(
        service: any RPCService, limits: RPCLimits, clock: Clock, metrics: RPCMetrics, complaints: RateLimitedLog,
        interceptors: [any ServerInterceptor] = [], admission: AdmissionConfiguration = AdmissionConfiguration(),
        security: (any ServerSecurity)? = nil, eventLoop: any EventLoop
    ) {
        self.service = service
        self.limits = limits
        self.clock = clock
        self.metrics = metrics
        self.complaints = complaints
        self.interceptors = interceptors
        let names = type(of: service).methodNames
        callers = service.callers
        methodNames = names
        notes = service.notes
        slowNanosecondsMin = service.notes?.slowNanosecondsMin ?? .max
        self.admission = LoopAdmission(admission, methodNames: names, metrics: metrics)
        self.security = security
        self.eventLoop = eventLoop
        now = clock.now()
        tickStart = now
        unreadSince = now
        turnsEnd = now
        let bound = NIOLoopBound(Unretained(loop: self), eventLoop: eventLoop)
        turns = { bound.value.loop?.runTurns() }
        laterTurns = { bound.value.loop?.runLaterTurns() }
    }

    /// Keeps the loop's own tasks from keeping the loop.
    private struct Unretained { weak var loop: RPCLoop? }

    /// Has `sweep` called for as long as the loop is there.
    func startSweeping() {
        let bound = NIOLoopBound(Unretained(loop: self), eventLoop: eventLoop)
        RepeatedCallback.start(on: eventLoop, every: Self.sweepInterval) {
            bound.value.loop?.sweep() != nil
        }
    }

    /// Has the loop note how late it runs its tasks, for as long as it is there.
    func startMeasuringLag() {
        let bound = NIOLoopBound(Unretained(loop: self), eventLoop: eventLoop)
        let (lag, clock) = (metrics.lag, clock)
        lag.begin(at: clock.now())
        RepeatedCallback.start(on: eventLoop, every: .milliseconds(LoopLag.intervalMillis)) {
            guard bound.value.loop != nil else { return false }
            lag.note(at: clock.now())
            return true
        }
    }

    // MARK: Turns

    /// When the bytes came that are read now: at the first read of the tick.
    func tickArrival() -> MonotonicTime {
        if !tickHasRead {
            tickHasRead = true
            let time = clock.now()
            unreadSince = time.nanoseconds(since: turnsEnd) < Self.sleepNanosecondsMin ? tickStart : time
            tickStart = time
        }
        return tickStart
    }

    /// Gives `connection` a turn at the end of the tick.
    func enlist(_ connection: RPCConnection) {
        guard !connection.isEnlisted else { return }
        connection.isEnlisted = true
        if isBehind, connection.isUrgent { urgent.append(connection) } else { enlisted.value.append(connection) }
        guard !turnsAreScheduled else { return }
        turnsAreScheduled = true
        eventLoop.execute(turns)
    }

    /// Gives `connection`, which has its turn, another one in the next tick, before which the loop reads again from all
    /// connections.
    func enlistAgain(_ connection: RPCConnection) {
        guard !connection.isEnlisted else { return }
        connection.isEnlisted = true
        waiting.append(connection)
    }

    private func runTurns() {
        turnsAreScheduled = false
        // Without a read since the last turns this is still their tick, and all there is to do is to send answers.
        run(withWaiting: tickHasRead)
    }

    private func runLaterTurns() {
        laterTurnsAreScheduled = false
        // What had its turns in this very tick waits for the next one.
        if haveRunMeanwhile { return scheduleLaterTurns() }
        // There was nothing to read: what comes now has not waited for longer than since then.
        if !tickHasRead { tickStart = readClock() }
        run(withWaiting: true)
    }

    private func run(withWaiting: Bool) {
        tickHasRead = false
        haveRunMeanwhile = true
        if !urgent.isEmpty { serveUrgent() }
        if withWaiting { swap(&waiting, &running) }
        if running.isEmpty {
            swap(&enlisted.value, &running)
        } else {
            running += enlisted.value
            enlisted.value.removeAll(keepingCapacity: true)
        }
        let served = serve(running)
        isBehind = served < running.count
        if isBehind {
            running.removeFirst(served)
            running += waiting
            swap(&waiting, &running)
        }
        running.removeAll(keepingCapacity: true)
        turnsEnd = now
        scheduleLaterTurns()
    }

    private func serveUrgent() {
        swap(&urgent, &running)
        readClock()
        for connection in running {
            connection.serveTurn(isUrgent: true)
            finishGroup()
            connection.finishTurn()
        }
        running.removeAll(keepingCapacity: true)
    }

    private func scheduleLaterTurns() {
        guard !waiting.isEmpty, !laterTurnsAreScheduled else { return }
        laterTurnsAreScheduled = true
        haveRunMeanwhile = false
        // A task that is due at once would run before the tick ends.
        _ = eventLoop.scheduleTask(in: Self.tickGap, laterTurns)
    }

    /// Serves one after another, until the tick has taken long enough.
    /// - Returns: how many had their turns.
    private func serve(_ connections: [RPCConnection]) -> Int {
        defer { withExtendedLifetime(connections) {} }
        let tickStart = readClock()
        var first = 0
        while first < connections.count {
            let group = first..<min(first + Self.turnsPerGroup, connections.count)
            // A call that has its turn alone would gain nothing.
            if group.count > 1 {
                for index in group { unsafe Self.lend(connections[index]) { $0.anticipateTurn() } }
                service.finishAnticipating()
            }
            var start = readClock()
            var unfinished = first
            for index in group {
                unsafe Self.lend(connections[index]) { $0.serveTurn() }
                let isTickOver = now.nanoseconds(since: tickStart) > Self.tickNanosecondsMax
                if isTickOver || now.nanoseconds(since: start) > Self.groupNanosecondsMax {
                    finish(connections, unfinished..<index + 1)
                    unfinished = index + 1
                    if isTickOver { return unfinished }
                    start = readClock()
                }
            }
            finish(connections, unfinished..<group.upperBound)
            first = group.upperBound
        }
        return connections.count
    }

    /// Sends the answers of a group, or of a part of one.
    private func finish(_ connections: [RPCConnection], _ range: Range<Int>) {
        finishGroup()
        for index in range { unsafe Self.lend(connections[index]) { $0.finishTurn() } }
    }

    /// Uses a connection without counting a reference.
    /// - Precondition: somebody keeps it meanwhile.
    @unsafe
    @inline(__always)
    private static func lend(_ connection: RPCConnection, _ body: (RPCConnection) -> Void) {
        unsafe Unmanaged.passUnretained(connection)._withUnsafeGuaranteedRef(body)
    }

    // MARK: Provisional answers

    /// Told by a connection that its output holds a provisional answer.
    func withhold(_ connection: RPCConnection) {
        if withheld.last !== connection { withheld.append(connection) }
        hasWithheld = true
    }

    /// Has provisional answers come true, before any answer leaves. If that fails, nobody can say what became of their calls:
    /// that is what a connection says which closes without an answer.
    func finishGroup() {
        guard hasWithheld else { return }
        hasWithheld = false
        let start = now
        let isTrue = service.finishGroup()
        metrics.latencies.record(
            nanoseconds: readClock().nanoseconds(since: start), in: RPCMetrics.place(of: .sync))
        if isTrue { return withheld.removeAll(keepingCapacity: true) }
        complaints.warning("closed connections: what their answers say has not come true")
        let untrue = withheld
        withheld = []
        for connection in untrue { connection.abandon() }
    }

    @discardableResult
    func readClock() -> MonotonicTime {
        now = clock.now()
        return now
    }

    /// Has what somebody else has just read be the last reading; nil: reads the clock.
    @inline(__always)
    func readClock(unlessRead time: MonotonicTime?) -> MonotonicTime {
        guard let time else { return readClock() }
        now = time
        return time
    }

    func opened(_ connection: RPCConnection) {
        metrics.add(to: .connectionsOpened)
        connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: RPCConnection) {
        metrics.add(to: .connectionsClosed)
        connections[ObjectIdentifier(connection)] = nil
    }

    var connectionCount: Int { connections.count }

    /// In no order.
    var connectionsOpen: some Sequence<RPCConnection> { connections.values }

    /// Calls that will be answered late and have not been.
    var lateCallCount: Int { connections.values.reduce(0) { $0 + $1.late.count } }

    // MARK: Bounds

    /// Told by a connection that it holds more or fewer bytes than before.
    func hold(_ change: Int) {
        heldBytes += change
        guard change > 0, heldBytes > limits.heldBytesMax else { return }
        // Somewhat more than must be, so that the next piece does not look through all connections again.
        let enough = limits.heldBytesMax / 8 * 7
        for connection in connections.values.filter(\.isHolding).sorted(by: { $0.heldSince < $1.heldSince }) {
            guard heldBytes > enough else { return }
            metrics.add(to: .connectionsOverHeldBytes)
            complaints.warning(
                "closed a connection that did not finish its message or read its answers: limits.maxHeldBytes (\(limits.heldBytesMax)) are held",
                metadata: connection.logMetadata)
            connection.abort()
        }
    }

    /// Closes connections that have made no progress for too long.
    func sweep() {
        guard heldBytes > 0, limits.stallMillisMax > 0 else { return }
        readClock()
        for connection in connections.values where connection.isHolding {
            connection.noteProgress()
            guard connection.waitsForClient, connection.heldSince.advanced(byMilliseconds: limits.stallMillisMax) <= now
            else { continue }
            metrics.add(to: .connectionsStalled)
            complaints.warning(
                "closed a connection that made no progress for rpc.stallTimeout (\(limits.stallMillisMax) ms)",
                metadata: connection.logMetadata)
            connection.abort()
        }
    }

    /// Keeps this share of the buffers, and of the range of the limits on calls in flight.
    func economize(toPercent percent: Int) {
        pool.keep(percent: percent)
        admission.narrow(toPercent: percent)
    }

    /// Brings gauges to where a scrape sees them.
    func publishGauges() {
        metrics.set(.bufferPoolHits, to: pool.hits)
        metrics.set(.bufferPoolMisses, to: pool.misses)
        metrics.set(.bufferPoolBytes, to: pool.byteCount)
        metrics.set(.bufferPoolOut, to: pool.buffersOut)
        metrics.set(.heldBytes, to: heldBytes)
    }

    // MARK: The end

    /// Asks every connection to finish what it has accepted and to close.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    /// Closes what is left, at once.
    func closeAll() {
        for connection in connections.values { connection.abort() }
    }
}
