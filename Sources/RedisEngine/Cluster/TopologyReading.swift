//! One reading of the topology: asks node after node until one tells it.

internal import StorageEngine
internal import Timing

final class TopologyReading {
    private var candidates: ArraySlice<Node>
    private let loop: RedisLoop
    private var then: ((Result<SlotMap, EngineError>) -> Void)?
    private var request: NodeRequest?
    private var timer: LoopTimer?
    /// What the first node that was asked said.
    private var failure: String?

    init(_ candidates: [Node], _ loop: RedisLoop, then: @escaping (Result<SlotMap, EngineError>) -> Void) {
        self.candidates = candidates[...]
        self.loop = loop
        self.then = then
    }

    func begin() { askNext() }

    func cancel() {
        then = nil
        drop()
    }

    private func drop() {
        timer?.cancel()
        request?.cancel()
        request = nil
    }

    private func end(_ result: Result<SlotMap, EngineError>) {
        guard let then else { return }
        cancel()
        then(result)
    }

    private func askNext() {
        guard let node = candidates.popFirst() else {
            return end(.failure(.unavailable(reason: failure ?? "no node is configured")))
        }
        var commands = CommandWriter()
        commands.command("CLUSTER", "SLOTS")
        commands.command("ROLE")
        var replies: [RESPValue] = []
        let request = NodeRequest(
            commands,
            receive: { reply in
                replies.append(reply)
                if replies.count == 2 { self.told(replies[0], replies[1], by: node) }
            }, failed: { self.askedInVain($0.reason) })
        self.request = request
        timer = loop.schedule(after: loop.configuration.topologyTimeout) {
            request.cancel()
            self.askedInVain("\(node.endpoint): no answer in time")
        }
        node.send(request)
    }

    private func told(_ slots: RESPValue, _ role: RESPValue, by node: Node) {
        if let error = slots.error {
            // Without cluster mode, or of a version that knows no such thing.
            guard error.text.contains("cluster support disabled") || error.text.contains("unknown command") else {
                return askedInVain("\(node.endpoint): \(error.text)")
            }
            if let error = role.error, error.code != "NOPERM" {
                return askedInVain("\(node.endpoint): \(error.text)")
            }
            return end(
                .success(SlotMap(standalone: Shard(role: role, of: node.endpoint) ?? Shard(primary: node.endpoint))))
        }
        guard let map = SlotMap(slots, from: node.endpoint) else {
            return askedInVain("\(node.endpoint): it knows of no slots")
        }
        end(.success(map))
    }

    private func askedInVain(_ reason: String) {
        guard then != nil else { return }
        failure = failure ?? reason
        drop()
        askNext()
    }
}
