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
                case .status, .error, .integer, .tooLarge, .array: return nil
                }
            })
    }

    public func multiGet(_ read: MultiRead, session: RedisSession) {
        session.cluster.whenKnown { failure in
            if let failure { return read.fail(failure) }
            read.run(parts(of: read, session: session))
        }
    }

    /// The keys of a read by shard, at most as many in each part as the read's width says. Of equal keys only the first
    /// is in a part: a value that is large costs no more for being asked for often.
    private func parts(of read: MultiRead, session: RedisSession) -> [ReadPart] {
        let keys = read.keys
        var firsts: [ByteBuffer: Int32] = [:]
        firsts.reserveCapacity(keys.count)
        var distinct: [Int32] = []
        distinct.reserveCapacity(keys.count)
        // By the first of equal keys the places of the others.
        var others: [Int32: [Int32]] = [:]
        for index in keys.indices {
            let (key, place) = (keys.buffer(at: index), Int32(truncatingIfNeeded: index))
            if let first = firsts[key] {
                others[first, default: []].append(place)
            } else {
                firsts[key] = place
                distinct.append(place)
            }
        }
        let slots = distinct.map { session.slot(of: keys[Int($0)]) }
        let most = max(read.width.keysPerPart, 1)
        var parts: [ReadPart] = []
        for group in session.cluster.group(slots) {
            for start in stride(from: 0, to: group.count, by: most) {
                let members = group[start..<min(start + most, group.count)]
                let slotsOfPart = members.map { slots[Int($0)] }
                parts.append(
                    ReadPart(members.map { distinct[Int($0)] }) { [others] part in
                        self.begin(part, keys, slots: slotsOfPart, others, session)
                    })
            }
        }
        return parts
    }

    /// - Parameter others: by a key's place those of the keys that are equal to it.
    private func begin(
        _ part: ReadPart, _ keys: BinaryList, slots: [UInt16], _ others: [Int32: [Int32]], _ session: RedisSession
    ) {
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
                let isExpected = Self.tell(part, reply, at: places[item])
                for place in others[places[item]] ?? [] { _ = Self.tell(part, reply, at: place) }
                return isExpected
            })
        let exchange = Exchange(items, .read, session: session) { _ in part.end() }
        part.onCancel = { exchange.cancel() }
        exchange.begin()
    }

    /// - Returns: false if the reply is of no type that was expected.
    private static func tell(_ part: ReadPart, _ reply: Result<RESPValue, EngineError>, at place: Int32) -> Bool {
        switch reply {
        case .success(.bulk(let value)): part.found(value, at: place)
        case .success(.null): part.missing(at: place)
        case .failure(let error): part.failed(error, at: place)
        case .success:
            part.failed(.unavailable(reason: wrongType), at: place)
            return false
        }
        return true
    }
}
