//! When an open loop's calls are due: a Poisson process, drawn from a seed, so that a schedule can be repeated.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The times of arrivals at a rate, in nanoseconds from the start of the run; each is later than the one before.
struct ArrivalSchedule: Sendable {
    private var random: WyRand
    private let meanGapNanoseconds: Double
    private var elapsedNanoseconds = 0.0

    /// - Parameter rate: arrivals per second, above 0.
    init(rate: Double, seed: UInt64) {
        precondition(rate > 0)
        random = WyRand(seed: seed)
        meanGapNanoseconds = 1e9 / rate
    }

    /// The next arrival. Gaps are exponentially distributed.
    mutating func next() -> Int64 {
        // Uniform in (0, 1]: the logarithm of 0 never comes up.
        let uniform = Double(random.next() &>> 11 &+ 1) * 0x1p-53
        elapsedNanoseconds -= log(uniform) * meanGapNanoseconds
        return Int64(elapsedNanoseconds)
    }
}
