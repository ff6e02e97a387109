//! A client on its event loop: the table of its calls, and the connections that they are placed on. Everything here runs on
//! that loop; tasks reach it through `ClientSubmissions`.
//!
//! A call waits for a connection (`waiting`), then for its turn to be sent (`queued`), then for the operating system to
//! take its bytes (`writing`), then for its answer (`sent`). Its time is `expiry`: the end of the call as a whole, or of the
//! phase that it is in, whichever is first. When that is over the call ends, and the connection lives on; an answer that
//! comes then finds no call and is dropped.
//!
//! One timer is armed at the earliest expiry that is known; when it fires, all calls are looked at. Calls that were
//! answered leave no trace, so that with calls that are answered in time the timer fires once in a timeout, and not once
//! a call; when many run out one after the other, it fires at most once a millisecond, over at most the bound on calls in
//! flight.
//!
//! Connections that only were accepted say little about a server: one that has too many closes them at once. So calls go
//! to those that have answered something; each of the others is asked for a sign of life as soon as there is such a one.
//! Only a connection's first answer ends the pauses between attempts that failed: what the good ones answer says nothing
//! about further ones.
//!
//! Always true: a call is completed when it leaves `calls`, and only then; `inFlight` counts `calls` by method; a call that
//! is `waiting` is in `waiters`, one that is `queued` in its connection's queue.

internal import NIOCore
internal import NeedletailWire
internal import Timing

final class ClientCore {
    /// Calls that wait for each other on one connection before another one is opened.
    private static let callsPerConnection = 32

    private let eventLoop: any EventLoop
    private let configuration: RPCClientConfiguration
    private let connector: any ClientConnector
    private let clock: Clock
    /// Between 0 and 1.
    private let jitter: () -> Double
    private(set) var now: MonotonicTime

    private var calls: [UInt32: ActiveCall] = [:]
    private var inFlight: [ObjectIdentifier: Int] = [:]
    private var waiters = CircularBuffer<ActiveCall>()
    private var connections: [ClientConnection] = []
    private var unflushed: [ClientConnection] = []
    private var isClosed = false

    /// The attempt to connect that is on its way.
    private var attempt: (connection: ClientConnection?, number: Int, expiry: MonotonicTime)?
    private var attemptCount = 0
    private var failures = 0
    private var lastFailure = RPCClientError.clientClosed
    private var nextAttempt: MonotonicTime
    /// Those that want to know how an attempt ends.
    private var openings: [EventLoopPromise<Void>] = []

    private let submissions: ClientSubmissions
    private var taken: [ClientSubmissions.Submission] = []
    /// Fails when the event loop is shut down.
    private var watch: Scheduled<Void>?
    private var timer: (scheduled: Scheduled<Void>, time: MonotonicTime)?

    init(
        _ configuration: RPCClientConfiguration, connector: any ClientConnector, on eventLoop: any EventLoop,
        clock: Clock, submissions: ClientSubmissions, jitter: @escaping () -> Double = { .random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.connector = connector
        self.eventLoop = eventLoop
        self.clock = clock
        self.submissions = submissions
        self.jitter = jitter
        now = clock.now()
        nextAttempt = now
    }

    @discardableResult
    func readClock() -> MonotonicTime {
        now = clock.now()
        return now
    }

    // MARK: From tasks

    /// Sees to it that no task waits for an event loop that is shut down: it fails what is scheduled, here something for
    /// the end of time.
    func watchEventLoop() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let end = eventLoop.scheduleTask(in: .hours(1_000_000)) {}
        end.futureResult.whenFailure { _ in bound.value.eventLoopEnded() }
        watch = end
    }

    private func eventLoopEnded() {
        close()
        // What was submitted meanwhile is refused.
        takeSubmissions()
    }

    /// Takes over what tasks have submitted, and sends it.
    func takeSubmissions() {
        readClock()
        submissions.take(into: &taken)
        for submission in taken {
            switch submission {
            case .call(let call): admit(call)
            case .cancel(let id): cancel(id)
            }
        }
        taken.removeAll(keepingCapacity: true)
        flush()
    }

    private func admit(_ submitted: ClientCall) {
        if let error = refusal(of: submitted) { return submitted.completion.resume(.failure(error)) }
        let call = ActiveCall(submitted)
        let count = inFlight[call.method, default: 0]
        guard count < configuration.inFlightMax, calls[call.id] == nil else {
            return call.complete(
                .failure(.tooManyInFlight(method: "\(submitted.name)", limit: configuration.inFlightMax)))
        }
        inFlight[call.method] = count + 1
        calls[call.id] = call
        place(call)
    }

    private func refusal(of call: ClientCall) -> RPCClientError? {
        if isClosed { return .clientClosed }
        if call.ticket.isCancelled { return .cancelled(.notExecuted) }
        if call.deadline <= now { return .timedOut(.connect, .notExecuted) }
        return nil
    }

    private func cancel(_ id: UInt32) {
        if let call = calls[id] { giveUp(call, .cancelled(call.stage.effect)) }
    }

    /// Ends a call that has no answer, and tells the server that nobody waits for one, where the protocol has words for it.
    private func giveUp(_ call: ActiveCall, _ error: RPCClientError) {
        if configuration.wire.format == .messagePack, call.stage.effect == .unknown, !call.isOneway {
            call.connection?.cancel(call.id)
        }
        end(call, .failure(error))
    }

    /// Connects if there is no connection.
    func connect() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        if isClosed {
            promise.fail(RPCClientError.clientClosed)
        } else if bestConnection() != nil {
            promise.succeed()
        } else if readClock() < nextAttempt, attempt == nil {
            promise.fail(lastFailure)
        } else {
            openings.append(promise)
            startAttempt()
        }
        return promise.futureResult
    }

    /// What there is at this moment.
    var figures: RPCClientFigures { RPCClientFigures(callsInFlight: calls.count, connections: connections.count) }

    /// Ends all calls and connections.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        submissions.end()
        timer?.scheduled.cancel()
        timer = nil
        watch?.cancel()
        watch = nil
        for call in Array(calls.values) {
            end(call, .failure(call.stage.effect == .notExecuted ? .clientClosed : .connectionClosed(.unknown)))
        }
        attempt?.connection?.close()
        attempt = nil
        for connection in connections { connection.close() }
        for promise in openings { promise.fail(RPCClientError.clientClosed) }
        openings = []
    }

    // MARK: Calls

    /// Ends a call.
    private func end(_ call: ActiveCall, _ outcome: ClientCall.Outcome) {
        guard calls.removeValue(forKey: call.id) != nil else { return }
        call.connection?.callCount -= 1
        inFlight[call.method, default: 1] -= 1
        call.complete(outcome)
        if let connection = call.connection, connection.isDraining, connection.callCount == 0 { connection.close() }
    }

    /// Gives a call to a connection, or has it wait for one.
    private func place(_ call: ActiveCall) {
        if let connection = bestConnection() {
            connection.lastUse = now
            enqueue(call, on: connection)
            let isBusy = connection.callCount > Self.callsPerConnection || connection.suspectSince != nil
            if isBusy { startFurtherAttempt() }
            return
        }
        if attempt == nil, nextAttempt > now { return end(call, .failure(lastFailure)) }
        call.stage = .waiting
        waiters.append(call)
        arm(call.expiry)
        startAttempt()
    }

    private func enqueue(_ call: ActiveCall, on connection: ClientConnection) {
        call.stage = .queued
        call.connection = connection
        call.expiry = min(call.deadline, now.advanced(by: configuration.writeTimeout))
        arm(call.expiry)
        connection.enqueue(call)
    }

    /// The connection with the fewest calls, of those that can be relied on most.
    private func bestConnection() -> ClientConnection? {
        var best: ClientConnection?
        for connection in connections where !connection.isDraining {
            guard let other = best else {
                best = connection
                continue
            }
            let (standing, least) = (connection.standing, other.standing)
            if standing == least ? connection.callCount < other.callCount : standing > least { best = connection }
        }
        return best
    }

    // MARK: From connections

    func needsFlush(_ connection: ClientConnection) { unflushed.append(connection) }

    func flush() {
        while let connection = unflushed.popLast() { connection.flush() }
    }

    /// The operating system has a call's bytes.
    func sent(_ call: ActiveCall) {
        if call.hasEnded { return }
        if call.isOneway {
            return end(call, .success(ClientAnswer(message: ByteBuffer(), format: configuration.wire.format)))
        }
        call.stage = .sent
        call.sentAt = now
        call.expiry = call.deadline
        if let timeout = configuration.readTimeout { call.expiry = min(call.expiry, now.advanced(by: timeout)) }
        arm(call.expiry)
    }

    /// An answer came. One whose call has ended is dropped.
    func answered(_ id: UInt32, _ answer: ClientAnswer, on connection: ClientConnection) {
        if !connection.hasAnswered {
            connection.hasAnswered = true
            failures = 0
            probeUnproven()
        }
        guard let call = calls[id], call.connection === connection else { return }
        end(call, .success(answer))
    }

    /// A connection of an attempt was made; a TLS handshake may follow.
    /// - Returns: false if it is not needed.
    func connected(_ connection: ClientConnection) -> Bool {
        guard let attempt, attempt.number == connection.attempt, attempt.connection == nil else { return false }
        self.attempt?.connection = connection
        return true
    }

    /// A connection is there.
    func opened(_ connection: ClientConnection) {
        guard attempt?.connection === connection, !isClosed else { return connection.close() }
        attempt = nil
        connections.append(connection)
        for promise in openings { promise.succeed() }
        openings = []
        connection.lastUse = now
        while let call = waiters.popFirst() {
            if !call.hasEnded { enqueue(call, on: connection) }
        }
        probeUnproven()
        flush()
        arm(now.advanced(by: configuration.probeInterval))
    }

    /// A connection is gone.
    func closed(_ connection: ClientConnection, _ reason: RPCClientError?) {
        connections.removeAll { $0 === connection }
        switch reason {
        case .undecodable: failed(notConnected("its last answer could not be read"))
        case .notConnected(let why): failed(.notConnected(why))
        case nil where !connection.hasAnswered && !connection.isClosedByUs:
            failed(notConnected("it closed the last connection before it answered anything"))
        case nil where connection.hasAnswered && bestConnection() == nil:
            // Attempts at further connections may have failed: this one had been served, so the next one may be.
            failures = 0
            nextAttempt = now
        default: break
        }
        for call in calls.values where call.connection === connection && call.stage.effect == .unknown {
            end(call, .failure(reason ?? .connectionClosed(.unknown)))
        }
        moveQueue(of: connection)
        flush()
    }

    /// What was not sent goes elsewhere.
    func moveQueue(of connection: ClientConnection) {
        for call in connection.takeQueue() where !call.hasEnded {
            if call.isProbe {
                end(call, .failure(.connectionClosed(.notExecuted)))
            } else {
                connection.callCount -= 1
                call.connection = nil
                call.expiry = call.deadline
                place(call)
            }
        }
    }

    // MARK: Connecting

    /// Why there is no connection, and to which server.
    func notConnected(_ why: String) -> RPCClientError { .notConnected("\(connector.target): \(why)") }

    private func startFurtherAttempt() {
        let good = connections.count { !$0.isDraining && $0.suspectSince == nil }
        // Those that are no good stay for a while, but do not stand in the way of better ones.
        guard good < configuration.connectionsMax, connections.count < 2 * configuration.connectionsMax,
            nextAttempt <= now
        else { return }
        startAttempt()
    }

    private func startAttempt() {
        guard attempt == nil, !isClosed else { return }
        attemptCount += 1
        let number = attemptCount
        attempt = (nil, number, now.advanced(by: configuration.connectTimeout))
        arm(now.advanced(by: configuration.connectTimeout))
        let (wire, sizeMax) = (configuration.wire, configuration.answerSizeMax)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let security = configuration.security
        connector.connect(on: eventLoop, timeout: configuration.connectTimeout) {
            ClientConnection(core: bound.value, attempt: number, wire: wire, sizeMax: sizeMax, security: security)
        }.assumeIsolated().whenFailure { [self] error in
            attemptFailed(number, notConnected(plainReason(of: error)))
        }
    }

    /// The connection of an attempt ended before it was there.
    func failedToOpen(_ reason: RPCClientError, _ connection: ClientConnection) {
        guard let attempt, attempt.connection === connection else { return }
        attemptFailed(attempt.number, reason)
    }

    private func attemptFailed(_ number: Int, _ reason: RPCClientError) {
        guard let attempt, attempt.number == number, !isClosed else { return }
        self.attempt = nil
        readClock()
        failed(reason)
        attempt.connection?.close()
        for promise in openings { promise.fail(reason) }
        openings = []
        if bestConnection() != nil { return }
        while let call = waiters.popFirst() { end(call, .failure(reason)) }
    }

    /// No attempt is made for a while.
    private func failed(_ reason: RPCClientError) {
        failures += 1
        lastFailure = reason
        nextAttempt = now.advanced(by: configuration.backoff.delay(after: failures, jitter: jitter()))
    }

    // MARK: Time

    private static let timerGap = TimeAmount.milliseconds(1)

    /// Has `tick` called at `time`, or earlier.
    private func arm(_ time: MonotonicTime) {
        guard !isClosed else { return }
        if let timer {
            guard time < timer.time else { return }
            timer.scheduled.cancel()
        }
        let delay = max(.nanoseconds(time.nanoseconds(since: now)), Self.timerGap)
        let scheduled = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            timer = nil
            tick()
        }
        timer = (scheduled, time)
    }

    /// Ends what is over, and looks after the connections.
    private func tick() {
        readClock()
        var next: MonotonicTime?
        func note(_ time: MonotonicTime) { next = min(next ?? time, time) }

        var over: [ActiveCall] = []
        for call in calls.values {
            if call.expiry <= now { over.append(call) } else { note(call.expiry) }
        }
        for call in over where !call.hasEnded { timeOut(call) }
        if let attempt {
            if attempt.expiry <= now {
                attemptFailed(attempt.number, notConnected("no connection in time"))
            } else {
                note(attempt.expiry)
            }
        }
        for connection in connections { lookAfter(connection, note) }
        flush()
        if let next { arm(next) }
    }

    private func timeOut(_ call: ActiveCall) {
        let connection = call.connection
        if call.stage == .sent, let connection, let sentAt = call.sentAt, connection.lastRead <= sentAt,
            connection.suspectSince == nil
        {
            connection.suspectSince = now
        }
        giveUp(call, .timedOut(call.stage.phase, call.stage.effect))
        // Behind a slow call, where answers keep their order, a sign of life may be late; else there is none.
        if call.isProbe, let connection, connection.callCount == 0 {
            if !connection.hasAnswered { failed(notConnected("it answered nothing on the last connection")) }
            connection.close()
        }
    }

    /// Closes a connection that is dead or of no use, and asks one that was silent for a sign of life.
    private func lookAfter(_ connection: ClientConnection, _ note: (MonotonicTime) -> Void) {
        if let since = connection.writingSince {
            let end = since.advanced(by: configuration.writeTimeout)
            if end > now {
                note(end)
            } else if connection.hasProgressed() {
                note(now.advanced(by: configuration.writeTimeout))
            } else {
                return connection.close()
            }
        }
        let isIdle = connection.callCount == 0
        if isIdle, connections.count > 1 {
            let end = connection.lastUse.advanced(by: configuration.idleTimeout)
            if end <= now { return connection.close() }
            note(end)
        }
        let silent = max(connection.lastRead, connection.suspectSince ?? connection.lastRead)
        let end = silent.advanced(by: configuration.probeInterval)
        guard end <= now else { return note(end) }
        // Where answers keep their order, one slow call explains all the silence: it has its own time.
        if connection.suspectSince != nil, isIdle || !configuration.wire.isOrdered { return connection.close() }
        if !connection.isProbed { probe(connection) }
        note(now.advanced(by: configuration.probeInterval))
    }

    /// Asks the connections that have not answered anything, where calls avoid them for one that has.
    private func probeUnproven() {
        guard connections.contains(where: { $0.hasAnswered && !$0.isDraining }) else { return }
        for connection in connections where !connection.hasAnswered && !connection.isDraining && !connection.isProbed {
            probe(connection)
        }
    }

    /// Asks for a sign of life: whatever the answer is, it is one.
    private func probe(_ connection: ClientConnection) {
        let ticket = CallTicket(id: RPCClient.probeID(ofAttempt: connection.attempt))
        guard calls[ticket.id] == nil else { return }
        connection.isProbed = true
        let call = ActiveCall(
            ClientCall(
                ticket, encodeCall(configuration.wire, id: ticket.id, Probe.self, NoArguments()),
                method: ObjectIdentifier(Probe.self), name: Probe.name, isOneway: false,
                deadline: now.advanced(by: configuration.connectTimeout), completion: .handler { _ in }),
            isProbe: true)
        inFlight[call.method, default: 0] += 1
        calls[call.id] = call
        enqueue(call, on: connection)
    }
}

/// What a connection is asked that was silent for long.
private enum Probe: RPCMethod {
    typealias Arguments = NoArguments
    typealias Result = NoResult
    typealias Failure = Never

    static var name: StaticString { "ping" }
}
