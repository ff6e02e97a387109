//! A soak from start to end: a server, its filling, scheduled load with chaos, and a last look at every entry.

internal import Timing

final class SoakContest {
    private let plan: SoakPlan
    private let serverPlan: ServerPlan
    private let cores: CorePlan
    private let directory: TemporaryDirectory
    private var server: ServerProcess
    private let clients: SoakClients
    private var chaos: SoakChaos
    private var intervals: [SoakInterval] = []
    private let onInterval: (SoakInterval) -> Void
    private let throttledBefore = Throttling.count()

    /// - Parameter onInterval: is told of each part of the run when it is over.
    init(
        _ plan: SoakPlan, executable: String?, disk: String?, on cores: CorePlan,
        onInterval: @escaping (SoakInterval) -> Void
    ) throws {
        self.plan = plan
        self.cores = cores
        self.onInterval = onInterval
        serverPlan = plan.serverPlan(executable: executable, disk: disk)
        directory = try serverPlan.makeDirectory()
        server = try ServerProcess(serverPlan, in: directory, on: cores.server)
        chaos = SoakChaos(plan)
        do {
            clients = try SoakClients(
                plan, at: server.address, watching: (cores.server ?? cores.all).union(.current()))
        } catch {
            server.stop()
            throw error
        }
    }

    var version: String { server.version }

    /// Runs to the end, or to where somebody interrupts it.
    /// - Returns: what came of it, the server having ended.
    func run() -> SoakResult {
        defer {
            server.resume()
            server.stop()
        }
        var isInterrupted = false
        var failure: String?
        do {
            Console.progress("storing \(grouped(plan.entries)) entries")
            try clients.storeAll()
            Console.endProgress()
            try runSchedule()
            try clients.readAll()
        } catch is Interrupted {
            isInterrupted = true
        } catch {
            // What there is says how it came to that.
            failure = "\(error)"
        }
        Console.endProgress()
        return SoakResult(
            plan: plan, figures: clients.figures, timeline: clients.timeline, intervals: intervals,
            doubtful: clients.model.doubtfulCount, throttled: Throttling.count() - throttledBefore,
            isInterrupted: isInterrupted, failure: failure)
    }

    // MARK: The schedule

    private func runSchedule() throws {
        clients.beginMeasuring()
        var start = clients.now
        let end = start + SoakTime(plan.seconds * 1e9)
        var schedule = ArrivalSchedule(rate: plan.rate, seed: plan.seed)
        var nextArrival = start + schedule.next()
        /// When calls were due that no connection had room for.
        var backlog: [SoakTime] = []
        var nextInterval = 1
        var nextLook = start
        chaos.begin(at: start)
        while clients.now < end || chaos.isFrozen {
            try Interruption.check()
            while nextArrival <= clients.now, nextArrival < end {
                backlog.append(nextArrival)
                nextArrival = start + schedule.next()
            }
            var begun = 0
            while begun < backlog.count, try clients.begin(scheduled: backlog[begun]) { begun += 1 }
            backlog.removeFirst(begun)
            if !backlog.isEmpty { clients.timeline.noteBacklog(at: clients.now) }
            if Double(backlog.count) > plan.rate * SoakPlan.answerSecondsMax {
                throw RunFailure.waiting(calls: backlog.count)
            }
            if try act(chaos.next(at: clients.now)) {
                // The server is another one. What was due while there was none is not asked.
                backlog.removeAll()
                schedule = ArrivalSchedule(rate: plan.rate, seed: plan.seed &+ UInt64(clients.figures.kills))
                start = clients.now
                nextArrival = start + schedule.next()
            }
            if clients.now >= nextLook {
                nextLook += SoakTime(plan.memoryLookSeconds * 1e9)
                if let sample = ProcessSample.take(of: server.process) {
                    clients.timeline.note(residentBytes: sample.residentBytes, at: clients.now)
                }
            }
            if clients.timeline.second(clients.now) >= Double(nextInterval) * plan.intervalSeconds, !chaos.isFrozen {
                nextInterval += 1
                try endInterval()
            }
            try clients.pass(until: min(nextArrival, nextLook, chaos.nextTime))
        }
        clients.isMeasuring = false
        clients.timeline.endSpan()
        if intervals.count < nextInterval { try endInterval() }
    }

    /// - Returns: whether the server is another one now.
    private func act(_ action: SoakChaos.Action) throws -> Bool {
        switch action {
        case .none: return false
        case .freeze(let until):
            clients.figures.freezes += 1
            clients.noteDisturbance(until: until)
            server.freeze()
            return false
        case .resume(let since):
            server.resume()
            clients.figures.frozenSeconds += Double(clients.now - since) / 1e9
            clients.noteDisturbance(until: clients.now)
            return false
        case .kill:
            server.kill()
            clients.figures.kills += 1
            clients.abandonAll()
            server = try ServerProcess(serverPlan, in: directory, on: cores.server)
            try clients.reconnect(to: server.address)
            try clients.readAll()
            clients.figures.readAfterKills += plan.entries
            clients.noteDisturbance(until: clients.now)
            return true
        }
    }

    private func endInterval() throws {
        // Asking takes a while, in which nothing else is asked.
        clients.noteDisturbance(until: clients.now)
        let interval = SoakInterval(
            clients, before: intervals.last, intervalSeconds: plan.intervalSeconds,
            server: try SoakServerCounts.read(server))
        clients.timeline.endInterval()
        intervals.append(interval)
        onInterval(interval)
    }
}
