package import NeedletailRPC
package import StorageAPI
package import StorageEngine
package import Timing

/// What the history has from the server that it is part of, where it answers as its neighbour `Storage` does. Used on the
/// loop of the history's service.
package protocol HistoryHost: AnyObject {
    /// Admits a call, and tells when its time is over.
    /// - Throws: why it is not: its time is over, its caller is not who it says, data are still loaded.
    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime

    /// The level that a write gets.
    /// - Throws: `UNSUPPORTED` for one that the engine does not have.
    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineLevel

    /// Lets what makes the store grow be executed.
    /// - Throws: `OUT_OF_MEMORY` while the process has no memory for it.
    func checkMemory() throws(StorageError)

    /// What an engine refused to do, as it is answered.
    func failure(of error: EngineError) -> StorageError

    /// What arguments that cannot be used are answered with; nil: by the protocol's own error.
    func failure(of refusal: CallRefusal) -> StorageError?

    /// What the parts of the current call's read are told to; nil: nobody wants to know.
    var partObserver: (any ReadPartObserver)? { get }

    // For its counters.

    func answered(_ method: HistoryMethod, _ format: RPCFormat, threw failure: (any Error)?)
    func cancelled(_ method: HistoryMethod, _ format: RPCFormat)
    /// The time of a call was over before it had ended.
    func exceededDeadline()
}

extension HistoryHost {
    package var partObserver: (any ReadPartObserver)? { nil }
}
