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
}
