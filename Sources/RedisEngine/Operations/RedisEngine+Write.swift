public import NIOCore
public import StorageEngine
public import Timing

extension RedisEngine {
    private static let noVersions = "the engine has no versions"

    public func put(
        _ key: ByteBuffer, value: ByteBuffer, options: PutOptions, durability: Durability,
        _ call: EngineCall<Kept<PutOutcome>>, session: RedisSession
    ) {
        guard options.ifVersion == nil else { return call.fail(.unsupported(Self.noVersions)) }
        write(
            key, call, durability, session: session,
            encode: { commands, _ in Self.encodeSet(key, value, options, &commands) },
            decode: { reply in
                let previous = options.returnPrevious ? reply.bulk : nil
                let applied: Bool
                switch (reply, options.returnPrevious) {
                case (.null, false): applied = false
                case (.status, false): applied = reply.isOK
                // The reply is what was there.
                case (.null, true): applied = options.condition != .ifPresent
                case (.bulk, true): applied = options.condition != .ifAbsent
                default: return nil
                }
                return PutOutcome(applied: applied, version: nil, previous: previous)
            })
    }

    static func encodeSet(
        _ key: ByteBuffer, _ value: ByteBuffer, _ options: PutOptions, _ commands: inout CommandWriter
    ) {
        let expires = options.expiry != .distantFuture
        let isConditional = options.condition != .always
        commands.begin(words: 3 + (expires ? 2 : 0) + (isConditional ? 1 : 0) + (options.returnPrevious ? 1 : 0))
        commands.word("SET" as StaticString)
        commands.word(key)
        commands.word(value)
        if expires {
            commands.word("PXAT" as StaticString)
            commands.word(options.expiry.milliseconds)
        }
        switch options.condition {
        case .always: break
        case .ifAbsent: commands.word("NX" as StaticString)
        case .ifPresent: commands.word("XX" as StaticString)
        }
        if options.returnPrevious { commands.word("GET" as StaticString) }
    }

    public func compareAndSwap(
        _ key: ByteBuffer, seen: StoredValue?, value: ByteBuffer, expiry: WallTime, durability: Durability,
        _ call: EngineCall<Kept<Bool>>, session: RedisSession
    ) {
        write(
            key, call, durability, session: session,
            encode: { commands, isSource in
                Script.compareAndSwap.begin(&commands, isSource: isSource, keys: 1, arguments: 4)
                commands.word(key)
                commands.word(seen == nil ? "0" : "1" as StaticString)
                commands.word(seen?.value ?? ByteBuffer())
                commands.word(value)
                commands.word(expiry.orZero)
            }, decode: Self.flag)
    }

    public func remove(
        _ key: ByteBuffer, ifVersion version: Int64?, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: RedisSession
    ) {
        guard version == nil else { return call.fail(.unsupported(Self.noVersions)) }
        write(
            key, call, durability, session: session,
            encode: { commands, _ in
                commands.begin(words: 2)
                commands.word("UNLINK" as StaticString)
                commands.word(key)
            }, decode: Self.flag)
    }

    public func increment(
        _ key: ByteBuffer, by delta: Int64, initial: Int64, expiry: WallTime?, durability: Durability,
        _ call: EngineCall<Kept<IncrementOutcome>>, session: RedisSession
    ) {
        write(
            key, call, durability, session: session,
            encode: { commands, isSource in
                Script.increment.begin(&commands, isSource: isSource, keys: 1, arguments: 3)
                commands.word(key)
                commands.word(delta)
                commands.word(initial)
                if let expiry { commands.word(expiry.orZero) } else { commands.word("" as StaticString) }
            },
            decode: { reply in
                reply.bulk.flatMap(RESPParser.integer).map { IncrementOutcome(value: $0, version: nil) }
            })
    }

    public func touch(
        _ key: ByteBuffer, expiry: WallTime, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: RedisSession
    ) {
        guard expiry == .distantFuture else {
            return write(
                key, call, durability, session: session,
                encode: { commands, _ in
                    commands.begin(words: 3)
                    commands.word("PEXPIREAT" as StaticString)
                    commands.word(key)
                    commands.word(expiry.milliseconds)
                }, decode: Self.flag)
        }
        write(
            key, call, durability, session: session, replies: 2,
            encode: { commands, _ in
                commands.begin(words: 2)
                commands.word("PERSIST" as StaticString)
                commands.word(key)
                // `PERSIST` answers 0 for a key that never expires, too.
                commands.begin(words: 2)
                commands.word("EXISTS" as StaticString)
                commands.word(key)
            }, decode: { $0.array.flatMap { Self.flag($0[1]) } })
    }

    /// 0 or 1.
    static func flag(_ reply: RESPValue) -> Bool? {
        switch reply.integer {
        case 0: false
        case 1: true
        default: nil
        }
    }
}

extension WallTime {
    /// As scripts take it: 0 for never.
    var orZero: Int64 { self == .distantFuture ? 0 : milliseconds }
}
