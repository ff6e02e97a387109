internal import NIOCore
internal import StorageEngine

/// The engine's share of work that no request pays for, done in small slices on each event loop.
enum Housekeeping {
    /// How often each loop has a turn.
    static var interval: TimeAmount { .milliseconds(100) }
    /// How soon it has its next turn while there is more to do than fits one.
    private static var busyInterval: TimeAmount { .milliseconds(2) }

    /// Starts the turns of the loop that this is called on. They end with the loop.
    static func start<Engine: StorageEngine>(
        _ service: StorageService<Engine>, worker: Int, of workers: Int, on eventLoop: any EventLoop,
        in delay: TimeAmount = interval
    ) {
        eventLoop.assumeIsolated().scheduleTask(in: delay) {
            let isDone = service.maintain(worker: worker, of: workers)
            start(service, worker: worker, of: workers, on: eventLoop, in: isDone ? interval : busyInterval)
        }
    }
}
