//! The place of one connection to a node: the requests that wait for it, and the attempts to make it.
//!
//! - Nothing is connected before something is to be sent.
//! - A node that *refuses* a connection, or ends it, is not tried for a while, and what is to be sent meanwhile fails
//!   at once.
//! - A node that is *silent* (a process that stands still, a network that swallows packets) is tried again at once,
//!   since the attempt took its time; what is to be sent waits, and whoever sent it says how long.
//!
//! Always true: `queue` holds requests of which no byte was sent; `liveCount` of them have not been cancelled, and
//! `queuedBytes` are theirs; a connection that has ended is not `connection`.

internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Timing

final class NodeLink {
    /// A connection that ends sooner counts as one that was refused.
    private static let lifeMin: Duration = .seconds(1)

    private enum Phase {
        case idle
        case connecting(since: MonotonicTime)
        case open(since: MonotonicTime)
        /// Refused; not tried before that time.
        case refused(until: MonotonicTime, reason: String)
        case closed
    }

    let endpoint: RedisEndpoint
    private let loop: RedisLoop
    private weak var node: Node?
    /// Beyond the configured one: what the node takes before it answers.
    private let answerDelay: Duration
    private var phase = Phase.idle
    private(set) var connection: NodeConnection?
    private var attempts = 0
    private var refusals = 0
    private var queue = CircularBuffer<NodeRequest>()
    private var liveCount = 0
    private var queuedBytes = 0
    private var needsFlush = false
    private var attemptTimer: LoopTimer?
    private var watchTimer: LoopTimer?

    /// - Parameter answerDelay: how long the node may take before it answers what is sent here.
    init(_ endpoint: RedisEndpoint, _ loop: RedisLoop, node: Node, answerDelay: Duration = .zero) {
        self.endpoint = endpoint
        self.loop = loop
        self.node = node
        self.answerDelay = answerDelay
    }

    var now: MonotonicTime { loop.now }

    @discardableResult
    func readClock() -> MonotonicTime { loop.readClock() }

    /// Requests that wait, or whose answers are missing.
    var load: Int { liveCount + (connection?.awaitedCount ?? 0) }

    var isRefused: Bool {
        if case .refused(let until, _) = phase { now < until } else { false }
    }

    /// Since when the node owes an answer or a connection; nil if it owes nothing.
    var silentSince: MonotonicTime? {
        switch phase {
        case .connecting(let since): since
        case .open: connection?.silentSince
        case .idle, .refused, .closed: nil
        }
    }

    // MARK: Sending

    /// Sends a request at the end of this tick, or when there is a connection; or fails it.
    func send(_ request: NodeRequest) {
        switch phase {
        case .closed: return request.fail(.notSent("\(endpoint) is no longer part of the cluster"))
        case .refused(let until, let reason) where now < until: return request.fail(.notSent(reason))
        case .idle, .refused, .connecting, .open: break
        }
        let configuration = loop.configuration
        let size = request.bytes.readableBytes
        guard liveCount < configuration.queuedRequestsMax,
            liveCount == 0 || queuedBytes + size <= configuration.queuedBytesMax
        else { return request.fail(.notSent("too much waits for \(endpoint) already", isFull: true)) }
        request.queue = self
        queue.append(request)
        liveCount += 1
        queuedBytes += size
        loop.figures.requests.wrappingAdd(1, ordering: .relaxed)
        switch phase {
        case .open: requestFlush()
        case .idle, .refused: connect()
        case .connecting, .closed: break
        }
    }

    /// A request that waits here was cancelled. It is passed over, and taken out when there are many.
    func requestWasCancelled(size: Int) {
        liveCount -= 1
        queuedBytes -= size
        if queue.count > 2 * liveCount + 16 { queue.removeAll { $0.isCancelled } }
    }

    private func requestFlush() {
        if needsFlush { return }
        needsFlush = true
        loop.needsFlush(self)
    }

    /// Sends what waits, as far as the operating system takes it and answers are not too far behind.
    func flush() {
        needsFlush = false
        guard let connection else { return }
        while connection.takesMore, connection.awaitedCount < loop.configuration.inFlightMax, let request = queue.first
        {
            if request.isCancelled {
                queue.removeFirst()
                continue
            }
            let size = request.bytes.readableBytes
            if connection.batchBytes > 0, connection.batchBytes + size > NodeConnection.batchBytesMax {
                connection.flush()
                continue
            }
            queue.removeFirst()
            liveCount -= 1
            queuedBytes -= size
            connection.send(request)
        }
        connection.flush()
        watch()
    }

    /// Answers have come: there may be room for more.
    func answered() {
        if liveCount > 0 { flush() }
    }

    func completed(_ request: NodeRequest) {
        if answerDelay == .zero { node?.latency.add(nanoseconds: now.nanoseconds(since: request.sentAt)) }
    }

    // MARK: Connecting

    private func connect() {
        phase = .connecting(since: loop.readClock())
        attempts += 1
        let attempt = attempts
        attemptTimer = loop.schedule(after: loop.configuration.connectTimeout) { [weak self] in
            self?.attemptFailed(attempt, "no answer in time", isSilent: true)
        }
        let (isSecured, configuration) = (loop.configuration.security != nil, loop.configuration)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.connector.connect(to: endpoint, on: loop.eventLoop, timeout: configuration.connectTimeout) {
            NodeConnection(
                bound.value, attempt: attempt, isSecured: isSecured,
                limits: RESPParser.Limits(replyBytesMax: configuration.replyBytesMax))
        }.assumeIsolated().whenFailure { error in
            bound.value.attemptFailed(attempt, bound.value.reason(of: error), isSilent: isTimeout(error))
        }
    }

    /// Whether a connection that was made is of use.
    func connected(_ connection: NodeConnection) -> Bool {
        guard case .connecting = phase, connection.attempt == attempts, self.connection == nil else { return false }
        self.connection = connection
        return true
    }

    /// What a connection says first; `greeted` is called with the node's refusal, or nil.
    func makeGreeting(_ greeted: @escaping (String?) -> Void) -> NodeRequest {
        var commands = CommandWriter()
        let configuration = loop.configuration
        if let password = configuration.password {
            if let user = configuration.user {
                commands.command("AUTH", user, password)
            } else {
                commands.command("AUTH", password)
            }
        }
        if configuration.readFrom != .primary { commands.command("READONLY") }
        commands.command("PING")
        var missing = commands.count
        var refusal: String?
        return NodeRequest(
            commands,
            receive: { reply in
                missing -= 1
                // Whatever else a node answers, it is there; `READONLY` is none of one without cluster mode.
                if let error = reply.error, ["NOAUTH", "WRONGPASS", "NOPERM"].contains(error.code) {
                    refusal = refusal ?? error.text
                }
                if missing == 0 { greeted(refusal) }
            }, failed: { _ in })
    }

    func opened(_ connection: NodeConnection) {
        guard connection === self.connection else { return }
        attemptTimer?.cancel()
        phase = .open(since: now)
        loop.figures.connected.wrappingAdd(1, ordering: .relaxed)
        loop.figures.openConnections.wrappingAdd(1, ordering: .relaxed)
        requestFlush()
    }

    private func attemptFailed(_ attempt: Int, _ reason: String, isSilent: Bool) {
        guard case .connecting = phase, attempt == attempts else { return }
        // It tells its end itself.
        if let connection { return connection.close(reason, isSilent: isSilent) }
        failed(reason, isSilent: isSilent)
    }

    /// A connection has ended, in whatever phase it was.
    func ended(_ connection: NodeConnection, _ reason: String, isSilent: Bool) {
        guard connection === self.connection else { return }
        self.connection = nil
        watchTimer?.cancel()
        watchTimer = nil
        loop.readClock()
        if case .open(let since) = phase {
            loop.figures.openConnections.wrappingSubtract(1, ordering: .relaxed)
            if since.advanced(by: Self.lifeMin) <= now {
                // It served: what waits gets another one.
                refusals = 0
                loop.figures.connectionFailures.wrappingAdd(1, ordering: .relaxed)
                return connectAgain()
            }
        }
        if case .closed = phase { return }
        failed(reason, isSilent: isSilent)
    }

    private func failed(_ reason: String, isSilent: Bool) {
        attemptTimer?.cancel()
        loop.figures.connectionFailures.wrappingAdd(1, ordering: .relaxed)
        if isSilent { return connectAgain() }
        refusals += 1
        let configuration = loop.configuration
        let doubled = configuration.backoffFirst * (1 << min(refusals - 1, 20))
        let delay = min(doubled, configuration.backoffMost) * (0.5 + loop.jitter() / 2)
        phase = .refused(until: loop.readClock().advanced(by: delay), reason: broken(reason))
        node?.isInTrouble()
        failQueue(.notSent(broken(reason)))
    }

    /// Connects at once if something waits.
    private func connectAgain() {
        phase = .idle
        if liveCount > 0 { connect() }
        node?.isInTrouble()
    }

    private func failQueue(_ failure: RequestFailure) {
        let requests = queue
        queue = CircularBuffer()
        liveCount = 0
        queuedBytes = 0
        for request in requests where !request.isCancelled {
            request.queue = nil
            request.fail(failure)
        }
    }

    /// No further requests; those that were sent are given up.
    func close() {
        if case .closed = phase { return }
        if case .open = phase { loop.figures.openConnections.wrappingSubtract(1, ordering: .relaxed) }
        phase = .closed
        attemptTimer?.cancel()
        watchTimer?.cancel()
        connection?.close("it is no longer used")
        connection = nil
        failQueue(.notSent("\(endpoint) is no longer used"))
    }

    // MARK: Watching

    /// Sees to it that a connection on which nothing moves is noticed.
    private func watch() {
        guard watchTimer == nil, let connection, let time = expiry(of: connection) else { return }
        watchTimer = loop.timers.schedule(at: time) { [weak self] in
            guard let self else { return }
            self.loop.readClock()
            self.watchTimer = nil
            self.look()
        }
    }

    private func expiry(of connection: NodeConnection) -> MonotonicTime? {
        // While bytes leave, an answer to them cannot be late.
        connection.writingSince?.advanced(by: loop.configuration.writeTimeout)
            ?? connection.silentSince?.advanced(by: loop.configuration.readTimeout + answerDelay)
    }

    private func look() {
        guard let connection else { return }
        guard let expiry = expiry(of: connection), expiry <= now else { return watch() }
        if connection.writingSince == nil { return connection.close("it does not answer", isSilent: true) }
        guard connection.hasProgressed() else { return connection.close("it takes no bytes", isSilent: true) }
        watch()
    }

    // MARK: Reasons

    /// What is wrong, with the node's name.
    func broken(_ reason: String) -> String { "\(endpoint): \(reason)" }

    func reason(of error: any Error) -> String {
        loop.configuration.security?.reason(of: error).map { "TLS failed: \($0)" } ?? plainReason(of: error)
    }
}
