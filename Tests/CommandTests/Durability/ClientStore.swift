//! A real server as the tests of this folder speak to it: our client, one connection, no retries. What it does not know of
//! a call it says so.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI

struct ClientStore: Sendable {
    private let client: StorageClient

    init(port: Int) {
        // A call that is made again would be two calls in the history.
        var configuration = RPCClientConfiguration(interceptors: [])
        configuration.connectionsMax = 1
        client = StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: port), configuration))
    }

    func close() async { await client.rpc.close() }

    /// - Parameter durability: what a write asks for; nil: what the server is configured for.
    func perform(_ call: StoreCall, _ durability: Durability? = nil) async -> CallOutcome {
        do throws(CallFailure<StorageError>) {
            return try await answer(call, durability)
        } catch {
            return switch error.effect {
            case .notExecuted: .refused("\(error)")
            default: .unanswered("\(error)")
            }
        }
    }

    private func answer(
        _ call: StoreCall, _ durability: Durability?
    ) async throws(CallFailure<StorageError>) -> CallOutcome {
        switch call {
        case .get(let key):
            let answer = try await client.get(GetRequest(key: ByteBuffer(string: key)))
            guard let value = answer.value else { return .answered(.read(nil), nil) }
            let entry = StoredEntry(
                value: String(buffer: value), version: try told(answer.version), ttlMillis: answer.ttlMillis)
            return .answered(.read(entry), nil)

        case .put(let key, let value, let ttlMillis, let condition):
            var request = PutRequest(
                key: ByteBuffer(string: key), value: ByteBuffer(string: value), ttlMillis: ttlMillis,
                durability: durability)
            switch condition {
            case .always: break
            case .ifAbsent: request.condition = .ifAbsent
            case .ifVersion(let version): request.ifVersion = version
            }
            let answer = try await client.put(request)
            guard answer.applied else { return .answered(.notApplied(version: answer.version), nil) }
            return .answered(.written(value: value, version: try told(answer.version)), answer.durability)

        case .remove(let key):
            let answer = try await client.remove(
                RemoveRequest(key: ByteBuffer(string: key), durability: durability))
            return .answered(.done(wasThere: answer.removed), answer.durability)

        case .increment(let key, let delta):
            let answer = try await client.increment(
                IncrementRequest(key: ByteBuffer(string: key), delta: delta, durability: durability))
            return .answered(
                .written(value: "\(answer.value)", version: try told(answer.version)), answer.durability)

        case .touch(let key, let ttlMillis):
            let answer = try await client.touch(
                TouchRequest(key: ByteBuffer(string: key), ttlMillis: ttlMillis, durability: durability))
            return .answered(.done(wasThere: answer.found), answer.durability)

        case .putTogether(let keys, let value):
            let entries = keys.map { Entry(key: ByteBuffer(string: $0), value: ByteBuffer(string: value)) }
            let answer = try await client.multiPut(
                MultiPutRequest(entries: entries, durability: durability, atomic: true))
            let areStored = answer.statuses.readableBytesView.allSatisfy { Int32($0) == KeyStatus.stored.rawValue }
            guard areStored, answer.statuses.readableBytes == keys.count else {
                return .unanswered("an atomic multiPut stored a part: \(answer.statuses)")
            }
            return .answered(.storedTogether, answer.durability)

        case .multiRemove(let keys):
            let answer = try await client.multiRemove(
                MultiRemoveRequest(keys: BinaryList(strings: keys), durability: durability))
            return .answered(.removed(Int(answer.removed)), answer.durability)
        }
    }

    private func told(_ version: Int64?) throws(CallFailure<StorageError>) -> Int64 {
        guard let version else {
            throw .exception(StorageError(code: .internal, message: "an answer without a version", effect: .unknown))
        }
        return version
    }
}
