//! What came of varying one thing.

/// One point: a value, a kind of call, and all of its rounds.
struct ScalePoint: Sendable {
    let value: Int
    let shape: CallShape
    /// Bytes of entries and tables in the store, as the server says it.
    var storeBytes: Int?
    /// Resident memory of the server.
    var residentBytes: Int?
    /// Locks that were found taken, in all rounds together.
    var contendedLocks: Double?
    var rounds: [Measurement] = []

    private func median(_ figure: (Measurement) -> Double?) -> Double? {
        needletail_load.median(rounds.filter { $0.throttled == 0 }.compactMap(figure))
    }

    private func medianPerCall(_ figure: (KernelWork) -> Double) -> Double? {
        median { measurement in
            guard measurement.figures.calls > 0 else { return nil }
            return measurement.kernelWork.map { figure($0) / Double(measurement.figures.calls) }
        }
    }

    var serverMicroseconds: Double? { median(\.serverMicrosecondsPerCall) }
    var nanosecondsPerKey: Double? { serverMicroseconds.map { $0 * 1e3 / Double(shape.keysPerCall) } }
    var rate: Double? { median(\.figures.rate) }
    var generatorShare: Double? { median(\.generatorShare) }
    /// System time, of the server's CPU time.
    var systemShare: Double? {
        median { measurement in
            guard let cpu = measurement.serverCPUSeconds, cpu > 0 else { return nil }
            return measurement.kernelWork.map { $0.systemSeconds / cpu }
        }
    }
    var sleepsPerCall: Double? { medianPerCall { Double($0.sleeps) } }
    var packetsPerCall: Double? { medianPerCall { Double($0.packets) } }
    var bytesPerCall: Double? { medianPerCall { Double($0.bytes) } }

    var isClean: Bool { rounds.allSatisfy(\.figures.isClean) }
}

/// All points of one axis, and what is to be said of them.
struct ScaleCurve: Sendable {
    let axis: ScaleAxis
    var points: [ScalePoint]
    /// What a limit prevented.
    var skipped: [String] = []

    var throttledRounds: Int { points.reduce(0) { $0 + $1.rounds.count { $0.throttled > 0 } } }

    /// The points of each kind of call, in the axis' order. Of keys per call all are one.
    var series: [[ScalePoint]] {
        if axis == .keysPerCall { return points.isEmpty ? [] : [points] }
        var series: [[ScalePoint]] = []
        for point in points {
            if let index = series.firstIndex(where: { $0.first?.shape == point.shape }) {
                series[index].append(point)
            } else {
                series.append([point])
            }
        }
        return series
    }
}
