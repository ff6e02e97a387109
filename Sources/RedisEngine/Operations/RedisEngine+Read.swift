public import NIOCore
internal import NeedletailWire
public import StorageEngine
internal import Timing

extension RedisEngine {
    public func get(_ key: ByteBuffer, _ call: EngineCall<StoredValue?>, session: RedisSession) {
        run(
            key, call, .read, session: session, replies: 2,
            encode: { commands, _ in
                commands.begin(words: 2)
                commands.word("GET" as StaticString)
                commands.word(key)
                commands.begin(words: 2)
                commands.word("PEXPIRETIME" as StaticString)
                commands.word(key)
            },
            decode: { reply in
                guard let parts = reply.array, let expiry = parts[1].integer else { return nil }
                switch parts[0] {
                case .bulk(let value):
                    // -2: it has expired between the two commands.
                    if expiry == -2 { return .some(nil) }
                    return StoredValue(
                        value, expiry: expiry < 0 ? .distantFuture : WallTime(milliseconds: expiry))
                case .null: return .some(nil)
                case .status, .error, .integer, .array: return nil
                }
            })
    }

    public func multiGet(_ read: MultiRead, session: RedisSession) {
        session.cluster.whenKnown { failure in
            if let failure { return read.fail(failure) }
            read.run(parts(of: read, session: session))
        }
    }

    /// The keys of a read by shard, at most as many in each part as the read's width says.
    private func parts(of read: MultiRead, session: RedisSession) -> [ReadPart] {
        let keys = read.keys
        let slots = keys.indices.map { session.slot(of: keys[$0]) }
        let most = max(read.width.keysPerPart, 1)
        var parts: [ReadPart] = []
        for group in session.cluster.group(slots) {
            for start in stride(from: 0, to: group.count, by: most) {
                let places = Array(group[start..<min(start + most, group.count)])
                parts.append(
                    ReadPart(places) { part in self.begin(part, keys, slots: places.map { slots[Int($0)] }, session) })
            }
        }
        return parts
    }

    private func begin(_ part: ReadPart, _ keys: BinaryList, slots: [UInt16], _ session: RedisSession) {
        let places = part.keys
        let items = Exchange.Items(
            slots: slots,
            encode: { item, commands, _ in
                commands.begin(words: 2)
                commands.word("GET" as StaticString)
                commands.word(keys[Int(places[item])])
            },
            encodeJoined: { items, commands in
                commands.begin(words: 1 + items.count)
                commands.word("MGET" as StaticString)
                for item in items { commands.word(keys[Int(places[Int(item)])]) }
            },
            onReply: { item, reply in
                switch reply {
                case .success(.bulk(let value)): part.found(value, at: places[item])
                case .success(.null): part.missing(at: places[item])
                case .failure(let error): part.failed(error, at: places[item])
                case .success:
                    part.failed(.unavailable(reason: Self.wrongType), at: places[item])
                    return false
                }
                return true
            })
        let exchange = Exchange(items, .read, session: session) { _ in part.end() }
        part.onCancel = { exchange.cancel() }
        exchange.begin()
    }
}
