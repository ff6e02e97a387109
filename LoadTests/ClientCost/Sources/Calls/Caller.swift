//! Who makes the calls: a client, and the one call that is measured.

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI

/// A client that can be asked for the entry's value.
protocol Caller: Sendable {
    /// Asks once.
    /// - Returns: the bytes of the value.
    func call() async throws -> Int
}

/// Our client. Every call has its deadline and goes through the interceptor that retries, as by default.
struct NeedletailCaller: Caller {
    private let storage: StorageClient
    private let key = ByteBuffer(string: Entry.key)

    init(_ client: RPCClient) { storage = StorageClient(client) }

    /// Stores the entry.
    func prepare() async throws {
        _ = try await storage.put(
            PutRequest(key: key, value: ByteBuffer(bytes: Entry.value), durability: .memory))
    }

    func call() async throws -> Int {
        try await storage.get(GetRequest(key: key)).value?.readableBytes ?? 0
    }
}

/// gRPC's client. Its calls have no deadline, as by default, and nothing is retried.
struct GRPCCaller: Caller {
    let client: GRPCClient<HTTP2ClientTransport.Posix>
    private let key = Array(Entry.key.utf8)

    func call() async throws -> Int {
        try await client.unary(
            request: ClientRequest(message: key), descriptor: GetService.get, serializer: BytesSerializer(),
            deserializer: BytesDeserializer(), options: .defaults
        ) { try $0.message.count }
    }
}
