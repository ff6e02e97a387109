//! A server as the history sees it, with nothing but what the tests look at.

import NeedletailRPC
import NeedletailWire
import StorageAPI
import StorageEngine
import Timing

@testable import HistoryService

final class TestHost: HistoryHost {
    private(set) var answers: [(method: HistoryMethod, failure: StorageError?)] = []
    private(set) var deadlinesExceeded = 0
    var isMemoryFull = false

    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime {
        let deadline = call.times.arrival.advanced(byMilliseconds: Int64(context?.timeoutMillis ?? 10_000))
        if deadline <= call.times.start {
            throw StorageError(code: .deadlineExceeded, message: "late", effect: .notExecuted)
        }
        return deadline
    }

    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineLevel {
        if let asked, asked != .memory {
            throw StorageError(code: .unsupported, message: "\(asked)", effect: .notExecuted)
        }
        return .memory
    }

    func checkMemory() throws(StorageError) {
        if isMemoryFull { throw StorageError(code: .outOfMemory, message: "full", effect: .notExecuted) }
    }

    func failure(of error: EngineError) -> StorageError {
        switch error {
        case .interrupted(let reason): StorageError(code: .unavailable, message: reason, effect: .unknown)
        case .unavailable(let reason): StorageError(code: .unavailable, message: reason, effect: .notExecuted)
        default: StorageError(code: .internal, message: "\(error)", effect: .notExecuted)
        }
    }

    func failure(of refusal: CallRefusal) -> StorageError? {
        guard case .invalid(let error) = refusal else { return nil }
        return StorageError(code: .invalidArgument, message: error.description, effect: .notExecuted)
    }

    func answered(_ method: HistoryMethod, _ format: RPCFormat, threw failure: (any Error)?) {
        answers.append((method, failure as? StorageError))
    }

    func cancelled(_ method: HistoryMethod, _ format: RPCFormat) {}

    func exceededDeadline() { deadlinesExceeded += 1 }
}
