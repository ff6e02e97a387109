//! Looks at the server while the generator's thread is measuring, on a thread of its own, which runs where the generator
//! does, away from the server.
//!
//! Looking costs the server time too: `/stats` is answered on the core that answers the measured calls. So it is asked
//! seldom enough to stay below a hundredth of the time, and in windows without a snapshot just as often.

internal import Foundation
internal import Synchronization
internal import Timing

final class SnapshotWatcher: Sendable {
    /// Between two looks at the server's memory, which cost it nothing.
    private static let lookMillis = 20
    /// Looks at memory for each look at `/stats`.
    private static let looksPerState = 10

    private struct State {
        var watch: SnapshotWatch
        var failure: (any Error)?
    }

    private let adminPort: Int
    private let process: Int32
    private let state: Mutex<State>
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Takes the first look, asks for a snapshot if one is to run, and goes on by itself.
    init(adminPort: Int, process: Int32, keepsSnapshotRunning: Bool) throws {
        self.adminPort = adminPort
        self.process = process
        state = Mutex(State(watch: SnapshotWatch(keepsOneRunning: keepsSnapshotRunning)))
        try lookAtState()
        Thread { [self] in
            watch()
            ended.signal()
        }.start()
    }

    /// Takes the last look.
    func stop() throws -> SnapshotWatch {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        let (watch, failure) = state.withLock { ($0.watch, $0.failure) }
        if let failure { throw failure }
        return watch
    }

    private func watch() {
        var looks = 0
        do {
            while !isStopping.load(ordering: .relaxed) {
                ThreadTime.sleep(milliseconds: Self.lookMillis)
                if let sample = ProcessSample.take(of: process) {
                    state.withLock { $0.watch.note(residentBytes: sample.residentBytes) }
                }
                looks += 1
                if looks.isMultiple(of: Self.looksPerState) { try lookAtState() }
            }
            try lookAtState()
        } catch {
            state.withLock { $0.failure = error }
        }
    }

    private func lookAtState() throws {
        let log = try LogState.read(adminPort: adminPort)
        let now = Clock.system.now().nanoseconds
        switch state.withLock({ $0.watch.note(log, nanoseconds: now) }) {
        case .wait: break
        case .askForSnapshot: try LogState.askForSnapshot(adminPort: adminPort)
        }
    }
}
