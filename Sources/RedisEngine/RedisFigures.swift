internal import Synchronization

/// What the engine counts, over all event loops. Readable from any thread.
public final class RedisFigures: Sendable {
    let connected = Atomic(0)
    let connectionFailures = Atomic(0)
    let openConnections = Atomic(0)
    let requests = Atomic(0)
    let redirections = Atomic(0)
    let delays = Atomic(0)
    let hedges = Atomic(0)
    let topologies = Atomic(0)

    init() {}

    /// The figures now.
    public struct Snapshot: Sendable, Hashable {
        /// Connections that are open.
        public var openConnections = 0
        /// Connections that were made.
        public var connections = 0
        /// Connections that could not be made, or broke.
        public var connectionFailures = 0
        /// Messages to nodes; each carries one command or more.
        public var requests = 0
        /// Commands that a node sent elsewhere (`MOVED`, `ASK`).
        public var redirections = 0
        /// Commands that were tried again after a while (`TRYAGAIN`, `CLUSTERDOWN`, `LOADING`, ...).
        public var delays = 0
        /// Second requests to another node.
        public var hedges = 0
        /// Topologies that were read.
        public var topologies = 0
    }

    public var snapshot: Snapshot {
        Snapshot(
            openConnections: openConnections.load(ordering: .relaxed),
            connections: connected.load(ordering: .relaxed),
            connectionFailures: connectionFailures.load(ordering: .relaxed),
            requests: requests.load(ordering: .relaxed), redirections: redirections.load(ordering: .relaxed),
            delays: delays.load(ordering: .relaxed), hedges: hedges.load(ordering: .relaxed),
            topologies: topologies.load(ordering: .relaxed))
    }
}
