//! A server as the history sees it, which admits every call and counts nothing.

import HistoryService
import NeedletailRPC
import StorageAPI
import StorageEngine
import Timing

final class PlainHost: HistoryHost {
    private static let timeoutMillis: Int64 = 10_000

    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime {
        call.times.arrival.advanced(byMilliseconds: Self.timeoutMillis)
    }

    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineLevel { .memory }
    func checkMemory() throws(StorageError) {}

    func failure(of error: EngineError) -> StorageError {
        StorageError(code: .internal, message: "\(error)", effect: .notExecuted)
    }

    func failure(of refusal: CallRefusal) -> StorageError? { nil }

    func answered(_ method: HistoryMethod, _ format: RPCFormat, threw failure: (any Error)?) {}
    func cancelled(_ method: HistoryMethod, _ format: RPCFormat) {}
    func exceededDeadline() {}
}
