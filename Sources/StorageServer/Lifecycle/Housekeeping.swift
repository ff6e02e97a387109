internal import NIOCore
internal import StorageEngine

/// The engine's share of work that no request pays for, done in small slices on each event loop.
enum Housekeeping {
    /// How often each loop has a turn.
    private static var interval: TimeAmount { .milliseconds(100) }

    /// Starts the turns of the loop that this is called on. They end with the loop.
    static func start<Engine: StorageEngine>(
        _ service: StorageService<Engine>, worker: Int, of workers: Int, on eventLoop: any EventLoop
    ) {
        eventLoop.assumeIsolated().scheduleTask(in: interval) {
            service.maintain(worker: worker, of: workers)
            start(service, worker: worker, of: workers, on: eventLoop)
        }
    }
}
