//! The engine's log: attaching it, and waiting until it has kept a change.
//!
//! Threads: a session waits in a line of its own, on its event loop; the log's threads wake that loop.

internal import NIOCore
internal import NeedletailThreads
public import StorageEngine
public import WriteAheadLog

extension MemoryEngine {
    /// Has all changes from now on go to `log`. Called once, before the first change, when all that the log has was
    /// replayed.
    /// - Precondition: the engine was made for a log (`isLogged`).
    public func attach(_ log: WriteAheadLog) {
        precondition(shared.isLogged, "the engine was made without a log")
        for shard in shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            precondition(shard.log == nil, "a log is attached once")
            shard.log = log
        }
    }

    /// The log that changes go to; nil until it is attached, and without one.
    private var log: WriteAheadLog? {
        shards[0].lock.lock()
        defer { shards[0].lock.unlock() }
        return shards[0].log
    }

    public func confirm(
        _ level: Durability, session: MemorySession, _ body: @escaping ((any Error)?) -> Void
    ) -> Bool {
        guard level > .memory else { return false }
        let (log, line) = line(of: session)
        let change = session.lastChange
        switch level {
        case .memory: return false
        case .logged:
            if change <= log.loggedLSN { return false }
            line.wait(for: change, .logged, body)
        case .synced:
            if change <= log.syncedLSN { return false }
            line.wait(for: change, .synced, body)
        case .replicated: preconditionFailure("a log on one machine replicates nothing")
        }
        return true
    }

    public func joinGroup(_ level: Durability, session: MemorySession) -> Bool {
        guard level == .logged else { return false }
        let (log, line) = line(of: session)
        return session.lastChange <= log.loggedLSN || line.join(session.lastChange)
    }

    public func finishGroup(session: MemorySession) -> Bool { session.line?.line.finishGroup() ?? true }

    private func line(of session: MemorySession) -> (log: WriteAheadLog, line: CommitLine) {
        if let line = session.line { return line }
        guard let log, let eventLoop = session.eventLoop else {
            preconditionFailure("only a session on an event loop waits, and only for a log")
        }
        let waiting = NIOLoopBound(Weak(session), eventLoop: eventLoop)
        let line = log.makeLine(
            wake: { eventLoop.execute { waiting.value.session?.line?.line.drain() } },
            later: { eventLoop.assumeIsolated().execute($0) })
        session.line = (log, line)
        return (log, line)
    }

    /// Keeps the log from keeping the session.
    private struct Weak {
        weak var session: MemorySession?

        init(_ session: MemorySession) { self.session = session }
    }
}
