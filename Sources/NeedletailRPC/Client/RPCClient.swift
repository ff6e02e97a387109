//! The client of one server: what tasks call. The work is done on one event loop, by its core (ClientCore.swift); a task
//! encodes its call, hands it over, and decodes its answer. What is generic over the method is inlinable, so that the
//! generated client's module gets a version of it for each method.

public import NIOCore
public import NIOPosix
internal import NeedletailWire
internal import Synchronization
public import Timing

/// What a client holds.
public struct RPCClientFigures: Sendable, Hashable {
    /// Calls that have not ended: they wait for a connection, to be sent, or for their answers.
    public var callsInFlight = 0
    /// Connections that are there.
    public var connections = 0
}

/// A client of one server: few connections, many calls in flight on each. May be used by any number of tasks at once.
///
/// It connects when it is first called, reconnects by itself, and closes its connections when it is closed or given up. A
/// task that is cancelled leaves its call at once, and the server is told where the protocol has words for that
/// (MessagePack-RPC's `$cancel`).
public final class RPCClient: Sendable {
    public let target: RPCTarget
    public let configuration: RPCClientConfiguration
    @usableFromInline let clock: Clock
    private let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>
    private let submissions = ClientSubmissions()
    private let takeSubmissions: @Sendable () -> Void
    private let nextID = Atomic<UInt32>(1)

    /// Makes a client; nothing is connected yet.
    /// - Parameter group: the event loops, of which the client uses one; by default those that the whole process shares.
    public convenience init(
        to target: RPCTarget, _ configuration: RPCClientConfiguration = RPCClientConfiguration(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, clock: Clock = .system
    ) {
        self.init(
            to: target, configuration, on: group.next(), clock: clock,
            connector: SocketConnector(target: target, security: configuration.security))
    }

    /// - Parameter connector: makes the connections.
    init(
        to target: RPCTarget, _ configuration: RPCClientConfiguration, on eventLoop: any EventLoop, clock: Clock,
        connector: any ClientConnector
    ) {
        self.target = target
        self.configuration = configuration
        self.clock = clock
        self.eventLoop = eventLoop
        let core = NIOLoopBoundBox.makeBoxSendingValue(
            ClientCore(configuration, connector: connector, on: eventLoop, clock: clock, submissions: submissions),
            eventLoop: eventLoop)
        self.core = core
        takeSubmissions = { core.value.takeSubmissions() }
        eventLoop.execute { core.value.watchEventLoop() }
    }

    deinit {
        let core = core
        if !submissions.hasEnded { eventLoop.execute { core.value.close() } }
    }

    /// Makes a client, and waits until it is connected.
    /// - Throws: `RPCClientError.notConnected`; the client is closed then.
    public static func connect(
        to target: RPCTarget, _ configuration: RPCClientConfiguration = RPCClientConfiguration(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, clock: Clock = .system
    ) async throws(RPCClientError) -> RPCClient {
        let client = RPCClient(to: target, configuration, on: group, clock: clock)
        do throws(RPCClientError) {
            try await client.connect()
        } catch {
            await client.close()
            throw error
        }
        return client
    }

    /// Waits until there is a connection.
    /// - Throws: `RPCClientError.notConnected`.
    public func connect() async throws(RPCClientError) {
        let core = core
        if submissions.hasEnded { throw .clientClosed }
        do {
            try await eventLoop.flatSubmit { core.value.connect() }.get()
        } catch {
            throw error as? RPCClientError ?? .notConnected("\(error)")
        }
    }

    /// Closes the connections. Calls that were sent fail with `connectionClosed`, others and later ones with `clientClosed`.
    /// An event loop that is shut down does the same.
    public func close() async {
        let core = core
        if submissions.hasEnded { return }
        try? await eventLoop.submit { core.value.close() }.get()
    }

    /// What the client holds at this moment.
    public func figures() async -> RPCClientFigures {
        let core = core
        if submissions.hasEnded { return RPCClientFigures() }
        return (try? await eventLoop.submit { core.value.figures }.get()) ?? RPCClientFigures()
    }

    // MARK: Calls

    /// Calls `method` and waits for its answer.
    @inlinable
    public func call<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, options: CallOptions = CallOptions()
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        try await proceed(outgoing(method, arguments, options), through: configuration.interceptors[...])
    }

    /// Calls a `oneway` method: returns when the operating system has the call. Whether it arrives, nobody says.
    @inlinable
    public func send<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, options: CallOptions = CallOptions()
    ) async throws(CallFailure<Never>) {
        do throws(CallFailure<Method.Failure>) {
            _ = try await proceed(outgoing(method, arguments, options), through: configuration.interceptors[...])
        } catch {
            // Nobody answers, so there is no exception either.
            if case .call(let error) = error { throw .call(error) }
        }
    }

    /// What `options` leave out, the configuration says.
    @inlinable
    func outgoing<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, _ options: CallOptions
    ) -> OutgoingCall<Method> {
        OutgoingCall(
            arguments: arguments, metadata: configuration.metadata.merging(options.metadata),
            deadline: clock.now().advanced(by: options.timeout ?? configuration.callTimeout), clock: clock)
    }

    @inlinable
    func proceed<Method: RPCMethod>(
        _ call: OutgoingCall<Method>, through interceptors: ArraySlice<any ClientInterceptor>
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        guard let first = interceptors.first else { return try await perform(call) }
        return try await first.intercept(call) { (call) async throws(CallFailure<Method.Failure>) in
            try await self.proceed(call, through: interceptors.dropFirst())
        }
    }

    @inlinable
    func perform<Method: RPCMethod>(
        _ call: OutgoingCall<Method>
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        switch await submit(call) {
        case .success(let answer):
            if Method.isOneway, let nothing = NoResult() as? Method.Result { return nothing }
            return try decodeAnswer(answer.message, answer.format, Method.self)
        case .failure(let error): throw .call(error)
        }
    }

    @inlinable
    func submit<Method: RPCMethod>(_ call: OutgoingCall<Method>) async -> Result<ClientAnswer, RPCClientError> {
        let id = newID()
        return await submit(
            id, call.encoded(configuration.wire, id: id), method: ObjectIdentifier(Method.self), name: Method.name,
            isOneway: Method.isOneway, deadline: call.deadline)
    }

    /// How many ids no call gets: they are for what asks connections for signs of life.
    private static let probeIDCount = 1 << 16
    private static let callIDMax = UInt32.max - UInt32(probeIDCount)

    /// The id of what asks a connection for a sign of life: another one for each that is open.
    /// - Parameter number: of the attempt that made the connection.
    static func probeID(ofAttempt number: Int) -> UInt32 { UInt32.max - UInt32(number % probeIDCount) }

    @usableFromInline
    func newID() -> UInt32 {
        while true {
            let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
            if id <= Self.callIDMax { return id }
        }
    }

    /// Hands a call to the event loop, and waits for how it ends.
    @usableFromInline
    func submit(
        _ id: UInt32, _ message: ByteBuffer, method: ObjectIdentifier, name: StaticString, isOneway: Bool,
        deadline: MonotonicTime
    ) async -> Result<ClientAnswer, RPCClientError> {
        let ticket = CallTicket(id: id)
        defer { ticket.takeOver() }
        return await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                hand(
                    .call(
                        ClientCall(
                            ticket, message, method: method, name: name, isOneway: isOneway, deadline: deadline,
                            completion: unsafe .task(continuation, ticket))))
            }
        } onCancel: {
            ticket.cancel()
            hand(.cancel(id))
        }
    }

    private func hand(_ submission: ClientSubmissions.Submission) {
        switch submissions.add(submission) {
        case .first: eventLoop.execute(takeSubmissions)
        case .further: break
        case .ended: if case .call(let call) = submission { call.completion.resume(.failure(.clientClosed)) }
        }
    }
}
