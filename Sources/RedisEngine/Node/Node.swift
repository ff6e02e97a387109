//! One node, as one event loop sees it: its links and how fast it answers.

internal import Timing

final class Node {
    let endpoint: RedisEndpoint
    var latency = LatencyEstimate()
    /// Called when a connection broke or could not be made: the topology may have changed.
    private let onTrouble: () -> Void
    private var links: [NodeLink] = []
    /// For writes that wait for replicas: such a connection stands still until they have it.
    private var waitingLink: NodeLink?

    init(_ endpoint: RedisEndpoint, _ loop: RedisLoop, onTrouble: @escaping () -> Void) {
        self.endpoint = endpoint
        self.onTrouble = onTrouble
        let configuration = loop.configuration
        links = (0..<max(configuration.connectionsPerNode, 1)).map { _ in NodeLink(endpoint, loop, node: self) }
        if configuration.replicas > 0 {
            waitingLink = NodeLink(endpoint, loop, node: self, answerDelay: configuration.replicationTimeout)
        }
    }

    /// Sends a request over the connection with the least to do.
    func send(_ request: NodeRequest, waitsForReplicas: Bool = false) {
        if waitsForReplicas, let waitingLink { return waitingLink.send(request) }
        var best = links[0]
        for link in links.dropFirst() where link.load < best.load { best = link }
        best.send(request)
    }

    /// Requests that wait or are not answered.
    var load: Int { links.reduce(waitingLink?.load ?? 0) { $0 + $1.load } }

    func isInTrouble() { onTrouble() }

    /// Whether connections are refused at the moment.
    var isRefused: Bool { links.contains { $0.isRefused } }

    /// Since when an answer or a connection is owed; nil if nothing is.
    var silentSince: MonotonicTime? { links.compactMap(\.silentSince).min() }

    func close() {
        for link in links { link.close() }
        waitingLink?.close()
    }
}
