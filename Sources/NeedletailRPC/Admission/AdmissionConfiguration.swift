/// When calls are shed. Each is a configuration key.
public struct AdmissionConfiguration: Sendable, Hashable {
    /// `admission.enabled`.
    public var isEnabled: Bool
    /// `admission.target`: how long calls may wait for their turn, milliseconds; `CallPressure` says of which calls.
    public var targetMillis: Int64
    /// `admission.interval`: how long no call must have waited for less than that, before calls are shed, milliseconds.
    public var intervalMillis: Int64
    /// `admission.maxInFlight`: calls of one method that an event loop has begun and will answer later.
    public var inFlightMax: Int
    /// `admission.minInFlight`: the adaptive limit on them does not fall below it.
    public var inFlightMin: Int

    public init(
        isEnabled: Bool = true, targetMillis: Int64 = 5_000, intervalMillis: Int64 = 20, inFlightMax: Int = 16_384,
        inFlightMin: Int = 1_024
    ) {
        precondition(0 < inFlightMin && inFlightMin <= inFlightMax, "the limit has a range")
        self.isEnabled = isEnabled
        self.targetMillis = targetMillis
        self.intervalMillis = intervalMillis
        self.inFlightMax = inFlightMax
        self.inFlightMin = inFlightMin
    }
}
