internal import HistoryService
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageAPI
internal import StorageEngine
internal import Timing

/// The `Storage` service of a loop as its neighbour, the history, sees it: what it decides of calls holds for both.
final class StorageHost: HistoryHost {
    private let checks: RequestChecks

    init(_ checks: RequestChecks) { self.checks = checks }

    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime { try checks.deadline(context, call) }

    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineDurability { try checks.level(asked) }

    func checkMemory() throws(StorageError) { try checks.checkMemory() }

    func failure(of error: EngineError) -> StorageError { StorageError(error) }

    func failure(of refusal: CallRefusal) -> StorageError? { StorageError(refusal) }

    var partObserver: (any ReadPartObserver)? { checks.partObserver }

    // The history's methods have the numbers behind those of `Storage`.

    func answered(_ method: HistoryMethod, _ format: RPCFormat, threw failure: (any Error)?) {
        checks.answered(StorageMethod.allCases.count + method.rawValue, format, threw: failure)
    }

    func cancelled(_ method: HistoryMethod, _ format: RPCFormat) {
        checks.cancelled(StorageMethod.allCases.count + method.rawValue, format)
    }

    func exceededDeadline() { checks.counters.add(to: ServiceCounters.deadlineExceeded(.execute)) }
}
