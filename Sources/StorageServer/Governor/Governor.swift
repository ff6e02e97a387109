//! Keeps the process below its memory limit: a thread that reads the figures a few times a second, has `MemoryGovernor`
//! judge them, and carries out what that says.
//!
//! Threads: one of its own, of low priority, because reading figures and trimming the allocator take longer than an event
//! loop may. Event loops are told when their share of buffers changes, by a task on each; writes look at the gate. So while
//! nothing changes, nothing is added to a call but that look.
//!
//! Always true: the gate is closed exactly at the level `refusing`, if the store is in this process.

internal import Logging
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import Synchronization
internal import Timing

final class Governor: Sendable {
    /// How often the figures are read. Memory that is asked for at 1 GB/s grows by 200 MB between two readings.
    private static let intervalMillis: Int64 = 200

    private struct State {
        var memory = MemoryGovernor()
        var trimming = AllocatorTrimming()
        var trims = 0
        /// The last one that could be made.
        var reading: MemoryReading?
        var isBlind = false
    }

    private struct AllocatorLook {
        let figures: AllocatorFigures
        let time: MonotonicTime
    }

    let groups: ControlGroups
    let gate = MemoryGate()
    private let isEnabled: Bool
    private let holdsStore: Bool
    private let processLimitBytes: Int
    private let clock: Clock
    private let logger: Logger
    private let state = Mutex(State())
    private let allocator = Mutex<AllocatorLook?>(nil)
    private let end = Signal()

    /// - Parameters:
    ///   - holdsStore: whether it is this process that grows by writes.
    ///   - machineBytes: the machine's memory.
    init(
        _ configuration: ServerConfiguration.Governor, holdsStore: Bool,
        groups: ControlGroups = ControlGroups(root: ""),
        machineBytes: Int = ContainerLimits.machineMemoryBytes(), clock: Clock = .system, logger: Logger
    ) {
        isEnabled = configuration.enabled
        self.holdsStore = holdsStore
        self.groups = groups
        processLimitBytes =
            configuration.memoryLimitBytes == 0 ? machineBytes : min(configuration.memoryLimitBytes, machineBytes)
        self.clock = clock
        self.logger = logger
    }

    /// Begins to govern.
    /// - Parameter economize: has event loops keep this share of what they may, in percent.
    /// - Returns: the end of it, which is called once and waits for what is being done.
    func start(economize: @escaping @Sendable (Int) -> Void) -> () -> Void {
        guard isEnabled else { return {} }
        let thread = DedicatedThread("governor", priority: .low) { [self] in
            repeat {
                step(economize: economize)
            } while !end.wait(until: Clock.system.now().advanced(byMilliseconds: Self.intervalMillis))
        }
        return { [end] in
            end.raise()
            thread.join()
        }
    }

    /// Reads the figures once, and does what they ask for.
    func step(economize: (Int) -> Void) {
        if let reading {
            obey(reading, economize)
        } else {
            // Figures that are not there are no sign of room: all stays as it is.
            let wasBlind = state.withLock { state in
                defer { state.isBlind = true }
                return state.isBlind
            }
            if !wasBlind { logger.warning("what memory is used cannot be read; the governor leaves all as it is") }
        }
        let now = clock.now()
        let (level, looksAtAllocator) = state.withLock {
            ($0.memory.level, $0.trimming.isDue($0.memory.level, at: now))
        }
        if looksAtAllocator { trim(level, at: now) }
    }

    private func obey(_ reading: MemoryReading, _ economize: (Int) -> Void) {
        let (isChanged, old, new) = state.withLock { state in
            (state.reading, state.isBlind) = (reading, false)
            let old = state.memory
            let isChanged = state.memory.observe(reading)
            return (isChanged, old, state.memory)
        }
        guard isChanged else { return }
        if holdsStore { gate.set(isOpen: new.level != .refusing) }
        if new.bufferPercent != old.bufferPercent { economize(new.bufferPercent) }
        if new.level != old.level { tell(new.level, reading) }
    }

    private func trim(_ level: MemoryGovernor.Level, at now: MonotonicTime) {
        let figures = AllocatorFigures.sample()
        allocator.withLock { $0 = AllocatorLook(figures: figures, time: now) }
        let trims = state.withLock { state in
            state.trimming.decide(
                level, freeBytes: figures.freeBytes, limitBytes: state.reading?.limitBytes ?? processLimitBytes, at: now
            )
        }
        guard trims else { return }
        AllocatorFigures.trim()
        state.withLock { $0.trims += 1 }
    }

    private func tell(_ level: MemoryGovernor.Level, _ reading: MemoryReading) {
        let metadata: Logger.Metadata = ["usedBytes": "\(reading.usedBytes)", "limitBytes": "\(reading.limitBytes)"]
        switch level {
        case .normal: logger.info("memory is no longer short", metadata: metadata)
        case .shrinking: logger.notice("memory is short: fewer buffers are kept", metadata: metadata)
        case .refusing:
            logger.warning(
                holdsStore
                    ? "memory is nearly full: writes that make the store grow are refused"
                    : "memory is nearly full: no buffers are kept", metadata: metadata)
        }
    }

    private var reading: MemoryReading? { MemoryReading.current(groups, processLimitBytes: processLimitBytes) }

    // MARK: Figures

    var level: MemoryGovernor.Level { state.withLock { $0.memory.level } }

    /// What the allocator held when it was last looked at: for whoever shows it, since a look takes the lock of one arena
    /// after the other. The governor's thread looks every ten seconds; where it does not run, who asks does, as seldom.
    func allocatorFigures() -> AllocatorFigures {
        let now = clock.now()
        return allocator.withLock { look in
            if let last = look {
                let end = last.time.advanced(byMilliseconds: AllocatorTrimming.lookIntervalMillis)
                if isEnabled || now < end { return last.figures }
            }
            let figures = AllocatorFigures.sample()
            look = AllocatorLook(figures: figures, time: now)
            return figures
        }
    }

    /// For `/stats`.
    func report() -> ServerReport.Governor {
        let now = reading
        let (memory, trims, last) = state.withLock { ($0.memory, $0.trims, $0.reading) }
        let reading = now ?? last ?? MemoryReading(usedBytes: 0, limitBytes: processLimitBytes)
        return ServerReport.Governor(
            enabled: isEnabled, level: "\(memory.level)", memoryUsedBytes: reading.usedBytes,
            memoryLimitBytes: reading.limitBytes, bufferPercent: memory.bufferPercent, writesRefused: gate.refusalCount,
            trims: trims)
    }

    func families() -> [MetricFamily] {
        let report = report()
        return [
            MetricFamily(
                "governor_level", .gauge, "0: memory suffices, 1: buffers are kept back, 2: writes are refused.",
                value: Double(level.rawValue)),
            MetricFamily(
                "governor_memory_used_bytes", .gauge, "Memory that counts against the limit that is nearest.",
                value: Double(report.memoryUsedBytes)),
            MetricFamily(
                "governor_memory_limit_bytes", .gauge, "The memory limit that is nearest to being used up.",
                value: Double(report.memoryLimitBytes)),
            MetricFamily(
                "governor_buffer_ratio", .gauge,
                "What event loops may keep of their buffers, and of the range of their limits on calls in flight.",
                value: Double(report.bufferPercent) / 100),
            MetricFamily(
                "governor_refused_total", .counter, "Writes that were refused because memory is nearly full.",
                value: Double(report.writesRefused)),
            MetricFamily(
                "governor_trims_total", .counter, "Times that the allocator was told to give free memory back.",
                value: Double(report.trims)),
        ]
    }
}
