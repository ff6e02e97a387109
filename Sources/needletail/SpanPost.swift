//! How spans reach their collector: by HTTP or HTTPS.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NeedletailTracing
internal import StorageServer

/// Posts spans to the endpoint of the configuration.
struct SpanPost: SpanTransport {
    /// How long the collector may take.
    private static let timeout = TimeAmount.seconds(5)
    /// What is read of an answer. A longer one costs its connection.
    private static let answerBytesMax = 64 << 10

    private let endpoint: String
    private let client: HTTPClient

    /// Nil, if the configuration names no endpoint.
    init?(_ configuration: ServerConfiguration.Tracing) {
        guard let endpoint = configuration.endpoint else { return nil }
        self.endpoint = endpoint
        var settings = HTTPClient.Configuration()
        // A collector that is not there is tried again with the next batch.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.timeout.read = Self.timeout
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func post(_ body: ByteBuffer) async throws -> Int {
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(body)
        let answer = try await client.execute(request, timeout: Self.timeout)
        // Nothing in it is needed, but the next request needs the connection, which is free when all is read.
        _ = try? await answer.body.collect(upTo: Self.answerBytesMax)
        return Int(answer.status.code)
    }

    func close() async { try? await client.shutdown() }
}
