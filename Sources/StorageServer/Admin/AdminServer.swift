//! Admin HTTP: health, figures, metrics, a page to look at, and asking for a snapshot. On an event loop of its own, so that a
//! server whose loops are all busy can still be looked at.

internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
package import NeedletailRPC
internal import NeedletailTelemetry

extension ServerReport: ResponseCodable {}
extension SlowReport: ResponseCodable {}

/// The HTTP server on `admin.port`.
package struct AdminServer: Sendable {
    /// How long a connection may be silent between two requests, or within one.
    package static let idleSecondsMax: Int64 = 60
    /// Connections at a time; more are closed. A page in a browser has up to 6.
    package static let connectionsMax = 128

    private let host: String
    private let port: Int
    private let source: ReportSource
    private let debug: DebugSource?
    private let security: (any ServerSecurity)?
    private let connectionsMax: Int
    private let idleMax: TimeAmount
    private let logger: Logger

    /// - Parameters:
    ///   - debug: what is behind `/debug`; nil: nothing.
    ///   - security: has the port speak HTTPS; nil: HTTP.
    package init(
        host: String, port: Int, source: ReportSource, debug: DebugSource? = nil, security: (any ServerSecurity)? = nil,
        connectionsMax: Int = AdminServer.connectionsMax,
        idleMillisMax: Int64 = AdminServer.idleSecondsMax * 1_000, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.source = source
        self.debug = debug
        self.security = security
        self.connectionsMax = connectionsMax
        idleMax = .milliseconds(idleMillisMax)
        self.logger = logger
    }

    /// Binds and serves until the task is cancelled or the service shuts down.
    /// - Parameter bound: told the port once it is bound.
    package func run(bound: @escaping @Sendable (Int) async -> Void) async throws {
        var quiet = logger
        // Hummingbird announces its own start; ours says it once, with all ports.
        quiet.logLevel = max(quiet.logLevel, .warning)
        let application = Application(
            router: Self.router(source, debug),
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "needletail"),
            onServerRunning: { channel in await bound(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: quiet)
        try await application.run()
    }

    private var server: HTTPServerBuilder {
        let bound = ConnectionBound(max: connectionsMax)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [bound.makeHandler()], idleTimeout: idleMax)
        guard let security else { return .http1(configuration: configuration) }
        return HTTPServerBuilder {
            SecuredChannel(base: HTTP1Channel(responder: $0, configuration: configuration), security: security)
        }
    }

    private static func router(_ source: ReportSource, _ debug: DebugSource?) -> Router<BasicRequestContext> {
        // Probes and load balancers may ask with HEAD.
        let router = Router(options: .autoGenerateHeadEndpoints)
        debug?.addRoutes(to: router)
        router.get("/healthz") { _, _ in text("ok\n") }
        router.get("/readyz") { _, _ in
            source.notReady().map { text("\($0)\n", status: .serviceUnavailable) } ?? text("ready\n")
        }
        router.post("/snapshot") { _, _ in
            source.requestSnapshot()
                ? text("a snapshot will be written\n", status: .accepted)
                : text("there is no log, or it is being loaded\n", status: .conflict)
        }
        router.get("/stats") { _, _ in source.report() }
        router.get("/slow") { _, _ in source.slow() }
        router.get("/metrics") { _, _ in
            text(PrometheusText.render(source.metrics()), contentType: PrometheusText.contentType)
        }
        router.get("/") { _, _ in page() }
        return router
    }

    /// `page.html`, which may load nothing from elsewhere.
    private static func page() -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .contentSecurityPolicy:
                "default-src 'none'; connect-src 'self'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
        ]
        headers[.cacheControl] = "no-cache"
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.page_html))
        )
    }

    static func text(
        _ body: String, status: HTTPResponse.Status = .ok, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
