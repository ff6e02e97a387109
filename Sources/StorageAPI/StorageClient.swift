//! The methods of service `Storage`, as a client calls them.

public import NeedletailRPC
package import NeedletailWire

/// A client of service `Storage` over one connection. May be used by any number of tasks at once.
///
/// Every method throws `StorageError` as the server answered it, or `RPCClientError` where there is no such answer.
public final class StorageClient: Sendable {
    private let rpc: RPCClient
    private let timeout: Duration

    /// - Parameters:
    ///   - rpc: the connection.
    ///   - timeout: how long a call waits for its answer.
    public init(_ rpc: RPCClient, timeout: Duration = .seconds(10)) {
        self.rpc = rpc
        self.timeout = timeout
    }

    /// Closes the connection.
    public func close() async { await rpc.close() }

    private func call<Request: WireStruct, Response: WireStruct>(
        _ method: StaticString, _ request: Request
    ) async throws -> Response {
        try await rpc.call(
            method, request, returning: Response.self, throwing: StorageError.self, timeout: timeout)
    }

    /// Answers "pong" if the server serves.
    public func ping() async throws -> String {
        try await rpc.call(
            "ping", PingResult?.none, returning: PingResult.self, throwing: StorageError.self, timeout: timeout
        ).text
    }

    public func get(_ request: GetRequest) async throws -> GetResponse { try await call("get", request) }
    public func put(_ request: PutRequest) async throws -> PutResponse { try await call("put", request) }
    public func remove(_ request: RemoveRequest) async throws -> RemoveResponse { try await call("remove", request) }
    public func multiGet(_ request: MultiGetRequest) async throws -> MultiGetResponse {
        try await call("multiGet", request)
    }
    public func multiPut(_ request: MultiPutRequest) async throws -> MultiPutResponse {
        try await call("multiPut", request)
    }
    public func multiRemove(_ request: MultiRemoveRequest) async throws -> MultiRemoveResponse {
        try await call("multiRemove", request)
    }
    public func increment(_ request: IncrementRequest) async throws -> IncrementResponse {
        try await call("increment", request)
    }
    public func touch(_ request: TouchRequest) async throws -> TouchResponse { try await call("touch", request) }
    public func scan(_ request: ScanRequest) async throws -> ScanResponse { try await call("scan", request) }
}

/// `ping`'s result: a bare string.
package struct PingResult: WireStruct {
    package let text: String

    package init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        text = try reader.readString()
    }

    package func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(text) }
}
