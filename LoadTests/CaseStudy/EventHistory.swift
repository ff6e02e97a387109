//! What happened to the case study's owners. Nothing is stored: an owner's events are computed from its number, so that
//! any answer can be checked.
//!
//! An owner is an entry of a `KeySpace`. Its events lie in periods of an hour, evenly spread; each is a line of text
//! as a news feed might log it, from few words and some numbers, so that it compresses as such lines do.

internal import NIOCore
internal import StorageAPI

/// How many events owners have, and how large they are.
struct EventHistory: Sendable, Hashable, Codable {
    /// The first moment of every owner's history: 2026-01-01 00:00 UTC, where a period begins.
    static let startMillis: Int64 = 1_767_225_600_000
    /// What the service's `history.period` is by default.
    static let periodMillis: Int64 = 3_600_000
    /// An event has room for its first words.
    static let eventSizes = 16...4_096

    /// Periods of an owner; a read asks for all of them, each a key of the store.
    var periods = 16
    var eventsPerPeriod = 100
    /// Bytes of an event's data.
    var eventSize = 100

    /// The moment after the last period.
    var endMillis: Int64 { Self.startMillis + Int64(periods) * Self.periodMillis }
    var eventsPerOwner: Int { periods * eventsPerPeriod }

    /// All events of an owner, in order of time.
    func events(ofOwner owner: UInt32) -> [Event] {
        var random = WyRand(seed: UInt64(owner))
        return (0..<eventsPerOwner).map { index in
            Event(timestampMillis: timestamp(index), data: ByteBuffer(bytes: text(&random)))
        }
    }

    private func timestamp(_ index: Int) -> Int64 {
        let (period, place) = index.quotientAndRemainder(dividingBy: eventsPerPeriod)
        return Self.startMillis + Int64(period) * Self.periodMillis
            + Int64(place) * Self.periodMillis / Int64(eventsPerPeriod)
    }

    private static let actions = ["view", "like", "share", "comment", "follow", "skip", "dislike", "favourite"]
    private static let channels = ["recommended", "following", "search", "sports", "technology", "local", "video"]
    private static let devices = ["android", "iphone", "ipad", "web", "tv"]

    private func text(_ random: inout WyRand) -> [UInt8] {
        let line =
            """
            action=\(pick(Self.actions, &random)) item=\(random.next() % 1_000_000_000) \
            author=\(random.next() % 100_000) channel=\(pick(Self.channels, &random)) \
            position=\(random.next() % 50) dwell=\(random.next() % 30_000) device=\(pick(Self.devices, &random)) \
            result=ok
            """
        let bytes = Array(line.utf8.prefix(eventSize))
        return bytes + Array(repeating: UInt8(ascii: " "), count: eventSize - bytes.count)
    }

    private func pick(_ words: [String], _ random: inout WyRand) -> String {
        words[Int(random.next() % UInt64(words.count))]
    }
}
