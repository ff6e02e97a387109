import WriteAheadLog

/// The waiters of one life.
final class LifeLine {
    private final class Owner: @unchecked Sendable {
        var isWoken = false
        var deferred: [() -> Void] = []
    }

    private let owner: Owner
    private let line: CommitLine
    /// The greatest LSNs of which waiters were told that their level was reached.
    private(set) var told: [LogLevel: Int64] = [:]

    init(_ log: WriteAheadLog) {
        let owner = Owner()
        self.owner = owner
        line = log.makeLine(wake: { owner.isWoken = true }, later: { owner.deferred.append($0) })
    }

    var isWoken: Bool { owner.isWoken }

    func wait(_ lsn: Int64, _ level: LogLevel) {
        line.wait(for: lsn, level) { [unowned self] refusal in
            if refusal == nil { told[level] = max(told[level] ?? 0, lsn) }
        }
    }

    func endTurn() {
        let deferred = owner.deferred
        owner.deferred = []
        for body in deferred { body() }
    }

    func drain() {
        owner.isWoken = false
        line.drain()
    }
}
