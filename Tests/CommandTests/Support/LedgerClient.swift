//! A client that says of each write how it ended: kept, refused, or nobody can tell.

internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI

/// How a write ended.
enum WriteEnd: Hashable, Sendable {
    /// - Parameter version: of the entry that it made.
    case kept(version: Int64)
    /// UNAVAILABLE, UNKNOWN: nobody can tell.
    case unknown
    /// READ_ONLY, NOT_EXECUTED.
    case refused
    /// What the contract does not have here.
    case wrong(String)
}

/// A client that says of each write how it ended. Every key holds itself, so that a value that is wrong is seen.
struct LedgerClient: Sendable {
    private let client: StorageClient

    init(_ server: RunningServer) {
        // A call that is made again would hide how the first one ended.
        var configuration = RPCClientConfiguration(interceptors: [])
        configuration.connectionsMax = 1
        client = StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: server.port), configuration))
    }

    func close() async { await client.rpc.close() }

    /// - Parameter durability: the level that is asked for; what is reported must be no less.
    func put(_ key: String, valueBytes: Int = 0, _ durability: Durability = .synced) async -> WriteEnd {
        let value = Self.value(of: key, bytes: valueBytes)
        do throws(CallFailure<StorageError>) {
            let answer = try await client.put(
                PutRequest(key: ByteBuffer(string: key), value: ByteBuffer(string: value), durability: durability))
            guard let version = answer.version, let level = answer.durability, level.rawValue >= durability.rawValue
            else { return .wrong("put \(key): \(answer)") }
            return .kept(version: version)
        } catch {
            switch error {
            case .exception(let error) where error.code == .unavailable && error.effect == .unknown: return .unknown
            case .exception(let error) where error.code == .readOnly && error.effect == .notExecuted: return .refused
            default: return .wrong("put \(key): \(error)")
            }
        }
    }

    /// The entry's version; nil if it is missing.
    func version(of key: String) async throws -> Int64? {
        let answer = try await client.get(GetRequest(key: ByteBuffer(string: key)))
        guard let value = answer.value.map({ String(buffer: $0) }) else { return nil }
        guard value == Self.value(of: key, bytes: value.utf8.count) else {
            throw TestFailure("\(key) holds \(value.shortened)")
        }
        return answer.version
    }

    private static func value(of key: String, bytes: Int) -> String {
        key + String(repeating: ".", count: max(0, bytes - key.utf8.count))
    }
}
