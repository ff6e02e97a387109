internal import Histogram

@testable internal import needletail_load

/// Results of the case study that nobody measured.
enum CaseStudySample {
    static let head = ReportHead(
        command: ["needletail-load", "case-study"],
        machine: MachineDescription(
            processor: "A <processor> & more", cores: 2, kernel: "6.1", architecture: "x86_64", date: "2026-01-01"),
        versions: ["Needletail": "0.1.0", "Redis": "7.0.15"], keys: 8_000, keySize: 16, valueSize: 3_600,
        connections: 16)
    static let history = EventHistory()

    static func percentiles(_ microseconds: Double, samples: UInt64) -> PercentilesRecord {
        var record = PercentilesRecord(LatencyHistogram.empty())
        record.samples = samples
        (record.p50, record.p90, record.p99) = (microseconds / 2, microseconds * 0.8, microseconds)
        (record.p999, record.max) = (microseconds * 1.5, microseconds * 2)
        return record
    }

    static func measurement(
        p99 microseconds: Double, cpu: Double, samples: Int = 1_500, throttled: Int = 0
    ) -> MeasurementRecord {
        let latency = percentiles(microseconds, samples: UInt64(samples))
        return MeasurementRecord(
            loop: "open loop", operation: "getDataByRange", keysPerCall: 1, seconds: 15, requests: samples,
            requestsPerSecond: 100, found: samples, missing: 0, failed: 0, wrong: 0, latencyMicroseconds: latency,
            latencyFromSendMicroseconds: latency, generatorLatenessMicroseconds: percentiles(60, samples: 1_500),
            serverCPUMicrosecondsPerRequest: cpu, generatorCPUMicrosecondsPerRequest: 50, generatorCoreShare: 1,
            throttled: throttled, stolenShare: 0, interrupted: false, operations: [])
    }

    /// What a model without noise says: each change divides by its factor.
    static func p99(_ variant: CaseVariant) -> Double {
        var value = 98_000.0
        if variant.reads == .concurrent { value /= 6 }
        if variant.buffers == .pooled { value /= 1.25 }
        if variant.decoder == .messagePack { value /= 1.5 }
        if variant.decoder == .naiveThrift { value *= 2 }
        // Both together are worth more than the product of each.
        if variant.decoder == .messagePack, variant.buffers == .pooled { value /= 1.44 }
        return value
    }

    static func variant(_ variant: CaseVariant, samples: Int = 1_500) -> VariantRecord {
        let p99 = p99(variant)
        let rounds = [0.9, 1, 1.1].map { measurement(p99: p99 * $0, cpu: p99 / 100, samples: samples / 3) }
        let curve = [0, 0.5, 0.75, 0.9, 0.95, 0.99].map {
            PercentilePoint(share: $0, microseconds: p99 * (0.3 + 0.7 * $0 * $0))
        }
        return VariantRecord(
            variant: variant, merged: measurement(p99: p99, cpu: p99 / 100, samples: samples), rounds: rounds,
            curve: curve)
    }

    static func variants(delayed: Bool, samples: Int = 1_500) -> VariantsRecord {
        VariantsRecord(
            rates: [100, 100],
            injectedDelay: delayed
                ? DelayRecord(
                    distribution: LogNormal(medianMillis: 4.5, sigma: 0.4), replies: 100_000, late: 3,
                    overshootMicroseconds: percentiles(300, samples: 100_000))
                : nil,
            variants: CaseVariant.all.map { variant($0, samples: samples) })
    }

    static func sweep(samples: Int) -> SweepRecord {
        SweepRecord(
            variant: .full, rate: 100, injectedDelay: nil,
            points: CaseStudySetup.widths.map { width in
                let figures = measurement(p99: 90_000 / Double(min(width, 16)) + 8_000, cpu: 1_200, samples: samples)
                return .init(width: width, merged: figures, rounds: [figures])
            })
    }

    static func report(samples: Int = 1_500) -> CaseStudyReport {
        CaseStudyReport(
            head, history, storeConnections: 1, isComplete: true,
            variants: [variants(delayed: true, samples: samples), variants(delayed: false, samples: samples)],
            sweep(samples: samples))
    }
}
