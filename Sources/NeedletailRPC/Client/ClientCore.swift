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
        if !call.hasEnded { arm(call.expiry) }
    }

    private func refusal(of call: ClientCall) -> RPCClientError? {
        if isClosed { return .clientClosed }
        if call.ticket.isCancelled { return .cancelled(.notExecuted) }
        if call.deadline <= now { return .timedOut(.connect, .notExecuted) }
        return nil
    }

    private func cancel(_ id: UInt32) {
        guard let call = calls[id] else { return }
        end(call, .failure(.cancelled(call.stage.effect)))
        tellServer(call)
    }

    /// Tells the server that nobody waits for a call's answer any more, where the protocol has words for that.
    private func tellServer(_ call: ActiveCall) {
        guard configuration.wire.format == .messagePack, call.stage == .sent, !call.isOneway else { return }
        call.connection?.sendNow(encodeCancel(call.id))
    }

    /// Connects if there is no connection.
    func connect() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        if isClosed {
            promise.fail(RPCClientError.clientClosed)
        } else if connections.isEmpty {
            openings.append(promise)
            readClock()
            startAttempt()
        } else {
            promise.succeed()
        }
        return promise.futureResult
    }

    /// What there is at this moment.
    var figures: RPCClientFigures { RPCClientFigures(callsInFlight: calls.count, connections: connections.count) }

    /// Ends all calls and connections.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        timer?.scheduled.cancel()
        timer = nil
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
    }

    /// Gives a call to a connection, or has it wait for one.
    private func place(_ call: ActiveCall) {
        if let connection = bestConnection() {
            enqueue(call, on: connection)
            let isBusy = connection.callCount > Self.callsPerConnection || connection.suspectSince != nil
            if isBusy { startFurtherAttempt() }
            return
        }
        if attempt == nil, nextAttempt > now { return end(call, .failure(lastFailure)) }
        call.stage = .waiting
        waiters.append(call)
        startAttempt()
    }

    private func enqueue(_ call: ActiveCall, on connection: ClientConnection) {
        call.stage = .queued
        call.connection = connection
        call.expiry = min(call.deadline, now.advanced(by: configuration.writeTimeout))
        connection.enqueue(call)
    }

    /// The connection with the fewest calls, of those that are not known to be bad if there is one.
    private func bestConnection() -> ClientConnection? {
        var best: ClientConnection?
        for connection in connections where !connection.isDraining {
            guard let other = best else {
                best = connection
                continue
            }
            let isSuspect = (connection.suspectSince != nil, other.suspectSince != nil)
            if isSuspect.0 == isSuspect.1 ? connection.callCount < other.callCount : isSuspect.1 { best = connection }
        }
        return best
    }

    // MARK: From connections

    func needsFlush(_ connection: ClientConnection) { unflushed.append(connection) }

    private func flush() {
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
        failures = 0
        guard let call = calls[id], call.connection === connection else { return }
        end(call, .success(answer))
    }

    /// A connection is there.
    func opened(_ connection: ClientConnection) {
        guard attempt?.connection === connection, !isClosed else { return connection.close() }
        attempt = nil
        connections.append(connection)
        for promise in openings { promise.succeed() }
        openings = []
        while let call = waiters.popFirst() {
            if !call.hasEnded { enqueue(call, on: connection) }
        }
        flush()
        arm(now.advanced(by: configuration.probeInterval))
    }

    /// A connection is gone.
    func closed(_ connection: ClientConnection, _ reason: RPCClientError?) {
        connections.removeAll { $0 === connection }
        switch reason {
        case .undecodable: failed(notConnected("its last answer could not be read"))
        case .notConnected(let why): failed(.notConnected(why))
        case nil where !connection.hasRead:
            failed(notConnected("it closed the last connection before it answered anything"))
        default: break
        }
        let unsent = connection.takeQueue()
        for call in calls.values where call.connection === connection && call.stage.effect == .unknown {
            end(call, .failure(reason ?? .connectionClosed(.unknown)))
        }
        // What was not sent goes elsewhere.
        for call in unsent where !call.hasEnded {
            connection.callCount -= 1
            call.connection = nil
            call.expiry = call.deadline
            place(call)
        }
        flush()
    }

    // MARK: Connecting

    /// Why there is no connection, and to which server.
    func notConnected(_ why: String) -> RPCClientError { .notConnected("\(connector.target): \(why)") }

    private func startFurtherAttempt() {
        if connections.count < configuration.connectionsMax, nextAttempt <= now { startAttempt() }
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
            let core = bound.value
            let connection = ClientConnection(core: core, wire: wire, sizeMax: sizeMax, security: security)
            if core.attempt?.number == number { core.attempt?.connection = connection }
            return connection
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
        if call.id == Self.probeID { return call.connection?.close() ?? () }
        if call.stage == .sent, let connection = call.connection, let sentAt = call.sentAt,
            connection.lastRead <= sentAt, connection.suspectSince == nil
        {
            connection.suspectSince = now
        }
        end(call, .failure(.timedOut(call.stage.phase, call.stage.effect)))
        tellServer(call)
    }

    /// Closes a connection that is dead or of no use, and asks one that was silent for a sign of life.
    private func lookAfter(_ connection: ClientConnection, _ note: (MonotonicTime) -> Void) {
        if let since = connection.writingSince {
            let end = since.advanced(by: configuration.writeTimeout)
            if end <= now { return connection.close() }
            note(end)
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
        if connection.suspectSince != nil { return connection.close() }
        if isIdle, !connection.isProbed {
            connection.isProbed = true
            probe(connection)
        }
        note(now.advanced(by: configuration.probeInterval))
    }

    private static let probeID = UInt32.max

    /// Asks for a sign of life: whatever the answer is, it is one.
    private func probe(_ connection: ClientConnection) {
        let ticket = CallTicket(id: Self.probeID)
        guard calls[ticket.id] == nil else { return }
        let call = ActiveCall(
            ClientCall(
                ticket, encodeCall(configuration.wire, id: ticket.id, Probe.self, NoArguments()),
                method: ObjectIdentifier(Probe.self), name: Probe.name, isOneway: false,
                deadline: now.advanced(by: configuration.connectTimeout), completion: .handler { _ in }))
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
