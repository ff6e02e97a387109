//! A server whose log is filled once and then loaded over and over, from its process' start to its first right answer.

internal import Timing

/// One start of a server.
struct RecoveryStart: Codable, Hashable, Sendable {
    /// From before the process was made to the first right answer.
    var firstReadSeconds: Double
    /// User and system time of the process until then.
    var cpuSeconds: Double?
    /// Loading alone, as the server's own log says it; nil where it does not.
    var reportedSeconds: Double?
    /// The same, over an empty directory, just before.
    var emptySeconds: Double
    /// How often the container's quota stopped us meanwhile; such a start does not count.
    var throttled: Int

    /// For whoever watches.
    var line: String {
        let reported = reportedSeconds.map { ", its log says \(fixed($0, 3)) s" } ?? ""
        return "\(fixed(firstReadSeconds, 3)) s to the first right read\(reported), "
            + "\(fixed(emptySeconds, 3)) s without records"
            + (throttled > 0 ? ", DOES NOT COUNT: the container's CPU quota stopped us" : "")
    }

    /// Loading alone: as the server says it, else what it takes longer than over an empty directory.
    var loadingSeconds: Double? {
        if let reportedSeconds, reportedSeconds > 0 { return reportedSeconds }
        return firstReadSeconds > emptySeconds ? firstReadSeconds - emptySeconds : nil
    }
}

final class RecoveryContender {
    let title: String
    let version: String
    /// Bytes of the files that are loaded, with what is reserved in them for more.
    let logBytes: Int
    private let plan: ServerPlan
    private let executable: String
    private let keys: KeySpace
    private let directory: TemporaryDirectory
    private let isMemoryReady: Bool

    /// Fills the log: a put for each entry, in order, and an end in order, after which the log is on the disk.
    /// - Parameter isMemoryReady: whether a start finds the memory that it needs free in the kernel, not with a host.
    init(_ plan: ServerPlan, _ keys: KeySpace, on cores: CoreSet?, isMemoryReady: Bool) throws {
        self.isMemoryReady = isMemoryReady
        self.plan = plan
        self.keys = keys
        title = plan.kind.title
        executable = try plan.findExecutable()
        directory = try plan.makeDirectory()
        let server = try ServerProcess(plan, in: directory, on: cores)
        defer { server.stop() }
        version = server.version
        Console.progress("filling \(title) with \(grouped(keys.count)) records")
        _ = try Self.session(plan, server.address, keys).load(.put)
        try server.stopInOrder()
        logBytes = try DataFiles.readAll(below: directory.path("data"))
        Console.endProgress()
    }

    private static func session(_ plan: ServerPlan, _ address: Address, _ keys: KeySpace) throws -> LoadSession {
        try LoadSession(
            title: plan.kind.title, address, plan.kind == .needletail ? .messagePack : .redis,
            connections: RecoveryBounds.connections, keys, process: nil, seed: 0)
    }

    /// Starts the server over an empty directory, and then over the filled one.
    /// - Parameter verifies: read every entry once the first read is answered, and compare it.
    func start(on cores: CoreSet, verifies: Bool) throws -> RecoveryStart {
        let throttledBefore = Throttling.count()
        let empty = try start(in: plan.makeDirectory(), isFilled: false, on: cores, verifies: false)
        var start = try start(in: directory, isFilled: true, on: cores, verifies: verifies)
        start.emptySeconds = empty.firstReadSeconds
        start.throttled = Throttling.count() - throttledBefore
        return start
    }

    private func start(
        in directory: TemporaryDirectory, isFilled: Bool, on cores: CoreSet, verifies: Bool
    ) throws -> RecoveryStart {
        // Both servers find their files in the kernel's memory, however long ago they were written.
        try DataFiles.readAll(below: directory.path("data"))
        // And the memory that they need.
        if isFilled, isMemoryReady {
            try FreeMemory.fetch(bytes: RecoveryBounds.memoryPerByte * keys.count * (keys.keySize + keys.valueSize))
        }
        let port = try Socket.freePort()
        let log = directory.path("log")
        var plan = plan
        plan.eventLoops = cores.cores.count
        let begin = Clock.system.now()
        let child = try ChildProcess(
            executable, plan.arguments(port: port, in: directory.path("data")), on: cores, output: log)
        defer { child.stop() }
        let address = Address.loopback(port)
        let answered: MonotonicTime
        do {
            answered = try firstRead(of: child, at: address, isThere: isFilled)
        } catch let error as ServerError {
            throw ServerError("\(title): \(error); its log: \((contents(ofFile: log) ?? "").suffix(500))")
        }
        let sample = ProcessSample.take(of: child.identifier)
        let reported = isFilled ? reportedSeconds(log) : nil
        if verifies { try Self.session(plan, address, keys).readAll() }
        child.stop()
        guard child.hasSucceeded else { throw ServerError("\(title) did not end in order") }
        return RecoveryStart(
            firstReadSeconds: Double(answered.nanoseconds(since: begin)) / 1e9, cpuSeconds: sample?.cpuSeconds,
            reportedSeconds: reported, emptySeconds: 0, throttled: 0)
    }

    /// The entry to ask for is the one that was written last, so that a server that answers while it loads has all.
    private func firstRead(of child: ChildProcess, at address: Address, isThere: Bool) throws -> MonotonicTime {
        let last = keys.count - 1
        return plan.kind == .needletail
            ? try ReadProbe<MessagePackDriver>(keys, entry: last, isThere: isThere).wait(for: child, at: address)
            : try ReadProbe<RESPDriver>(keys, entry: last, isThere: isThere).wait(for: child, at: address)
    }

    private func reportedSeconds(_ log: String) -> Double? {
        for _ in 0..<RecoveryBounds.reportMillisMax / RecoveryBounds.pollMillis {
            if let seconds = contents(ofFile: log).flatMap({ LoadingReport.seconds(plan.kind, in: $0) }) {
                return seconds
            }
            ThreadTime.sleep(milliseconds: RecoveryBounds.pollMillis)
        }
        return nil
    }
}
