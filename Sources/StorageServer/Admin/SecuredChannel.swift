//! HTTPS for the admin port: the handler of our own door before Hummingbird's, so that each connection gets the
//! certificate of its moment.

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NeedletailRPC

/// HTTP/1 over TLS.
struct SecuredChannel: ServerChildChannel {
    let base: HTTP1Channel
    let security: any ServerSecurity

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(security.makeHandler())
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
