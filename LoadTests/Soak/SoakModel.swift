//! What a soak knows of its entries, and what may therefore be answered. No I/O: times come in, judgements go out.
//!
//! Writes of an entry are numbered from 1. At most one write of an entry is under way at a time, so that there is always
//! one *settled* state (the last write that is known to have happened) and at most one *pending* write beside it. Reads
//! may overlap both: a read may answer with what was settled when it began, or with anything written since, and with
//! nothing older.
//!
//! A write whose answer never came (a connection that was cut, a server that was killed) is *in doubt*: it may have
//! happened, or happen still, when the server gets to the bytes that lie in a closed connection. The entry then rests for
//! `restNanoseconds`, and is not written again before a read that began after that has settled it.

internal import NIOCore

/// A moment, in nanoseconds of the monotonic clock.
typealias SoakTime = Int64

struct SoakModel: Sendable {
    /// The shortest time to live that a put asks for.
    static let ttlNanosecondsMin: SoakTime = 250_000_000
    /// How much earlier than we reckon an entry may expire: the server sets expiries by a clock that is behind by up to a
    /// tick of the kernel, which is some milliseconds, and more where the machine has no time for ticks.
    static let earlyExpiryNanoseconds: SoakTime = 100_000_000
    /// How long the server may go on with what lay in a connection that was closed.
    static let restNanoseconds: SoakTime = 10_000_000_000
    /// When a read is made that should settle an entry, and does not, another one is made after so long.
    static let askAgainNanoseconds: SoakTime = 5_000_000_000
    /// How much later than its expiry an entry may still be answered: the server looks at its clock once a tick.
    static let expirySlackNanoseconds: SoakTime = 1_000_000_000

    /// When an entry expires: between its put's sending and its answer plus the time to live.
    struct Expiry: Hashable, Sendable {
        static let never = Expiry(earliest: .max, latest: .max)
        var earliest: SoakTime
        var latest: SoakTime
    }

    /// What a write does to its entry.
    enum Effect: Hashable, Sendable {
        /// - Parameter ttlNanoseconds: nil: it does not expire.
        case store(ttlNanoseconds: SoakTime?)
        case remove
    }

    private struct Pending: Sendable {
        var effect: Effect
        var expiry: Expiry
        /// Nobody knows whether it happened; when the entry has rested. Else it is under way.
        var restsUntil: SoakTime?
    }

    private struct Entry: Sendable {
        /// The last write that is known to have happened; 0: none was.
        var settled: UInt32 = 0
        /// Whether it left a value that nobody has missed since.
        var isThere = false
        /// The version of that value; 0: not known.
        var version: Int64 = 0
        var expiry = Expiry.never
        /// The last number that a write was given.
        var begun: UInt32 = 0
        /// The last that was given to a removal, and to a put with a time to live.
        var removal: UInt32 = 0
        var expiring: UInt32 = 0
        var pending: Pending?
    }

    /// What was known of an entry when a read of it began.
    struct ReadStart: Sendable {
        let entry: UInt32
        let time: SoakTime
        fileprivate let settled: UInt32
        fileprivate let begun: UInt32
        fileprivate let isThere: Bool
        fileprivate let version: Int64
        fileprivate let expiry: Expiry
        fileprivate let mayBeMissing: Bool
        /// When what was there or under way may have expired at the earliest.
        fileprivate let earliestExpiry: SoakTime
        fileprivate let settlesDoubt: Bool
    }

    /// A write that has begun.
    struct Write: Hashable, Sendable {
        let entry: UInt32
        let number: UInt32
        let begun: SoakTime
        /// What was known of the entry, for judging outcomes.
        fileprivate let wasSettled: UInt32
        fileprivate let wasThere: Bool
        fileprivate let version: Int64
        fileprivate let expiry: Expiry
    }

    let content: SoakContent
    /// Whether the server may drop any entry at any time.
    let evicts: Bool
    private var entries: [Entry]
    /// Writes that did not happen, and whose numbers are above the settled ones: by entry.
    private var refused: [UInt32: Set<UInt32>] = [:]
    /// Entries in doubt, and when to read them.
    private var doubtful: [(entry: UInt32, askAt: SoakTime)] = []
    /// Until then clocks mean nothing: the server, or we, stood still.
    private var disturbedUntil: SoakTime = .min

    init(_ content: SoakContent, evicts: Bool) {
        self.content = content
        self.evicts = evicts
        entries = Array(repeating: Entry(), count: content.count)
    }

    /// Somebody stood still, up to `time`.
    mutating func noteDisturbance(until time: SoakTime) { disturbedUntil = max(disturbedUntil, time) }

    // MARK: Writes

    /// Whether a write of `entry` may begin.
    func mayWrite(_ entry: UInt32) -> Bool { entries[Int(entry)].pending == nil }

    /// The version that `entry` has for certain, if it is there; nil: not known.
    func version(of entry: UInt32) -> Int64? {
        let state = entries[Int(entry)]
        return state.isThere && state.version > 0 ? state.version : nil
    }

    /// The number of the last write that is known to have happened.
    func settled(_ entry: UInt32) -> UInt32 { entries[Int(entry)].settled }

    mutating func beginWrite(_ entry: UInt32, _ effect: Effect, at now: SoakTime) -> Write {
        var state = entries[Int(entry)]
        precondition(state.pending == nil, "one write at a time")
        state.begun += 1
        var expiry = Expiry.never
        switch effect {
        case .store(let ttl?):
            state.expiring = state.begun
            expiry = Expiry(earliest: now + ttl - Self.earlyExpiryNanoseconds, latest: .max)
        case .store(nil): break
        case .remove: state.removal = state.begun
        }
        state.pending = Pending(effect: effect, expiry: expiry)
        entries[Int(entry)] = state
        return Write(
            entry: entry, number: state.begun, begun: now, wasSettled: state.settled, wasThere: state.isThere,
            version: state.version, expiry: state.expiry)
    }

    /// Whether nobody has said yet how `write` ended.
    func isUnderWay(_ write: Write) -> Bool {
        let state = entries[Int(write.entry)]
        return state.begun == write.number && state.pending != nil && state.pending?.restsUntil == nil
    }

    /// The write has not happened, and will not.
    mutating func endRefused(_ write: Write) {
        entries[Int(write.entry)].pending = nil
        refused[write.entry, default: []].insert(write.number)
    }

    /// Nobody knows whether the write has happened.
    /// - Parameter rest: how long it may still happen.
    mutating func endInDoubt(_ write: Write, at now: SoakTime, rest: SoakTime = Self.restNanoseconds) {
        let restsUntil = now + rest
        entries[Int(write.entry)].pending?.restsUntil = restsUntil
        doubtful.append((write.entry, restsUntil))
    }

    /// The write has happened.
    /// - Parameter version: what the answer says; nil: nothing.
    mutating func endDone(_ write: Write, version: Int64?, at now: SoakTime) throws(SoakFault) {
        var state = entries[Int(write.entry)]
        guard let pending = state.pending else { preconditionFailure("a write that never began") }
        state.pending = nil
        state.settled = write.number
        if case .store(let ttl) = pending.effect {
            state.isThere = true
            state.expiry = Expiry(earliest: pending.expiry.earliest, latest: ttl.map { now + $0 } ?? .max)
            state.version = version ?? 0
        } else {
            state.isThere = false
        }
        entries[Int(write.entry)] = state
        refused[write.entry] = nil
        if let version, version <= write.version {
            throw SoakFault(
                kind: .version,
                detail: "entry \(write.entry): write \(write.number) has version \(version) after \(write.version)")
        }
    }

    /// Whether the entry was there for certain while `write` was under way.
    func wasThere(_ write: Write, until now: SoakTime) -> Bool {
        write.wasThere && !evicts && write.expiry.earliest > now
    }

    /// Whether it was missing for certain. (Expiry is judged by reads alone.)
    func wasMissing(_ write: Write) -> Bool { !write.wasThere }

    // MARK: Reads

    func beginRead(_ entry: UInt32, at now: SoakTime) -> ReadStart {
        let state = entries[Int(entry)]
        var mayBeMissing = !state.isThere
        var settlesDoubt = false
        if let pending = state.pending {
            if pending.effect == .remove { mayBeMissing = true }
            settlesDoubt = pending.restsUntil.map { $0 <= now } ?? false
        }
        return ReadStart(
            entry: entry, time: now, settled: state.settled, begun: state.begun, isThere: state.isThere,
            version: state.version, expiry: state.expiry, mayBeMissing: mayBeMissing,
            earliestExpiry: min(state.expiry.earliest, state.pending?.expiry.earliest ?? .max),
            settlesDoubt: settlesDoubt)
    }

    /// A read has found a value.
    /// - Parameter version: what the answer says; nil: nothing.
    mutating func endRead(
        _ start: ReadStart, found value: ByteBuffer, version: Int64?, at now: SoakTime
    ) throws(SoakFault) {
        let number = try content.number(of: value, start.entry)
        let state = entries[Int(start.entry)]
        let what = "entry \(start.entry): write \(number)"
        if number < start.settled {
            throw SoakFault(kind: .stale, detail: "\(what), and \(start.settled) was acknowledged before the read")
        }
        guard number > 0, number <= state.begun, refused[start.entry]?.contains(number) != true else {
            throw SoakFault(kind: .neverWritten, detail: "\(what) of \(state.begun)")
        }
        if number == start.settled {
            guard start.isThere else { throw SoakFault(kind: .undead, detail: what) }
            if start.expiry.latest != .max, start.expiry.latest + Self.expirySlackNanoseconds < start.time,
                disturbedUntil < start.time
            {
                throw SoakFault(
                    kind: .expired, detail: "\(what), \((start.time - start.expiry.latest) / 1_000_000) ms too late")
            }
        }
        if let version {
            let isRight =
                number > start.settled ? version > start.version : start.version == 0 || version == start.version
            guard isRight else {
                throw SoakFault(kind: .version, detail: "\(what) has version \(version), known was \(start.version)")
            }
        }
        // What has been seen has happened, rested or not.
        if start.settlesDoubt || number == state.begun { settle(start, asWrite: number, version: version) }
    }

    /// A read has found nothing.
    mutating func endRead(missing start: ReadStart, at now: SoakTime) throws(SoakFault) {
        let state = entries[Int(start.entry)]
        defer {
            if start.settlesDoubt { settle(start, asWrite: nil, version: nil) }
            // What nobody has written since stays missing.
            if state.pending == nil, state.settled == start.settled { entries[Int(start.entry)].isThere = false }
        }
        if evicts || start.mayBeMissing || start.earliestExpiry <= now || state.removal > start.settled
            // Put and expired since the read began.
            || (state.expiring > start.settled
                && now - start.time >= Self.ttlNanosecondsMin - Self.earlyExpiryNanoseconds)
        {
            return
        }
        let expiry =
            start.earliestExpiry == .max ? "never expires" : "expires in \((start.earliestExpiry - now) / 1_000_000) ms"
        throw SoakFault(
            kind: .lost,
            detail: "entry \(start.entry): write \(start.settled) of \(start.begun), now \(state.begun), \(expiry)")
    }

    // MARK: Doubt

    /// An entry that has rested, and that a read has to settle.
    mutating func nextDoubtful(at now: SoakTime) -> UInt32? {
        while let first = doubtful.first, first.askAt <= now {
            doubtful.removeFirst()
            guard entries[Int(first.entry)].pending?.restsUntil != nil else { continue }
            doubtful.append((first.entry, now + Self.askAgainNanoseconds))
            return first.entry
        }
        return nil
    }

    /// How many entries are in doubt.
    var doubtfulCount: Int { Set(doubtful.map(\.entry)).count { entries[Int($0)].pending?.restsUntil != nil } }

    /// The server is another process now: what it had not executed it never will.
    mutating func endRests(at now: SoakTime) {
        for index in doubtful.indices {
            let entry = Int(doubtful[index].entry)
            guard entries[entry].pending?.restsUntil != nil else { continue }
            entries[entry].pending?.restsUntil = now
            doubtful[index].askAt = now
        }
    }

    /// - Parameter number: the write that was found; nil: nothing was.
    private mutating func settle(_ start: ReadStart, asWrite number: UInt32?, version: Int64?) {
        let entry = start.entry
        var state = entries[Int(entry)]
        // Another read may have settled it meanwhile, and another write may be in doubt since.
        guard let pending = state.pending, pending.restsUntil != nil, state.begun == start.begun else { return }
        state.pending = nil
        if let number, number == state.settled {
            // It has not happened, and a value of it would be one that was never written.
            refused[entry, default: []].insert(state.begun)
        } else if number != nil {
            state.settled = state.begun
            state.isThere = true
            state.version = version ?? 0
            // Later than it was put, but by how much nobody knows.
            state.expiry = Expiry(earliest: pending.expiry.earliest, latest: .max)
            refused[entry] = nil
        } else {
            state.settled = state.begun
            state.isThere = false
            refused[entry] = nil
        }
        entries[Int(entry)] = state
    }
}
