/// What one contender's calls of one round took. Travels as JSON from the process that made them.
struct CallSample: Codable, Sendable {
    var calls: Int
    /// From the first call to the last answer.
    var seconds: Double
    /// User and system time of the process that made the calls.
    var cpuSeconds: Double

    var callsPerSecond: Double { Double(calls) / seconds }
    var cpuMicrosecondsPerCall: Double { cpuSeconds * 1e6 / Double(calls) }
}
