internal import NIOCore
internal import Testing

@testable internal import needletail_load

/// What the model of a soak lets pass, and what it finds.
@Suite struct SoakModelTests {
    private static let second: SoakTime = 1_000_000_000
    /// A blob; entry 1 is a counter.
    private static let entry: UInt32 = 2

    private var model = SoakModel(SoakContent(count: 40), evicts: false)
    private var now: SoakTime = 1

    private mutating func put(_ entry: UInt32 = entry, ttl: SoakTime? = nil, version: Int64) throws {
        let write = model.beginWrite(entry, .store(ttlNanoseconds: ttl), at: now)
        now += 1
        try model.endDone(write, version: version, at: now)
    }

    private mutating func read(_ number: UInt32, version: Int64? = nil) throws {
        let start = model.beginRead(Self.entry, at: now)
        now += 1
        try model.endRead(start, found: model.content.blob(Self.entry, number), version: version, at: now)
    }

    private mutating func miss() throws {
        let start = model.beginRead(Self.entry, at: now)
        now += 1
        try model.endRead(missing: start, at: now)
    }

    /// What `body` is found to be.
    private mutating func fault(_ body: (inout SoakModelTests) throws -> Void) -> SoakFault.Kind? {
        do { try body(&self) } catch { return (error as? SoakFault)?.kind }
        return nil
    }

    @Test("a value says whose it is and which write stored it, and any changed byte shows")
    func content() throws {
        let content = SoakContent(count: 2_000)
        for entry in [UInt32(0), 1, 2, 1_024, 1_999] {
            let value =
                content.isCounter(entry)
                ? ByteBuffer(string: "\(content.count(entry, 77))") : content.blob(entry, 77)
            #expect(try content.number(of: value, entry) == 77)
            #expect(throws: SoakFault.self) { try content.number(of: value, entry + 16) }
            var changed = value
            changed.setInteger(UInt8(0xff), at: value.writerIndex - 1)
            #expect(throws: SoakFault.self) { try content.number(of: changed, entry) }
            var cut = value
            cut.moveWriterIndex(to: value.writerIndex - 1)
            #expect(throws: SoakFault.self) { try content.number(of: cut, entry) }
        }
        #expect(content.blob(1_024, 1).readableBytes >= 16_384, "some go by reference")
    }

    @Test mutating func whatWasAcknowledgedIsRead() throws {
        try put(version: 10)
        try read(1, version: 10)
        try put(version: 11)
        try read(2, version: 11)
        #expect(fault { try $0.read(1) } == .stale)
        #expect(fault { try $0.read(2, version: 10) } == .version)
        #expect(fault { try $0.read(3) } == .neverWritten)
        #expect(fault { try $0.miss() } == .lost)
        #expect(fault { try $0.read(2) } == .undead, "what was missing stays missing")
    }

    @Test("where entries are evicted they may be missing, but not come back")
    mutating func eviction() throws {
        model = SoakModel(SoakContent(count: 40), evicts: true)
        try put(version: 10)
        try miss()
        #expect(fault { try $0.read(1) } == .undead)
        try put(version: 11)
        try read(2)
    }

    @Test("a read that overlaps a write may see either, and nothing older")
    mutating func overlap() throws {
        try put(version: 10)
        try put(version: 11)
        let write = model.beginWrite(Self.entry, .store(ttlNanoseconds: nil), at: now)
        try read(2)
        try read(3)
        #expect(fault { try $0.read(1) } == .stale)
        #expect(fault { try $0.read(4) } == .neverWritten)
        let start = model.beginRead(Self.entry, at: now)
        try model.endDone(write, version: 12, at: now)
        try model.endRead(start, found: model.content.blob(Self.entry, 2), version: 11, at: now)
        #expect(fault { try $0.read(2) } == .stale, "the write was acknowledged before this read")
    }

    @Test("a write that was refused, or sent in part, is never seen")
    mutating func refusal() throws {
        try put(version: 10)
        let write = model.beginWrite(Self.entry, .store(ttlNanoseconds: nil), at: now)
        model.endRefused(write)
        #expect(fault { try $0.read(2) } == .neverWritten)
        try read(1)
        #expect(model.mayWrite(Self.entry))
    }

    @Test("a removal takes a value away for good")
    mutating func removal() throws {
        try put(version: 10)
        let write = model.beginWrite(Self.entry, .remove, at: now)
        try read(1)
        try miss()
        try model.endDone(write, version: nil, at: now)
        try miss()
        #expect(fault { try $0.read(1) } == .stale)
        #expect(fault { try $0.read(2) } == .undead)
    }

    @Test("a value may be missing from its expiry on, and must be missing soon after it")
    mutating func expiry() throws {
        let ttl = SoakModel.ttlNanosecondsMin
        try put(ttl: ttl, version: 10)
        try read(1)
        #expect(fault { try $0.miss() } == .lost)
        try put(ttl: ttl, version: 11)
        now += ttl
        try read(2)
        now += SoakModel.expirySlackNanoseconds
        model.noteDisturbance(until: now)
        try read(2)
        now += 1
        #expect(fault { try $0.read(2) } == .expired)
        try miss()
        try put(version: 12)
        now += 100 * Self.second
        try read(3)
    }

    @Test("the server's clock may be behind by a tick, and entries expire a little early")
    mutating func earlyExpiry() throws {
        let ttl = SoakModel.ttlNanosecondsMin
        try put(ttl: ttl, version: 10)
        now += ttl - SoakModel.earlyExpiryNanoseconds - 3
        #expect(fault { try $0.miss() } == .lost)
        try put(ttl: ttl, version: 11)
        now += ttl - SoakModel.earlyExpiryNanoseconds
        try miss()
    }

    @Test("a write in doubt may have happened or not; what a read finds after its rest settles it")
    mutating func doubt() throws {
        for happened in [true, false] {
            model = SoakModel(SoakContent(count: 40), evicts: false)
            try put(version: 10)
            let write = model.beginWrite(Self.entry, .store(ttlNanoseconds: nil), at: now)
            model.endInDoubt(write, at: now)
            #expect(!model.isUnderWay(write))
            #expect(!model.mayWrite(Self.entry))
            #expect(model.nextDoubtful(at: now) == nil)
            try read(1)
            #expect(!model.mayWrite(Self.entry), "it may happen still")
            now += SoakModel.restNanoseconds
            #expect(model.nextDoubtful(at: now) == Self.entry)
            #expect(model.nextDoubtful(at: now) == nil, "it was asked for")
            try read(happened ? 2 : 1)
            #expect(model.mayWrite(Self.entry))
            #expect(model.doubtfulCount == 0)
            #expect(fault { try $0.read(happened ? 1 : 2) } == (happened ? .stale : .neverWritten))
        }
    }

    @Test("a write in doubt that was seen has happened")
    mutating func seenDoubt() throws {
        try put(version: 10)
        let write = model.beginWrite(Self.entry, .store(ttlNanoseconds: nil), at: now)
        model.endInDoubt(write, at: now)
        try read(2)
        #expect(model.mayWrite(Self.entry))
        #expect(fault { try $0.read(1) } == .stale)
    }

    @Test("after a kill what was in doubt can be settled at once")
    mutating func kill() throws {
        try put(version: 10)
        let write = model.beginWrite(Self.entry, .remove, at: now)
        model.endInDoubt(write, at: now)
        model.endRests(at: now)
        try miss()
        #expect(model.mayWrite(Self.entry))
        #expect(fault { try $0.read(1) } == .stale)
    }

    @Test("versions grow")
    mutating func versions() throws {
        try put(version: 10)
        #expect(fault { try $0.put(version: 10) } == .version)
    }
}
