//! The load generator. One thread does all of it: it sends calls, waits for answers with epoll, and counts. It shares the
//! machine with the server that it measures, so a call allocates nothing and no answer becomes an object.
//!
//! Always true between two calls of `run`: nothing is under way, so that runs of different kinds can take turns over the
//! same connections.

internal import Timing

struct Generator<Driver: LoadDriver>: ~Copyable {
    private let poller: Poller
    /// Those that all kinds of calls share, then those of calls that have their own.
    private var connections: [Connection]
    private let sharedCount: Int
    /// What a readable connection is received into; only the rest of a cut-off answer moves to the connection.
    private let inbox = ByteQueue(capacity: GeneratorLimits.receiveSize)
    private let keys: KeySpace
    private var inserts: Inserts
    private let clock = Clock.system

    /// Connects.
    /// - Parameters:
    ///   - sharedCount: connections for all kinds of calls but those that have their own.
    ///   - apartCount: connections for those.
    init(_ address: Address, connections sharedCount: Int, apart apartCount: Int = 0, _ keys: KeySpace) throws {
        let count = sharedCount + apartCount
        let poller = try Poller()
        var connections: [Connection] = []
        connections.reserveCapacity(count)
        do {
            for index in 0..<count {
                let socket = try Socket.connect(to: address)
                connections.append(Connection(socket))
                socket.makeNonBlocking()
                try poller.add(socket, tag: index)
            }
        } catch {
            for connection in connections { connection.socket.closeDescriptor() }
            throw error
        }
        self.poller = poller
        self.connections = connections
        self.sharedCount = sharedCount
        self.keys = keys
        inserts = Inserts(count: keys.count)
    }

    deinit { for connection in connections { connection.socket.closeDescriptor() } }

    /// The server's process, where the connection tells.
    var peerProcess: Int32? { connections.first?.socket.peerProcess }

    /// Does a run, to the last answer.
    /// - Throws: where the run cannot be ended in order. The connections are then good for nothing.
    mutating func run(_ plan: RunPlan, onSecond: ((SecondFigures) -> Void)? = nil) throws -> RunFigures {
        let inFlightMax =
            switch plan.pace {
            case .closed(let inFlight): inFlight
            case .open, .ramp: GeneratorLimits.backlogPerConnectionMax
            }
        for index in connections.indices { connections[index].prepare(inFlightMax: inFlightMax) }
        let cpuBefore = ThreadTime.nanoseconds()
        var run = Run<Driver>(plan, keys, inserts, clock)
        switch plan.pace {
        case .closed(let inFlight): try closedLoop(&run, inFlight: inFlight, onSecond)
        case .open, .ramp: try openLoop(&run, onSecond)
        }
        run.tick(clock.now().nanoseconds, onSecond, isLast: true)
        inserts = run.inserts
        run.figures.generatorCPUSeconds = Double(ThreadTime.nanoseconds() - cpuBefore) / 1e9
        return run.figures
    }

    private mutating func closedLoop(
        _ run: inout Run<Driver>, inFlight: Int, _ onSecond: ((SecondFigures) -> Void)?
    ) throws {
        for index in connections.indices where run.uses(apart: index >= sharedCount) {
            for _ in 0..<inFlight where run.mayBegin { try beginNext(index, &run) }
            try flush(index)
        }
        while run.unanswered > 0 {
            try pass(&run, timeoutMillis: GeneratorLimits.waitMillis, onSecond)
        }
    }

    private mutating func openLoop(_ run: inout Run<Driver>, _ onSecond: ((SecondFigures) -> Void)?) throws {
        while run.mayBegin || run.unanswered > 0 {
            // A wait may last up to a millisecond longer than asked; the rest of the time is spun away.
            let gap = run.mayBegin ? run.nextArrival - run.now : Int64(GeneratorLimits.waitMillis) * 1_000_000
            let timeout = min(max(gap / 1_000_000 - 1, 0), Int64(GeneratorLimits.waitMillis))
            try pass(&run, timeoutMillis: Int32(timeout), onSecond)
        }
    }

    /// Waits once and handles what is there.
    private mutating func pass(
        _ run: inout Run<Driver>, timeoutMillis: Int32, _ onSecond: ((SecondFigures) -> Void)?
    ) throws {
        let count = try poller.wait(timeoutMillis: timeoutMillis)
        if run.isOpen || count == 0 { run.now = clock.now().nanoseconds }
        try sendDue(&run)
        for position in 0..<count {
            let event = poller.event(position)
            if event.isReadable { try receive(event.tag, &run) }
            try flush(event.tag)
            try sendDue(&run)
        }
        try run.checkTime()
        run.tick(run.now, onSecond)
    }

    /// Open loop: sends what is due by now, each call on the next connection.
    @inline(__always)
    private mutating func sendDue(_ run: inout Run<Driver>) throws {
        guard run.isOpen else { return }
        while run.nextArrival <= run.now, run.mayBegin {
            let due = run.nextArrival
            let kind = run.drawKind()
            let index = nextConnection(for: kind, &run)
            run.advanceArrival()
            try begin(kind, on: index, due: due, &run)
            run.noteBegun()
            try flush(index)
            run.now = clock.now().nanoseconds
        }
    }

    /// The connection whose turn it is.
    @inline(__always)
    private func nextConnection(for kind: Int, _ run: inout Run<Driver>) -> Int {
        if run.kinds.span[kind].isApart {
            let index = sharedCount &+ run.nextApart
            run.nextApart = index &+ 1 == connections.count ? 0 : run.nextApart &+ 1
            return index
        }
        let index = run.nextShared
        run.nextShared = index &+ 1 == sharedCount ? 0 : index &+ 1
        return index
    }

    /// Closed loop: begins another call on a connection.
    @inline(__always)
    private mutating func beginNext(_ index: Int, _ run: inout Run<Driver>) throws {
        try begin(run.drawKind(isApart: index >= sharedCount), on: index, due: run.now, &run)
        run.noteBegun()
    }

    @inline(__always)
    private mutating func begin(_ kind: Int, on index: Int, due: Int64, _ run: inout Run<Driver>) throws {
        if run.kinds.span[kind].isInsert {
            run.choosers[kind] = run.choosers[kind].resumed(at: UInt64(run.inserts.begin()))
        }
        run.choosers[kind].newest = run.inserts.newest
        try send(kind, on: index, due: due, sent: run.now, &run)
    }

    /// Begins the call that follows on an answered one, about the same key. The two are one operation, which was sent when
    /// the first was: else what the first took would count as the generator's lateness.
    private mutating func proceed(_ call: CallSlot, _ kind: Int, on index: Int, _ run: inout Run<Driver>) throws {
        run.choosers[kind] = run.choosers[kind].resumed(at: call.keys, newest: call.newest)
        try send(kind, on: index, due: call.scheduledNanoseconds, sent: call.sentNanoseconds, &run)
    }

    /// Sends a call whose keys the kind's chooser draws from where it stands.
    @inline(__always)
    private mutating func send(
        _ kind: Int, on index: Int, due: Int64, sent: Int64, _ run: inout Run<Driver>
    ) throws {
        let call = CallSlot(
            scheduledNanoseconds: due, sentNanoseconds: sent, keys: run.choosers[kind].state,
            newest: run.choosers[kind].newest, kind: UInt16(truncatingIfNeeded: kind))
        guard let id = connections[index].open(call) else {
            throw RunFailure.backlog(calls: connections[index].slots.count, connection: index)
        }
        var template = run.kinds.span[kind].templates.lowerBound
        if run.kinds.span[kind].templates.count > 1 {
            // The key says which size the request has.
            var draw = run.choosers[kind]
            template &+= EntrySizes.index(of: draw.next())
        }
        connections[index].outgoing.append(run.templates.span[template], id: id, &run.choosers[kind])
    }

    @inline(__always)
    private mutating func flush(_ index: Int) throws {
        if connections[index].outgoing.isEmpty { return }
        let isAllSent = try connections[index].outgoing.send(to: connections[index].socket)
        if isAllSent == connections[index].awaitsRoom {
            connections[index].awaitsRoom = !isAllSent
            try poller.change(connections[index].socket, tag: index, wantsWritable: !isAllSent)
        }
    }

    /// Receives once, counts the answers that are complete, and in a closed loop begins a call for each.
    private mutating func receive(_ index: Int, _ run: inout Run<Driver>) throws {
        let partial = connections[index].partial
        let queue = partial.isEmpty ? inbox : partial
        // No more, though a queue that has grown has room for it: the next call may be due.
        guard
            let count = try queue.receive(
                from: connections[index].socket, room: GeneratorLimits.receiveSize, atMost: GeneratorLimits.receiveSize)
        else { return }
        if count == 0 { throw RunFailure.closedByServer }
        run.now = clock.now().nanoseconds
        let consumed = try queue.withBytes { bytes throws -> Int in
            var start = 0
            while start < bytes.count {
                let rest = bytes.extracting(start..<bytes.count)
                guard let kind = try kind(ofAnswer: rest, on: index, run) else { break }
                guard try run.kinds.span[kind].driver.scan(rest, &connections[index].scan) else { break }
                let isLast = try finish(index, rest, &run)
                start &+= connections[index].scan.offset
                connections[index].scan = AnswerScan()
                if isLast, !run.isOpen, run.mayBegin { try beginNext(index, &run) }
            }
            if queue === inbox, start < bytes.count { partial.append(bytes.extracting(start..<bytes.count)) }
            return queue === inbox ? bytes.count : start
        }
        queue.consume(consumed)
    }

    /// The kind of the call whose answer begins there; nil where too little of it has come to know.
    @inline(__always)
    private func kind(ofAnswer bytes: Span<UInt8>, on index: Int, _ run: borrowing Run<Driver>) throws -> Int? {
        if run.kinds.count == 1 { return 0 }
        var id: UInt32?
        if Driver.answersCarryIDs {
            id = try Driver.callID(bytes)
            if id == nil { return nil }
        }
        guard let kind = connections[index].kind(id) else { throw RunFailure.answerToNoCall }
        return kind
    }

    /// Counts an answer.
    /// - Returns: whether it was its call's last.
    @inline(__always)
    private mutating func finish(_ index: Int, _ bytes: Span<UInt8>, _ run: inout Run<Driver>) throws -> Bool {
        let scan = connections[index].scan
        guard let call = connections[index].close(Driver.answersCarryIDs ? scan.id : nil) else {
            throw RunFailure.answerToNoCall
        }
        let kind = Int(call.kind)
        run.noteKeys(scan)
        if run.plan.verifies
            || scan.found != run.kinds.span[kind].shape.keysPerCall && run.figures.firstProblem == nil
        {
            run.look(bytes, scan, call)
        }
        if let next = run.kinds.span[kind].continuation, !scan.isError {
            try proceed(call, next, on: index, &run)
            return false
        }
        run.noteAnswered(call, scan)
        return true
    }
}

/// The generator's bounds.
enum GeneratorLimits {
    /// Received at a time: an answer of 1,000 values of 100 bytes, and then some.
    static let receiveSize = 256 * 1_024
    /// Of an open loop: the oldest unanswered call on a connection may be `overtakingMax` times as many behind the newest,
    /// whether the server's answers come in order or not. Over 50 connections these are four seconds of 100,000 a second.
    static let backlogPerConnectionMax = 1_024
    /// How many later calls may be answered before a call is, for each that may be under way: answers of writes that are
    /// kept, and of reads beside them, overtake each other.
    static let overtakingMax = 8
    /// How long to wait for events before looking at the time.
    static let waitMillis: Int32 = 100
    /// How long after its end a run waits for answers.
    static let drainSeconds = 10
}
