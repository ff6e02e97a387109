//! A client over one connection: many calls in flight, each found again by its id.

public import NIOCore
public import NIOPosix
internal import NeedletailWire
internal import Synchronization

/// One connection to a server. Calls may be made from any task, any number at once.
public final class RPCClient: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<RPCClientHandler>
    private let wire: RPCWire
    private let nextID = Atomic<UInt32>(1)

    private init(channel: any Channel, handler: NIOLoopBound<RPCClientHandler>, wire: RPCWire) {
        self.channel = channel
        self.handler = handler
        self.wire = wire
    }

    /// Connects.
    /// - Parameter group: the event loops; by default those that the whole process shares.
    /// - Throws: `RPCClientError.notConnected`.
    public static func connect(
        to target: RPCTarget, wire: RPCWire = RPCWire(.thriftBinary), connectTimeout: Duration = .seconds(5),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RPCClient {
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelOption(.maxMessagesPerRead, value: 1)
        // The handler is kept from the start: a server may close the connection before we could ask for it.
        let open: @Sendable (any Channel) -> EventLoopFuture<RPCClient> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = RPCClientHandler(wire: wire)
                try channel.pipeline.syncOperations.addHandler(handler)
                return RPCClient(
                    channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop), wire: wire)
            }
        }
        do {
            return switch target {
            case .tcp(let host, let port):
                try await bootstrap.connect(host: host, port: port, channelInitializer: open)
            case .unixSocket(let path):
                try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: open)
            }
        } catch {
            throw RPCClientError.notConnected("\(target): \(plainReason(of: error))")
        }
    }

    /// Calls `method` and waits for its answer.
    public func call<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, options: CallOptions = CallOptions()
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        let message = encodeCall(wire, id: id, method, arguments)
        let (handler, channel) = (handler, channel)
        let limit = TimeAmount(options.timeout ?? .seconds(10))
        let answer: ByteBuffer
        do {
            answer = try await channel.eventLoop.flatSubmit {
                handler.value.send(message, id: id, timeout: limit, over: channel)
            }.get()
        } catch {
            throw .call(error as? RPCClientError ?? .connectionClosed(.unknown))
        }
        return try decodeAnswer(answer, wire.format, method)
    }

    /// Calls a `oneway` method: returns when the call has been handed to the operating system. Whether it arrives, nobody
    /// says.
    public func send<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, options: CallOptions = CallOptions()
    ) async throws(CallFailure<Never>) {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        do {
            try await channel.writeAndFlush(encodeCall(wire, id: id, method, arguments)).get()
        } catch {
            throw .call(.connectionClosed(.unknown))
        }
    }

    /// Closes the connection; calls in flight fail with `connectionClosed`.
    public func close() async { try? await channel.close() }
}
