//! One client of many servers: keys are split by ``KeyPlacement``, and a call over many keys is one message to each server
//! that has some of them, all at once.

public import NeedletailRPC

/// Service `Storage` over several servers, each of which has a share of the keys (``KeyPlacement``).
///
/// Its methods are those of ``StorageClient``. One key: the call goes to its server, and what that answers or throws is the
/// result. Many keys: see ``multiGet(_:options:)``, ``multiPut(_:options:)``, ``multiRemove(_:options:)``. With one server
/// nothing is split. May be used by any number of tasks at once.
///
/// All clients of the same data must have the same servers in the same order. To add one, put it at the end of the list.
public struct ShardedStorageClient: Sendable {
    /// Is told why a server has no part in the answer to a call: its index, and how it failed.
    public typealias PartFailureHandler = @Sendable (_ server: Int, _ failure: CallFailure<StorageError>) -> Void

    /// How many servers there may be: a scan's cursor has 16 bits for them.
    public static let serversMax = 65_535

    /// The servers, in the order that places keys. Each has options for calls that say nothing.
    public let servers: [StorageClient]
    /// Which server has a key.
    public let placement: KeyPlacement
    let partFailed: PartFailureHandler?

    /// - Parameters:
    ///   - servers: from 1 to `serversMax`, in the same order everywhere.
    ///   - partFailed: for logs and metrics, since the statuses of keys do not say why.
    public init(_ servers: [StorageClient], partFailed: PartFailureHandler? = nil) {
        precondition((1...Self.serversMax).contains(servers.count), "from 1 to \(Self.serversMax) servers")
        self.servers = servers
        placement = KeyPlacement(serverCount: servers.count)
        self.partFailed = partFailed
    }

    // MARK: All servers

    /// Asks all servers at once whether they serve, and answers "pong" if all do.
    /// - Throws: what the first server threw that does not.
    public func ping(options: CallOptions? = nil) async throws(CallFailure<Never>) -> String {
        let answers: [Result<String, CallFailure<Never>>] = try await gather(servers.indices, stopsAtFailure: true) {
            (server) async throws(CallFailure<Never>) in
            try await servers[server].ping(options: options)
        }
        return try answers[0].get()
    }

    // MARK: One key

    /// As ``StorageClient/get(_:options:)``, of the server that has the key.
    public func get(
        _ request: GetRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> GetResponse {
        try await servers[placement.server(of: request.key)].get(request, options: options)
    }

    /// As ``StorageClient/put(_:options:)``, of the server that has the key.
    public func put(
        _ request: PutRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> PutResponse {
        try await servers[placement.server(of: request.key)].put(request, options: options)
    }

    /// As ``StorageClient/remove(_:options:)``, of the server that has the key.
    public func remove(
        _ request: RemoveRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> RemoveResponse {
        try await servers[placement.server(of: request.key)].remove(request, options: options)
    }

    /// As ``StorageClient/increment(_:options:)``, of the server that has the key.
    public func increment(
        _ request: IncrementRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> IncrementResponse {
        try await servers[placement.server(of: request.key)].increment(request, options: options)
    }

    /// As ``StorageClient/touch(_:options:)``, of the server that has the key.
    public func touch(
        _ request: TouchRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> TouchResponse {
        try await servers[placement.server(of: request.key)].touch(request, options: options)
    }
}

extension CallFailure where Exception == StorageError {
    /// A call that is refused here, before any server has seen it.
    static func refused(_ code: ErrorCode, _ message: String) -> Self {
        .exception(StorageError(code: code, message: message, effect: .notExecuted))
    }
}
