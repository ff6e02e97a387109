//! What one event loop needs to use the engine: its own connections and its own map of the slots, so that nothing on
//! the way of a request is shared with other threads.

internal import NIOCore

/// One event loop's connections to the nodes. Made and used on that loop.
public final class RedisSession {
    let loop: RedisLoop
    let cluster: Cluster

    init(_ loop: RedisLoop) {
        self.loop = loop
        cluster = Cluster(loop)
    }

    /// Closes all connections. What is under way fails.
    public func close() { cluster.close() }

    /// The slot of `key`; one for all without cluster mode, where everything is in one place.
    func slot(of key: ByteBuffer) -> UInt16 { cluster.isStandalone ? 0 : HashSlot.of(key) }

    func slot(of key: RawSpan) -> UInt16 { cluster.isStandalone ? 0 : HashSlot.of(key) }
}
