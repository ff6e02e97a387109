//! Slow calls, hot keys and large values of all event loops: kept by each loop for itself, brought together for `/slow`.

internal import Logging
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import Timing

/// What is watched of a server's calls; one for all its event loops.
final class SlowCallLog: Sendable {
    private let thresholdMillis: Int64
    private let keysPerSample: Int
    private let rings: [SlowCallRing]
    /// One for each loop, or none.
    private let samplers: [KeySampler]
    private let log: RateLimitedLog
    private let clock: Clock

    init(_ configuration: ServerConfiguration.SlowCalls, eventLoops: Int, clock: Clock, logger: Logger) {
        thresholdMillis = configuration.thresholdMillis
        keysPerSample = configuration.sampleKeys
        rings = (0..<eventLoops).map { _ in SlowCallRing() }
        samplers =
            configuration.sampleKeys == 0
            ? [] : (0..<eventLoops).map { _ in KeySampler(keysPerSample: configuration.sampleKeys) }
        log = RateLimitedLog(logger, clock: clock, linesPerSecond: configuration.logPerSecond)
        self.clock = clock
    }

    /// The notes of the loop with this number.
    func makeNotes(_ loop: Int) -> CallNotes {
        let (ring, log, clock) = (rings[loop], log, clock)
        return CallNotes(slowNanosecondsMin: thresholdMillis == 0 ? .max : thresholdMillis * 1_000_000) { call in
            let shown = SlowReport.Call(call, endedAt: clock.wallNow())
            ring.add(shown, at: call.end)
            log.warning("a call took \(call.nanoseconds / 1_000_000) ms", metadata: shown.logMetadata)
        }
    }

    /// The sampler of the loop with this number; nil: keys are not looked at.
    func sampler(_ loop: Int) -> KeySampler? { samplers.isEmpty ? nil : samplers[loop] }

    /// Everything, for `/slow`.
    func report() -> SlowReport {
        let entries = rings.flatMap(\.entries).sorted { $0.end > $1.end }
        let found = samplers.map(\.found)
        var largest = LargestValues(capacity: KeySampler.largestValuesMax)
        for value in found.flatMap(\.largestValues.values) { largest.add(value.byteCount, of: value.key) }
        return SlowReport(
            thresholdMillis: thresholdMillis, total: total,
            calls: entries.prefix(SlowCallRing.callsMax).map(\.call), sampleKeys: keysPerSample,
            keysSampled: found.reduce(0) { $0 + $1.hotKeys.total },
            hotKeys: SpaceSaving.top(SlowReport.hotKeysMax, of: found.map(\.hotKeys)).map { SlowReport.HotKey($0) },
            largestValues: largest.values.map { SlowReport.LargeValue($0) })
    }

    private var total: Int { rings.reduce(0) { $0 + $1.total } }

    var families: [MetricFamily] {
        [
            MetricFamily(
                "slow_calls_total", .counter, "Calls that took slowCalls.threshold or longer.", value: Double(total))
        ]
    }
}
