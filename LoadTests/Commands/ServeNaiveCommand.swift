//! `needletail-load serve-naive`: Needletail over a Redis with a naive decoder for the history's Thrift blobs, for the case
//! study, which starts it. Otherwise it is what `needletail serve` is, with the same flags and the same line when it is
//! ready, so that the decoder is all that two servers differ in. The needletail executable has no such decoder.

internal import ArgumentParser
internal import Dispatch
internal import Logging
internal import NeedletailTelemetry
internal import ServiceLifecycle
internal import StorageServer
internal import Synchronization
internal import UnixSignals

struct ServeNaiveCommand: ParsableCommand {
    static let name = "serve-naive"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Serve with a naive decoder for Thrift blobs, for the case study.",
        shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough, help: "Flags of needletail serve; the engine is redis.")
    var arguments: [String] = []

    func run() throws {
        let loaded: LoadedConfiguration
        do {
            loaded = try ConfigurationLoader.load(arguments: arguments)
        } catch {
            throw ServerError(error.lines.joined(separator: "; "))
        }
        let logger = LogOutput.start(loaded.server.logging)
        LibraryMetrics.bootstrap()
        let server = try StorageServer.distributed(loaded.server, thrift: NaiveEvents(), logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: LogOutput.quiet(logger)))
        let ending = Ending()
        Task {
            do {
                try await group.run()
                ending.note(nil)
            } catch {
                ending.note(error)
            }
        }
        try ending.wait()
    }
}

/// The harness' commands are not asynchronous: this one's thread waits here.
private final class Ending: Sendable {
    private let failure = Mutex<(any Error)?>(nil)
    private let hasEnded = DispatchSemaphore(value: 0)

    func note(_ failure: (any Error)?) {
        self.failure.withLock { $0 = failure }
        hasEnded.signal()
    }

    func wait() throws {
        hasEnded.wait()
        if let failure = failure.withLock({ $0 }) { throw ServerError("\(failure)") }
    }
}
