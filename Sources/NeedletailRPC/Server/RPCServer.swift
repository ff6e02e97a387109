//! Listening: binds TCP and a Unix socket, hands connections to event loops, and lets them finish at the end.

public import Logging
public import NIOCore
public import NIOPosix
internal import Synchronization
public import Timing

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Where to listen and within which bounds.
public struct RPCServerConfiguration: Sendable {
    public var host: String
    /// 0 picks a free port.
    public var port: Int
    /// A Unix socket to listen on as well.
    public var unixSocketPath: String?
    public var backlog: Int
    public var limits: RPCLimits
    public var admission: AdmissionConfiguration
    /// Serves TLS beside plaintext, or instead of it.
    public var security: (any ServerSecurity)?

    public init(
        host: String = "127.0.0.1", port: Int = 7400, unixSocketPath: String? = nil, backlog: Int = 1_024,
        limits: RPCLimits = RPCLimits(), admission: AdmissionConfiguration = AdmissionConfiguration(),
        security: (any ServerSecurity)? = nil
    ) {
        self.host = host
        self.port = port
        self.unixSocketPath = unixSocketPath
        self.backlog = backlog
        self.limits = limits
        self.admission = admission
        self.security = security
    }
}

/// An address that could not be bound, and why.
public struct BindError: Error, Sendable, CustomStringConvertible {
    public let address: String
    public let reason: String

    public init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }

    public var description: String { "cannot listen on \(address): \(reason)" }
}

/// A listening server. Its service is made once per event loop and used on that loop alone.
public final class RPCServer: Sendable {
    let loops: [NIOLoopBound<RPCLoop>]
    private let listeners: [any Channel]
    private let rejected: Rejections
    /// One for each event loop.
    public let metrics: [RPCMetrics]
    /// The service's, in the order of their numbers.
    public let methodNames: [String]
    /// The TCP port that was bound.
    public let port: Int
    private let unixSocketPath: String?

    private init(
        loops: [NIOLoopBound<RPCLoop>], listeners: [any Channel], rejected: Rejections, metrics: [RPCMetrics],
        methodNames: [String], port: Int, unixSocketPath: String?
    ) {
        self.loops = loops
        self.listeners = listeners
        self.rejected = rejected
        self.metrics = metrics
        self.methodNames = methodNames
        self.port = port
        self.unixSocketPath = unixSocketPath
    }

    /// Connections that were closed at once, because there were `rpc.maxConnections` already.
    public var connectionsRejected: Int { rejected.count }

    /// Connections that are open now.
    public var connectionsOpen: Int { metrics.reduce(0) { $0 + $1.connectionsOpen } }

    /// Calls that will be answered late and have not been.
    package func lateCallsOpen() async -> Int {
        var count = 0
        for loop in loops { count += (try? await loop.eventLoop.submit { loop.value.lateCallCount }.get()) ?? 0 }
        return count
    }

    /// Binds and serves.
    /// - Parameters:
    ///   - group: the event loops; they stay the caller's. By default those that the whole process shares.
    ///   - interceptors: told of every call, in this order.
    ///   - makeService: makes the service of the loop with this number; called on that loop.
    /// - Throws: `BindError`; nothing is bound then.
    public static func start<Service: RPCService>(
        _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
        on group: MultiThreadedEventLoopGroup = .singleton, clock: Clock = .system,
        logger: Logger = Logger(label: "needletail.rpc"), interceptors: [any ServerInterceptor] = [],
        makeService: @escaping @Sendable (_ loopIndex: Int, _ eventLoop: any EventLoop) -> Service
    ) async throws -> RPCServer {
        let complaints = RateLimitedLog(logger, clock: clock)
        var loops: [NIOLoopBound<RPCLoop>] = []
        var metrics: [RPCMetrics] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            let own = RPCMetrics(methodCount: Service.methodNames.count)
            metrics.append(own)
            let (limits, admission, security) = (
                configuration.limits, configuration.admission, configuration.security
            )
            loops.append(
                try await eventLoop.submit {
                    let loop = RPCLoop(
                        service: makeService(index, eventLoop), limits: limits, clock: clock, metrics: own,
                        complaints: complaints, interceptors: interceptors, admission: admission, security: security,
                        eventLoop: eventLoop)
                    loop.startSweeping()
                    loop.startMeasuringLag()
                    return NIOLoopBound(loop, eventLoop: eventLoop)
                }.get())
        }
        let rejected = Rejections()
        let bootstrap = bootstrap(configuration, group, loops, metrics, rejected, complaints)
        let address = "\(configuration.host):\(configuration.port)"
        var listeners: [any Channel] = []
        do {
            listeners.append(try await bootstrap.bind(host: configuration.host, port: configuration.port).get())
        } catch {
            throw BindError(address: address, reason: plainReason(of: error))
        }
        if let path = configuration.unixSocketPath {
            do {
                // A file that a killed server left behind is replaced; a socket that somebody listens on is not.
                if await isListening(path, group) {
                    throw BindError(address: path, reason: "another server listens there")
                }
                listeners.append(
                    try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get())
            } catch {
                for listener in listeners { try? await listener.close() }
                throw error as? BindError ?? BindError(address: path, reason: plainReason(of: error))
            }
        }
        let server = RPCServer(
            loops: loops, listeners: listeners, rejected: rejected, metrics: metrics,
            methodNames: Service.methodNames, port: listeners[0].localAddress?.port ?? configuration.port,
            unixSocketPath: configuration.unixSocketPath)
        server.publishGauges()
        return server
    }

    private static func bootstrap(
        _ configuration: RPCServerConfiguration, _ group: MultiThreadedEventLoopGroup,
        _ loops: [NIOLoopBound<RPCLoop>], _ metrics: [RPCMetrics], _ rejected: Rejections,
        _ complaints: RateLimitedLog
    ) -> ServerBootstrap {
        let limits = configuration.limits
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read for each readiness: a second would only learn that there is nothing more.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 1_024, maximum: 65_536)
            )
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.unsentBytesLow, high: limits.unsentBytesHigh)
            )
            .childChannelInitializer { channel in
                guard metrics.reduce(0, { $0 + $1.connectionsOpen }) < limits.connectionsMax else {
                    rejected.add()
                    complaints.warning("refused a connection: rpc.maxConnections (\(limits.connectionsMax)) are open")
                    return channel.eventLoop.makeFailedFuture(TooManyConnections())
                }
                return channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
                        preconditionFailure("a connection's event loop is one of the server's")
                    }
                    let isLocal = channel.remoteAddress?.protocol == .unix
                    if !isLocal {
                        try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                        // A client that lost its power would hold a connection for ever.
                        try channel.syncOptions?.setOption(.socketOption(.so_keepalive), value: 1)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RPCConnection(loop: loop.value, writesDirectly: true, isLocal: isLocal))
                }
            }
    }

    private static func isListening(_ path: String, _ group: MultiThreadedEventLoopGroup) async -> Bool {
        guard let probe = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() else {
            return false
        }
        try? await probe.close()
        return true
    }

    /// Asks the loops to bring their gauges to the counters: the next scrape shows them.
    public func publishGauges() {
        for loop in loops {
            loop.eventLoop.execute { loop.value.publishGauges() }
        }
    }

    /// Has every loop keep this share of its buffers, and of the range of its limits on calls in flight, soon: less than 100
    /// while memory is short.
    public func economize(toPercent percent: Int) {
        precondition(0...100 ~= percent, "a share")
        for loop in loops {
            loop.eventLoop.execute { loop.value.economize(toPercent: percent) }
        }
    }

    /// Stops accepting, lets every connection finish what it has sent, and returns when all are closed or `timeout` is
    /// over; then closes the rest.
    public func shutDown(within timeout: Duration) async {
        // The file first: once nobody listens, another server may have bound the path.
        if let unixSocketPath { unsafe unlink(unixSocketPath) }
        for listener in listeners { try? await listener.close() }
        for loop in loops { loop.eventLoop.execute { loop.value.drain() } }
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while clock.now < end, !Task.isCancelled {
            var open = 0
            for loop in loops { open += (try? await loop.eventLoop.submit { loop.value.connectionCount }.get()) ?? 0 }
            if open == 0 { return }
            try? await clock.sleep(for: .milliseconds(5))
        }
        for loop in loops { try? await loop.eventLoop.submit { loop.value.closeAll() }.get() }
    }
}

/// Fails the set-up of a connection, which closes it.
private struct TooManyConnections: Error {}

/// Counts connections that were refused; they are refused on any loop, so this one is shared.
private final class Rejections: Sendable {
    private let counter = Atomic<Int>(0)

    func add() { counter.wrappingAdd(1, ordering: .relaxed) }

    var count: Int { counter.load(ordering: .relaxed) }
}
