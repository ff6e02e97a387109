/// What one call may ask for. Each is a configuration key.
package struct ServiceLimits: Sendable {
    /// `limits.maxKeySize`, bytes.
    package var keySizeMax = 4_096
    /// `limits.maxValueSize`, bytes.
    package var valueSizeMax = 16 << 20
    /// `limits.maxKeysPerRequest`.
    package var keysPerRequestMax = 10_000
    /// `limits.maxResponseSize`, bytes: further keys of a multiGet are TOO_LARGE, a scan ends its page.
    package var responseSizeMax = 64 << 20
    /// `limits.defaultTimeout`: the budget of a call that names none, milliseconds.
    package var defaultTimeoutMillis: Int64 = 10_000
    /// `limits.maxTimeout`: no call gets more, milliseconds.
    package var timeoutMillisMax: Int64 = 60_000
    /// `log.durability`: what a write gets that asks for nothing; nil for the engine's best.
    package var durability: EngineDurability?

    package init() {}

    /// Entries of one page of a scan that does not say.
    static let scanLimitDefault: Int32 = 100
    /// Bytes of an answer of many keys besides values and versions, with room to spare: envelope, field heads, lengths.
    private static var answerOverheadBytes: Int { 256 }
    /// The most that a value's length costs, and its status.
    private static var overheadBytesPerKey: Int { 6 }
    private static var versionBytes: Int { 9 }
    /// The most that an entry of a scan costs besides key and value: names of its fields, lengths, version.
    private static var scanOverheadBytes: Int { 40 }

    /// How many bytes of values an answer of so many keys may hold: lengths, statuses and versions are written for every key
    /// in any case.
    func valueBytesMax(ofKeys count: Int, withVersions: Bool) -> Int {
        let perKey = Self.overheadBytesPerKey + (withVersions ? Self.versionBytes : 0)
        return responseSizeMax - Self.answerOverheadBytes - count * perKey
    }

    /// How many bytes of keys and values a page of so many entries may hold.
    func scanBytesMax(ofEntries count: Int) -> Int {
        max(responseSizeMax - Self.answerOverheadBytes - count * Self.scanOverheadBytes, 1)
    }
}
