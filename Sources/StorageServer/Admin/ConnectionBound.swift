//! How many connections a port has at a time. One too many is closed before it has said anything: who waits to be accepted could
//! not be told apart from who will never be.

internal import NIOCore
internal import Synchronization

/// The connections of a port, and the most that it may have. Any thread.
final class ConnectionBound: Sendable {
    private let max: Int
    private let open = Atomic(0)

    init(max: Int) { self.max = max }

    /// A handler for one connection of the port.
    func makeHandler() -> any RemovableChannelHandler { Handler(self) }

    private func enter() -> Bool { open.wrappingAdd(1, ordering: .relaxed).newValue <= max }

    private func leave() { open.wrappingSubtract(1, ordering: .relaxed) }

    private final class Handler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        private let bound: ConnectionBound
        private var isOneTooMany = false

        init(_ bound: ConnectionBound) { self.bound = bound }

        func handlerAdded(context: ChannelHandlerContext) {
            isOneTooMany = !bound.enter()
            if isOneTooMany, context.channel.isActive { context.close(promise: nil) }
        }

        func channelActive(context: ChannelHandlerContext) {
            context.fireChannelActive()
            if isOneTooMany { context.close(promise: nil) }
        }

        func handlerRemoved(context: ChannelHandlerContext) { bound.leave() }
    }
}
