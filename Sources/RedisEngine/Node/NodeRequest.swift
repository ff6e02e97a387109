//! Commands that leave in one message, over one connection, and whose replies come one after the other.
//!
//! Always true: `receive` is called with each reply in order, or `failed` once, then nothing; after `cancel` neither
//! is, and replies that still come are counted and dropped by the connection.

internal import NIOCore
internal import Timing

/// Why the replies of a request do not come.
enum RequestFailure: Error, Hashable {
    /// No byte was sent. `isFull`: because too much waits for the node already.
    case notSent(String, isFull: Bool = false)
    /// It was sent, and may have been executed.
    case broken(String)

    var reason: String {
        switch self {
        case .notSent(let reason, _), .broken(let reason): reason
        }
    }
}

final class NodeRequest {
    /// Empty once they were sent, or nobody waits for replies any more.
    private(set) var bytes: ByteBuffer
    let replyCount: Int
    private var receive: ((RESPValue) -> Void)?
    private var failed: ((RequestFailure) -> Void)?
    private(set) var isCancelled = false
    /// Set while it waits to be sent.
    weak var queue: NodeLink?
    /// Over which it was sent.
    weak var connection: NodeConnection?
    /// When the operating system was given its bytes.
    private(set) var sentAt = MonotonicTime(nanoseconds: 0)

    init(
        _ commands: CommandWriter, receive: @escaping (RESPValue) -> Void,
        failed: @escaping (RequestFailure) -> Void
    ) {
        bytes = commands.bytes
        replyCount = commands.count
        self.receive = receive
        self.failed = failed
    }

    /// Its bytes, for sending.
    func takeBytes(now: MonotonicTime) -> ByteBuffer {
        queue = nil
        sentAt = now
        defer { bytes = ByteBuffer() }
        return bytes
    }

    /// One reply; the last one lets go of whoever waits.
    func answer(_ reply: RESPValue, isLast: Bool) {
        guard let receive else { return }
        if isLast { release() }
        receive(reply)
    }

    func fail(_ failure: RequestFailure) {
        let failed = failed
        release()
        failed?(failure)
    }

    /// Nobody waits for replies any more: what was not sent will not be, what comes is dropped.
    func cancel() {
        guard receive != nil else { return }
        isCancelled = true
        release()
        let size = bytes.readableBytes
        bytes = ByteBuffer()
        queue?.requestWasCancelled(size: size)
        queue = nil
    }

    /// What came as a reply is none to what was sent: nothing that follows can be trusted.
    func distrust() { connection?.close("a reply is not of the type that was asked for") }

    private func release() {
        receive = nil
        failed = nil
    }
}
