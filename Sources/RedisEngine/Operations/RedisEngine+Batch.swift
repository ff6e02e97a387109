//! Writes of many keys: each its own command, those of a node in one message. An atomic one is a script on one slot.

internal import NIOCore
public import NeedletailWire
public import StorageEngine

extension RedisEngine {
    public func multiPut(
        _ entries: [EngineEntry], atomic: Bool, durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: RedisSession
    ) {
        guard let access = access(durability, call) else { return }
        if entries.isEmpty { return call.succeed(Kept([], durability)) }
        whenKnown(call, session) {
            if atomic {
                self.putAll(entries, durability, call, session: session)
            } else {
                self.putEach(entries, access, durability, call, session: session)
            }
        }
    }

    private func putAll(
        _ entries: [EngineEntry], _ durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: RedisSession
    ) {
        let slots = Set(entries.map { session.slot(of: $0.key) })
        guard slots.count == 1 else {
            return call.fail(.unsupported("an atomic multiPut has to have all of its keys in one slot"))
        }
        write(
            entries[0].key, call, durability, session: session,
            encode: { commands, isSource in
                Script.setAll.begin(&commands, isSource: isSource, keys: entries.count, arguments: 2 * entries.count)
                for entry in entries { commands.word(entry.key) }
                for entry in entries {
                    commands.word(entry.value)
                    commands.word(entry.expiry.orZero)
                }
            }, decode: { $0.integer == Int64(entries.count) ? entries.map { _ in .stored } : nil })
    }

    private func putEach(
        _ entries: [EngineEntry], _ access: Exchange.Access, _ durability: Durability,
        _ call: EngineCall<Kept<[KeyStatus]>>, session: RedisSession
    ) {
        // Only the last of equal keys is sent: two commands could be redirected and overtake each other.
        var places: [ByteBuffer: Int] = [:]
        var last: [EngineEntry] = []
        let itemOfEntry = entries.map { entry in
            if let place = places[entry.key] {
                last[place] = entry
                return place
            }
            places[entry.key] = last.count
            last.append(entry)
            return last.count - 1
        }
        let sent = last
        runEach(
            sent.map { session.slot(of: $0.key) }, access, call, session: session,
            encode: { item, commands in
                let entry = sent[item]
                Self.encodeSet(entry.key, entry.value, PutOptions(expiry: entry.expiry), &commands)
            }, decode: { $0.isOK ? true : nil },
            then: { done in Kept(itemOfEntry.map { done[$0] == nil ? .failed : .stored }, durability) })
    }

    public func multiRemove(
        _ keys: BinaryList, durability: Durability, _ call: EngineCall<Kept<Int>>, session: RedisSession
    ) {
        guard let access = access(durability, call) else { return }
        if keys.isEmpty { return call.succeed(Kept(0, durability)) }
        whenKnown(call, session) {
            self.runEach(
                keys.indices.map { session.slot(of: keys[$0]) }, access, call, session: session, needsAll: true,
                encode: { item, commands in
                    commands.begin(words: 2)
                    commands.word("UNLINK" as StaticString)
                    commands.word(keys[item])
                }, decode: Self.flag, then: { done in Kept(done.count { $0 == true }, durability) })
        }
    }

    /// Calls `body` when the slots' owners are known: which slot a key has depends on whether there is a cluster.
    private func whenKnown<Outcome>(
        _ call: EngineCall<Outcome>, _ session: RedisSession, _ body: @escaping () -> Void
    ) {
        session.cluster.whenKnown { failure in
            if let failure { return call.fail(failure) }
            if !call.hasEnded { body() }
        }
    }

    /// Sends a command for each slot, and ends `call` with what `then` makes of the results, nil for an item that
    /// failed.
    /// - Parameter needsAll: Whether one failure fails the call; else only a failure of all does.
    private func runEach<Value, Outcome>(
        _ slots: [UInt16], _ access: Exchange.Access, _ call: EngineCall<Outcome>, session: RedisSession,
        needsAll: Bool = false, encode: @escaping (_ item: Int, _ commands: inout CommandWriter) -> Void,
        decode: @escaping (RESPValue) -> Value?, then: @escaping ([Value?]) -> Outcome
    ) {
        var results: [Value?] = Array(repeating: nil, count: slots.count)
        var failure: EngineError?
        let items = Exchange.Items(
            slots: slots, encode: { item, commands, _ in encode(item, &commands) }, encodeJoined: nil,
            onReply: { item, reply in
                switch reply {
                case .failure(let error):
                    // Whether something was changed counts more than why something was not.
                    if !(failure?.isInterruption ?? false) { failure = error }
                case .success(let reply):
                    guard let value = decode(reply) else {
                        failure = .interrupted(reason: Self.wrongType)
                        return false
                    }
                    results[item] = value
                }
                return true
            })
        let exchange = Exchange(items, access, session: session) { shortfall in
            if let shortfall { return call.fail(shortfall) }
            let isChanged = results.contains { $0 != nil }
            guard let failure, needsAll || !isChanged else { return call.succeed(then(results)) }
            call.fail(isChanged && !failure.isInterruption ? .interrupted(reason: "in part: \(failure)") : failure)
        }
        call.onCancel = { exchange.cancel() }
        exchange.begin()
    }
}

extension EngineError {
    var isInterruption: Bool {
        if case .interrupted = self { true } else { false }
    }
}
