//! Any engine as a deferred one. It answers before an operation returns, but for writes that have a level to reach: these
//! end when the engine confirms it.
//!
//! Threads: as the engine under it, one session for each event loop. Nothing is called out to from inside the engine: what
//! a read finds is gathered first, so that who is told may take its time and may call the engine.

public import NIOCore
public import NeedletailWire
public import Timing

/// `Engine`, asked at once.
public struct AtOnceEngine<Engine: StorageEngine>: DeferredEngine {
    public typealias Session = Engine.Session

    private let engine: Engine
    private let clock: Clock

    /// - Parameter clock: tells what has expired.
    public init(_ engine: Engine, clock: Clock) {
        self.engine = engine
        self.clock = clock
    }

    public var capabilities: EngineCapabilities { engine.capabilities }

    public func makeSession(on eventLoop: any EventLoop, timers: LoopTimers) -> Engine.Session {
        engine.makeSession(on: eventLoop)
    }

    /// It holds nothing that ends.
    public func close(_ session: Engine.Session) {}

    public func statistics() -> EngineStatistics { engine.statistics() }

    // MARK: Reads

    public func get(_ key: ByteBuffer, _ call: EngineCall<StoredValue?>, session: Session) {
        guard !call.hasEnded else { return }
        var found: StoredValue?
        engine.read(key.readableBytesSpan, now: clock.wallNow(), session: session) { batch in
            found = stored(batch[0])
        }
        call.succeed(found)
    }

    public func multiGet(_ read: MultiRead, session: Session) {
        var parts: [ReadPart] = []
        for start in stride(from: 0, to: read.keys.count, by: read.width.keysPerPart) {
            let end = min(start + read.width.keysPerPart, read.keys.count)
            parts.append(
                ReadPart(Array(Int32(start)..<Int32(end))) { part in
                    self.read(read.keys.selecting(start..<end), for: part, session)
                })
        }
        read.run(parts)
    }

    private func read(_ keys: BinaryList, for part: ReadPart, _ session: Session) {
        var found: [ByteBuffer?] = []
        found.reserveCapacity(keys.count)
        engine.read(keys, now: clock.wallNow(), session: session) { batch in
            for index in 0..<batch.count { found.append(stored(batch[index])?.value) }
        }
        for (place, value) in zip(part.keys, found) {
            if let value { part.found(value, at: place) } else { part.missing(at: place) }
        }
        part.end()
    }

    /// What the engine lends, kept; nil if it is not there.
    private func stored(_ item: ReadItem) -> StoredValue? {
        guard item.status == .found else { return nil }
        return StoredValue(
            item.shared ?? ByteBuffer(copying: item.value), version: capabilities.versions ? item.version : nil,
            expiry: item.expiry)
    }

    public func scan(_ options: ScanOptions, _ call: EngineCall<ScanPage>, session: Session) {
        guard !call.hasEnded else { return }
        var entries: [(key: ByteBuffer, value: StoredValue)] = []
        do throws(EngineError) {
            let cursor = try engine.scan(options, now: clock.wallNow(), session: session) { key, item in
                if let value = stored(item) { entries.append((ByteBuffer(copying: key), value)) }
            }
            call.succeed(ScanPage(entries: entries, cursor: cursor))
        } catch {
            call.fail(error)
        }
    }

    // MARK: Writes

    public func put(
        _ key: ByteBuffer, value: ByteBuffer, options: PutOptions, durability: Durability,
        _ call: EngineCall<Kept<PutOutcome>>, session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            let outcome = try engine.put(
                key.readableBytesSpan, value: value.readableBytesSpan, options: options, now: now, session: session)
            return (outcome, outcome.applied)
        }
    }

    /// By version: an engine without versions refuses it.
    public func compareAndSwap(
        _ key: ByteBuffer, seen: StoredValue?, value: ByteBuffer, expiry: WallTime, durability: Durability,
        _ call: EngineCall<Kept<Bool>>, session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            guard let version = seen.map(\.version) ?? 0 else {
                throw .unsupported("this engine's entries carry no versions")
            }
            let outcome = try engine.put(
                key.readableBytesSpan, value: value.readableBytesSpan,
                options: PutOptions(expiry: expiry, ifVersion: version), now: now, session: session)
            return (outcome.applied, outcome.applied)
        }
    }

    public func remove(
        _ key: ByteBuffer, ifVersion version: Int64?, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            let outcome = try engine.remove(key.readableBytesSpan, ifVersion: version, now: now, session: session)
            return (outcome.removed > 0, outcome.isChange)
        }
    }

    public func multiPut(
        _ entries: [EngineEntry], atomic: Bool, durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            let statuses = try engine.multiPut(entries, atomic: atomic, now: now, session: session)
            return (statuses, statuses.contains(.stored))
        }
    }

    public func multiRemove(
        _ keys: BinaryList, durability: Durability, _ call: EngineCall<Kept<Int>>, session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            let outcome = try engine.multiRemove(keys, now: now, session: session)
            return (outcome.removed, outcome.isChange)
        }
    }

    public func increment(
        _ key: ByteBuffer, by delta: Int64, initial: Int64, expiry: WallTime?, durability: Durability,
        _ call: EngineCall<Kept<IncrementOutcome>>, session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            (
                try engine.increment(
                    key.readableBytesSpan, by: delta, initial: initial, expiry: expiry, now: now, session: session),
                true
            )
        }
    }

    public func touch(
        _ key: ByteBuffer, expiry: WallTime, durability: Durability, _ call: EngineCall<Kept<Bool>>, session: Session
    ) {
        write(durability, call, session) { (now) throws(EngineError) in
            let found = try engine.touch(key.readableBytesSpan, expiry: expiry, now: now, session: session)
            return (found, found)
        }
    }

    /// Has `body` write, and ends `call` when what it changed has reached `level`.
    private func write<Outcome>(
        _ level: Durability, _ call: EngineCall<Kept<Outcome>>, _ session: Session,
        _ body: (WallTime) throws(EngineError) -> (outcome: Outcome, changed: Bool)
    ) {
        guard !call.hasEnded else { return }
        do throws(EngineError) {
            let (outcome, changed) = try body(clock.wallNow())
            let isWaiting =
                changed && level > .memory
                && engine.confirm(level, session: session) { failure in
                    // The change is to be seen; whether it will be kept nobody can say.
                    if let failure { return call.fail(.interrupted(reason: "\(failure)")) }
                    call.succeed(Kept(outcome, level))
                }
            if !isWaiting { call.succeed(Kept(outcome, level)) }
        } catch {
            call.fail(error)
        }
    }
}
