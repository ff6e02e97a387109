//! When an open loop's calls are due: a Poisson process, drawn from a seed, so that a schedule can be repeated.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The times of arrivals, in nanoseconds from the start of the run; each is later than the one before. The rate is the
/// same all the time, or changes evenly.
struct ArrivalSchedule: Sendable {
    private var random: WyRand
    /// Arrivals per nanosecond at the start, and how much more there are with each nanosecond.
    private let startRate: Double
    private let slope: Double
    /// How many arrivals are expected up to the last one drawn.
    private var expected = 0.0

    /// - Parameters:
    ///   - rate: arrivals per second at the start, above 0.
    ///   - endRate: arrivals per second after `seconds`, above 0; nil: as at the start.
    init(rate: Double, endRate: Double? = nil, seconds: Double = 1, seed: UInt64) {
        precondition(rate > 0 && endRate ?? rate > 0 && seconds > 0)
        random = WyRand(seed: seed)
        startRate = rate / 1e9
        slope = ((endRate ?? rate) - rate) / 1e9 / (seconds * 1e9)
    }

    /// The next arrival. A Poisson process of rate 1, whose gaps are exponentially distributed, is drawn out so that as
    /// many arrivals are expected by any moment as the rate's integral says (Cinlar, Introduction to Stochastic
    /// Processes, 1975). `.max` where a falling rate has reached 0.
    mutating func next() -> Int64 {
        // Uniform in (0, 1]: the logarithm of 0 never comes up.
        let uniform = Double(random.next() &>> 11 &+ 1) * 0x1p-53
        expected -= log(uniform)
        if slope == 0 { return Int64(expected / startRate) }
        // startRate t + slope t^2 / 2 = expected, solved for t in the form that loses no digits.
        let discriminant = startRate * startRate + 2 * slope * expected
        guard discriminant > 0 else { return .max }
        return Int64(2 * expected / (startRate + discriminant.squareRoot()))
    }
}
