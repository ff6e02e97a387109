//! What all connections of one event loop share. Used on that loop only.
//!
//! Turns: in a tick the loop reads from every connection that has something to read, each of which enlists; then, in one
//! task at the end of the tick, they are served in groups. For a group the memory that its calls will need is fetched
//! first, so that the cache misses of different connections overlap; then all are served; then all answers leave, one
//! after another, so that a client on the same machine is woken once and not for each. A call has arrived when the tick's
//! first bytes were read: what it waits for others' turns counts against its deadline.
//!
//! A loop bounds what it holds for clients that are slow or gone, in bytes and in time: a connection says what it holds
//! (`hold`) when that changes; above the bound the one that has made no progress for the longest time is closed, and
//! `sweep`, once a second, closes those that have made none for too long, unless it is the service that they wait for.

internal import Logging
internal import NIOCore
internal import NeedletailTelemetry
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

    /// As good as at once, but not in this tick.
    private static var tickGap: TimeAmount { .microseconds(20) }

    let service: any RPCService
    let limits: RPCLimits
    let clock: Clock
    let metrics: RPCMetrics
    let complaints: RateLimitedLog
    let interceptors: [any ServerInterceptor]
    /// The service's, for those that are told of calls.
    let methodNames: [String]
    /// Compresses and expands what headers say is compressed.
    let zlib = ZlibTransform()
    /// Serves TLS, if the server does.
    let security: (any ServerSecurity)?
    var pool = BufferPool()
    /// The last reading of the clock: when the last read came or the last call ended.
    private(set) var now: MonotonicTime
    private var connections: [ObjectIdentifier: RPCConnection] = [:]
    private(set) var isDraining = false
    /// Connections that wait for their turn, and those that have it.
    private var enlisted: [RPCConnection] = []
    private var running: [RPCConnection] = []
    private var tickHasRead = false
    private var turnsAreScheduled = false
    private var tickStart: MonotonicTime
    private let eventLoop: any EventLoop
    /// Runs the turns; made once, so that a tick allocates nothing for it.
    private var turns: @Sendable () -> Void = {}
    private(set) var heldBytes = 0

    init(
        service: any RPCService, limits: RPCLimits, clock: Clock, metrics: RPCMetrics, complaints: RateLimitedLog,
        interceptors: [any ServerInterceptor] = [], security: (any ServerSecurity)? = nil, eventLoop: any EventLoop
    ) {
        self.service = service
        self.limits = limits
        self.clock = clock
        self.metrics = metrics
        self.complaints = complaints
        self.interceptors = interceptors
        methodNames = interceptors.isEmpty ? [] : type(of: service).methodNames
        self.security = security
        self.eventLoop = eventLoop
        now = clock.now()
        tickStart = now
        let bound = NIOLoopBound(Unretained(loop: self), eventLoop: eventLoop)
        turns = { bound.value.loop?.runTurns() }
    }

    /// Keeps the loop's own tasks from keeping the loop.
    private struct Unretained { weak var loop: RPCLoop? }

    /// Has `sweep` called for as long as the loop is there.
    func startSweeping() {
        let bound = NIOLoopBound(Unretained(loop: self), eventLoop: eventLoop)
        eventLoop.scheduleRepeatedTask(initialDelay: Self.sweepInterval, delay: Self.sweepInterval) { task in
            if let loop = bound.value.loop { loop.sweep() } else { task.cancel() }
        }
    }

    // MARK: Turns

    /// When the bytes came that are read now: at the first read of the tick.
    func tickArrival() -> MonotonicTime {
        if !tickHasRead {
            tickHasRead = true
            tickStart = clock.now()
        }
        return tickStart
    }

    /// Gives `connection` a turn at the end of the tick; or, if it has had one in this tick, of the next one, before which
    /// the loop reads again from all connections.
    func enlist(_ connection: RPCConnection, inNextTick: Bool = false) {
        guard !connection.isEnlisted else { return }
        connection.isEnlisted = true
        enlisted.append(connection)
        if inNextTick {
            // A task that is due at once would run before the tick ends.
            _ = eventLoop.scheduleTask(in: Self.tickGap, turns)
            return
        }
        guard !turnsAreScheduled else { return }
        turnsAreScheduled = true
        eventLoop.execute(turns)
    }

    private func runTurns() {
        turnsAreScheduled = false
        tickHasRead = false
        swap(&enlisted, &running)
        serve(running)
        running.removeAll(keepingCapacity: true)
    }

    private func serve(_ connections: [RPCConnection]) {
        var first = 0
        while first < connections.count {
            let group = first..<min(first + Self.turnsPerGroup, connections.count)
            // A call that has its turn alone would gain nothing.
            if group.count > 1 {
                for index in group { connections[index].anticipateTurn() }
                service.finishAnticipating()
            }
            var start = readClock()
            var unfinished = first
            for index in group {
                connections[index].serveTurn()
                if now.nanoseconds(since: start) > Self.groupNanosecondsMax {
                    for index in unfinished...index { connections[index].finishTurn() }
                    unfinished = index + 1
                    start = readClock()
                }
            }
            for index in unfinished..<group.upperBound { connections[index].finishTurn() }
            first = group.upperBound
        }
    }

    @discardableResult
    func readClock() -> MonotonicTime {
        now = clock.now()
        return now
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

    /// Brings gauges to where a scrape sees them.
    func publishGauges() {
        metrics.set(.bufferPoolHits, to: pool.hits)
        metrics.set(.bufferPoolMisses, to: pool.misses)
        metrics.set(.bufferPoolBytes, to: pool.byteCount)
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
