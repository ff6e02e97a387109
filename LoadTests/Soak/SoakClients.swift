//! The connections of a soak, on one thread: they make the calls that they are given, hold every answer against the model,
//! end in all the ways in which connections end, and are replaced.
//!
//! Always true: what is under way in the model is under way on a connection, or in doubt.

internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI
internal import Timing

final class SoakClients {
    private let plan: SoakPlan
    private let poller: Poller
    private let clock = Clock.system
    private(set) var address: Address
    private var connections: [SoakConnection?]
    private var nextConnection = 0
    private var nextSlowRead: SoakTime = 0
    private var nextStallCheck: SoakTime = 0
    private var mix: SoakMix
    var model: SoakModel
    var figures = SoakFigures()
    var timeline: SoakTimeline
    /// Calls that were made before measuring began, and keys that they stored.
    private(set) var callsBefore = 0
    private(set) var hitsBefore = 0
    /// The clock when it was last read.
    private(set) var now: SoakTime
    /// Whether latencies count, and connections end. Else every call is answered, if the server can.
    var isMeasuring = false
    /// Errors before this have been provoked.
    private var provokedUntil: SoakTime = .min
    /// The server's cores and ours, and what the host had taken of them when it was last asked.
    private let cores: CoreSet
    private var stolen = StolenTime.soFar()

    init(_ plan: SoakPlan, at address: Address, watching cores: CoreSet) throws {
        self.plan = plan
        self.cores = cores
        self.address = address
        poller = try Poller()
        connections = Array(repeating: nil, count: plan.connections + plan.slowReaders)
        mix = SoakMix(entries: plan.entries, seed: plan.seed)
        model = SoakModel(SoakContent(count: plan.entries), evicts: !plan.kills)
        now = clock.now().nanoseconds
        timeline = SoakTimeline(plan, start: now)
        for index in connections.indices { try open(index) }
    }

    deinit { for connection in connections { _ = connection?.close() } }

    /// Begins to measure.
    func beginMeasuring() {
        now = clock.now().nanoseconds
        timeline = SoakTimeline(plan, start: now)
        stolen = .soFar()
        callsBefore = figures.calls
        hitsBefore = figures.hits
        isMeasuring = true
    }

    /// Calls under way on connections that read at once.
    var underWay: Int { connections.prefix(plan.connections).reduce(0) { $0 + ($1?.calls.count ?? 0) } }

    // MARK: Connections

    private func isSlow(_ index: Int) -> Bool { index >= plan.connections }

    private func open(_ index: Int) throws {
        let isSlow = isSlow(index)
        let connection = try SoakConnection(
            address, mix.wire(), isSlow: isSlow,
            callsMax: isSlow ? .max : mix.draw(plan.callsPerConnection), mix.ending())
        connections[index] = connection
        // Who reads slowly is not told that there is something to read.
        if !isSlow { try poller.add(connection.socket, tag: index) }
    }

    /// Closes a connection, and opens another in its place.
    private func replace(_ index: Int, resetting: Bool = false) throws {
        if let connection = connections[index] { abandon(connection.close(resetting: resetting)) }
        connections[index] = nil
        try open(index)
    }

    /// Nobody will hear of these calls.
    private func abandon(_ calls: [SoakCallUnderWay], rest: SoakTime = SoakModel.restNanoseconds) {
        for underWay in calls {
            figures.note(underWay.call.operation) { $0.unanswered += 1 }
            if let write = underWay.call.write { model.endInDoubt(write, at: now, rest: rest) }
        }
    }

    /// The server is gone: so are all connections. What it had not executed it never will.
    func abandonAll() {
        now = clock.now().nanoseconds
        for index in connections.indices {
            if let connection = connections[index] { abandon(connection.close(), rest: 0) }
            connections[index] = nil
        }
        model.endRests(at: now)
    }

    /// Connects to a server that has taken the place of the one before.
    func reconnect(to address: Address) throws {
        self.address = address
        for index in connections.indices { try open(index) }
    }

    /// What happens until `end`, and a moment longer, is our doing.
    func noteDisturbance(until end: SoakTime) {
        timeline.noteDisturbance(until: end + SoakTime(SoakPlan.calmSeconds * 1e9))
        model.noteDisturbance(until: end + SoakModel.expirySlackNanoseconds)
        provokedUntil = max(provokedUntil, end + SoakModel.expirySlackNanoseconds)
    }

    // MARK: Calls

    /// Makes a call of the mix.
    /// - Returns: false if no connection has room for one.
    func begin(scheduled: SoakTime) throws -> Bool {
        guard let index = freeConnection() else { return false }
        try begin(mix.next(&model, at: now), index, scheduled: scheduled)
        return true
    }

    /// Makes a call that `make` begins in the model.
    /// - Returns: false if no connection has room for one.
    func begin(_ make: (inout SoakMix, inout SoakModel, SoakTime) -> SoakCall) throws -> Bool {
        guard let index = freeConnection() else { return false }
        try begin(make(&mix, &model, now), index, scheduled: now)
        return true
    }

    private func freeConnection() -> Int? {
        for _ in 0..<plan.connections {
            let index = nextConnection
            nextConnection = (index + 1) % plan.connections
            if let connection = connections[index], !connection.isLeaving,
                connection.calls.count < SoakPlan.inFlightMax
            {
                return index
            }
        }
        return nil
    }

    private func begin(_ call: SoakCall, _ index: Int, scheduled: SoakTime) throws {
        guard let connection = connections[index] else { preconditionFailure("a connection that has room is there") }
        figures.note(call.operation) { $0.calls += 1 }
        connection.begin(call, model.content, scheduled: scheduled, at: now, isCounted: isMeasuring)
        if try flush(index), connection.isLeaving { try leave(index) }
    }

    /// The connection has made its last call: ends it, unless it awaits an answer first.
    private func leave(_ index: Int) throws {
        guard let connection = connections[index] else { return }
        switch connection.ending {
        case .orderly:
            guard connection.calls.isEmpty else { return }
            figures.note(.orderly)
            try replace(index)
        case .inAnswer: break
        case .unanswered:
            figures.note(.unanswered)
            try replace(index, resetting: true)
        case .inRequest:
            if let call = mix.nextPut(&model, at: now), let write = call.write {
                connection.beginPart(of: call, share: Double(mix.draw(1...9)) / 10, model.content)
                // Half a request is none: a value of it would be one that was never written.
                model.endRefused(write)
            }
            guard try flush(index) else { return }
            figures.note(.inRequest)
            try replace(index)
        }
    }

    /// Sends what the socket takes.
    /// - Returns: whether the connection is still there.
    private func flush(_ index: Int) throws -> Bool {
        guard let connection = connections[index], !connection.outgoing.isEmpty else { return true }
        do {
            let isAllSent = try connection.outgoing.send(to: connection.socket)
            if !isSlow(index), isAllSent == connection.awaitsRoom {
                connection.awaitsRoom = !isAllSent
                try poller.change(connection.socket, tag: index, wantsWritable: !isAllSent)
            }
            return true
        } catch {
            try lose(index, "\(error)")
            return false
        }
    }

    /// The connection has broken, and not by us.
    private func lose(_ index: Int, _ why: String) throws {
        figures.note(error: why, isProvoked: now < provokedUntil)
        try replace(index)
    }

    // MARK: Answers

    /// Waits once and handles what is there.
    func pass(until wake: SoakTime) throws {
        let count = try poller.wait(timeoutNanoseconds: min(wake, nextSlowRead) - now)
        let before = now
        now = clock.now().nanoseconds
        if Double(now - max(before, min(wake, nextSlowRead))) > SoakPlan.stallSeconds * 1e9 {
            figures.stalls += 1
            noteDisturbance(until: now)
        }
        for position in 0..<count {
            let event = poller.event(position)
            guard try flush(event.tag) else { continue }
            if event.isReadable { try receive(event.tag, atMost: .max) }
        }
        if now >= nextSlowRead {
            nextSlowRead = now + SoakPlan.slowReadNanoseconds
            for index in connections.indices where isSlow(index) { try readSlowly(index) }
        }
        if now >= nextStallCheck {
            nextStallCheck = now + 1_000_000_000
            try checkAnswers()
        }
        timeline.advance(to: now) {
            let before = stolen
            stolen = .soFar()
            return stolen.seconds(since: before, of: cores)
        }
    }

    private func readSlowly(_ index: Int) throws {
        guard let connection = connections[index] else { return }
        if isMeasuring, connection.calls.count < SoakPlan.slowInFlight {
            let call = mix.nextMultiGet(keys: SoakPlan.slowKeysPerCall, &model, at: now)
            figures.note(call.operation) { $0.calls += 1 }
            connection.begin(call, model.content, scheduled: now, at: now)
        }
        guard try flush(index) else { return }
        try receive(index, atMost: SoakPlan.slowReadBytes)
    }

    private func receive(_ index: Int, atMost sizeMax: Int) throws {
        guard let connection = connections[index] else { return }
        let cutsAnswer = connection.isLeaving && connection.ending == .inAnswer
        do {
            guard let count = try connection.receive(atMost: cutsAnswer ? 1 : sizeMax) else { return }
            guard count > 0 else { return try lose(index, "the server closed a connection") }
            if cutsAnswer {
                figures.note(.inAnswer)
                return try replace(index)
            }
            while let (message, underWay) = try connection.nextAnswer() { finish(message, underWay, connection) }
        } catch let fault as SoakFault {
            figures.note(fault, second: timeline.second(now))
            return try replace(index)
        } catch let malformed as MalformedAnswer {
            figures.note(SoakFault(kind: .malformed, detail: "\(malformed)"), second: timeline.second(now))
            return try replace(index)
        } catch {
            return try lose(index, "\(error)")
        }
        if connection.isLeaving, connection.calls.isEmpty { try leave(index) }
    }

    private func finish(_ message: ByteBuffer, _ underWay: SoakCallUnderWay, _ connection: SoakConnection) {
        let call = underWay.call
        if connection.isSlow {
            figures.slowAnswers += 1
        } else if isMeasuring {
            timeline.note(latency: now - underWay.scheduled)
        }
        do {
            let outcome = try call.judge(message, connection.wire.format, &model, at: now)
            figures.note(call.operation) {
                $0.hits += outcome.hits
                $0.misses += outcome.misses
            }
            return
        } catch let refusal as SoakRefusal {
            figures.note(call.operation) { $0.refused += 1 }
            figures.note(error: "\(call.operation.rawValue): \(refusal.kind)", isProvoked: now < provokedUntil)
            if let write = call.write, refusal.effect == .notExecuted { model.endRefused(write) }
        } catch {
            figures.note(call.operation) { $0.wrong += 1 }
            figures.note(
                error as? SoakFault ?? SoakFault(kind: .malformed, detail: "\(error)"), second: timeline.second(now))
        }
        if let write = call.write, model.isUnderWay(write) { model.endInDoubt(write, at: now) }
    }

    /// Gives up connections whose answers do not come.
    private func checkAnswers() throws {
        for index in connections.indices where !isSlow(index) {
            guard let oldest = connections[index]?.calls.first,
                Double(now - max(oldest.sent, provokedUntil)) > SoakPlan.answerSecondsMax * 1e9
            else { continue }
            try lose(index, "no answer within \(fixed(SoakPlan.answerSecondsMax, 0)) s")
        }
    }
}
