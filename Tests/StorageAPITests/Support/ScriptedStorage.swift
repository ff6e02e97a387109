//! A server that answers as a test tells it to, and keeps what it was asked.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Synchronization

final class ScriptedStorage: StorageAsyncHandler {
    enum Behaviour: Sendable {
        /// Finds every key: its value is the key itself.
        case works
        case throwing(ErrorCode, Effect)
        /// Answers for one key less than it was asked for.
        case short
        /// Stores, as well as this.
        case reaches(Durability?)
    }

    let behaviour: Behaviour
    private let multiGets = Mutex<[MultiGetRequest]>([])
    private let writes = Mutex(0)

    init(_ behaviour: Behaviour) { self.behaviour = behaviour }

    /// What was asked for with multiGet.
    var asked: [MultiGetRequest] { multiGets.withLock { $0 } }
    /// How many calls came to write.
    var writeCount: Int { writes.withLock { $0 } }

    private func fail() throws(StorageError) {
        if case .throwing(let code, let effect) = behaviour {
            throw StorageError(code: code, message: "as told", effect: effect, retryAfterMillis: 7)
        }
    }

    private var durability: Durability? { if case .reaches(let level) = behaviour { level } else { .memory } }

    func ping(_ context: CallContext) async -> String { "pong" }

    func get(_ request: GetRequest, _ context: CallContext) async throws(StorageError) -> GetResponse {
        try fail()
        return GetResponse(value: request.key)
    }

    func multiGet(_ request: MultiGetRequest, _ context: CallContext) async throws(StorageError) -> MultiGetResponse {
        multiGets.withLock { $0.append(request) }
        try fail()
        let count = if case .short = behaviour { request.keys.count - 1 } else { request.keys.count }
        return MultiGetResponse(
            values: request.keys.selecting(0..<count),
            statuses: ByteBuffer(repeating: UInt8(KeyStatus.found.rawValue), count: count),
            versions: request.withVersions == true ? (0..<Int64(count)).map { $0 + 1 } : nil, complete: true)
    }

    func multiPut(_ request: MultiPutRequest, _ context: CallContext) async throws(StorageError) -> MultiPutResponse {
        writes.withLock { $0 += 1 }
        try fail()
        let stored = UInt8(KeyStatus.stored.rawValue)
        return MultiPutResponse(
            statuses: ByteBuffer(repeating: stored, count: request.entries.count), durability: durability)
    }

    func multiRemove(
        _ request: MultiRemoveRequest, _ context: CallContext
    ) async throws(StorageError) -> MultiRemoveResponse {
        writes.withLock { $0 += 1 }
        try fail()
        return MultiRemoveResponse(removed: Int32(request.keys.count), durability: durability)
    }

    func scan(_ request: ScanRequest, _ context: CallContext) async throws(StorageError) -> ScanResponse {
        try fail()
        return ScanResponse(entries: [])
    }

    // Of no use to any test.
    func put(_ request: PutRequest, _ context: CallContext) async throws(StorageError) -> PutResponse {
        throw Self.unscripted
    }
    func remove(_ request: RemoveRequest, _ context: CallContext) async throws(StorageError) -> RemoveResponse {
        throw Self.unscripted
    }
    func increment(
        _ request: IncrementRequest, _ context: CallContext
    ) async throws(StorageError) -> IncrementResponse { throw Self.unscripted }
    func touch(_ request: TouchRequest, _ context: CallContext) async throws(StorageError) -> TouchResponse {
        throw Self.unscripted
    }

    private static let unscripted = StorageError(code: .internal, message: "not scripted", effect: .notExecuted)
}
