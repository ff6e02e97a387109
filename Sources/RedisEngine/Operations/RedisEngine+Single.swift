//! The way of an operation on one key.

internal import NIOCore
internal import StorageEngine

extension RedisEngine {
    static let wrongType = "a node sent a reply of the wrong type"

    /// Sends an operation's commands to where `key` is, and ends `call` with what `decode` makes of the replies (nil:
    /// they are not of the types that were expected).
    func run<Outcome>(
        _ key: ByteBuffer, _ call: EngineCall<Outcome>, _ access: Exchange.Access, session: RedisSession,
        replies: Int = 1, encode: @escaping (_ commands: inout CommandWriter, _ isSource: Bool) -> Void,
        decode: @escaping (RESPValue) -> Outcome?
    ) {
        var result: Result<Outcome, EngineError> = .failure(.unavailable(reason: Self.wrongType))
        let items = Exchange.Items(
            slots: [HashSlot.of(key)], repliesPerItem: replies,
            encode: { _, commands, isSource in encode(&commands, isSource) }, encodeJoined: nil,
            onReply: { _, reply in
                switch reply {
                case .failure(let error): result = .failure(error)
                case .success(let reply):
                    guard let outcome = decode(reply) else {
                        if access != .read { result = .failure(.interrupted(reason: Self.wrongType)) }
                        return false
                    }
                    result = .success(outcome)
                }
                return true
            })
        let exchange = Exchange(items, access, session: session) { shortfall in
            if let shortfall, case .success = result { return call.fail(shortfall) }
            call.end(result)
        }
        call.onCancel = { exchange.cancel() }
        exchange.begin()
    }

    /// The same, for a write.
    func write<Outcome>(
        _ key: ByteBuffer, _ call: EngineCall<Kept<Outcome>>, _ durability: Durability, session: RedisSession,
        replies: Int = 1, encode: @escaping (_ commands: inout CommandWriter, _ isSource: Bool) -> Void,
        decode: @escaping (RESPValue) -> Outcome?
    ) {
        guard let access = access(durability, call) else { return }
        run(
            key, call, access, session: session, replies: replies, encode: encode,
            decode: { decode($0).map { Kept($0, durability) } })
    }

    /// How a write of this level goes; nil if there is no such level, and `call` has failed.
    func access<Outcome>(_ durability: Durability, _ call: EngineCall<Outcome>) -> Exchange.Access? {
        guard capabilities.durabilities.contains(durability) else {
            call.fail(.unsupported("the engine does not offer the durability \(durability)"))
            return nil
        }
        return durability == .replicated ? .replicatedWrite : .write
    }
}
