#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A log-normal distribution of durations: the logarithm is normally distributed, so that there are none below 0 and a
/// tail of long ones.
struct LogNormal: Sendable, Hashable, Codable {
    var medianMillis: Double
    /// The standard deviation of the logarithm.
    var sigma: Double

    /// Draws a duration, in nanoseconds (Box and Muller, 1958).
    func nanoseconds(_ random: inout WyRand) -> Int64 {
        // Uniform in (0, 1]: the logarithm of 0 never comes up.
        let radius = (-2 * log(Self.uniform(&random))).squareRoot()
        let normal = radius * cos(2 * .pi * Self.uniform(&random))
        return Int64(medianMillis * 1e6 * exp(sigma * normal))
    }

    private static func uniform(_ random: inout WyRand) -> Double { Double(random.next() &>> 11 &+ 1) * 0x1p-53 }
}
