//! Ranks by Zipf's law, drawn by rejection-inversion (W. Hoermann and G. Derflinger, "Rejection-inversion to generate
//! variates from monotone discrete distributions", ACM TOMACS 6(3), 1996): exact for any count, without a table and
//! without the sum over all ranks that the generator of YCSB (Gray et al., SIGMOD 1994) begins with. Names as in the
//! paper: h is the probability's shape, H its integral.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Draws ranks from 0 to a count; rank r comes up in proportion to 1 / (r + 1) ^ `exponent`.
struct ZipfRanks: Sendable {
    /// As YCSB has it.
    static let exponent = 0.99

    private let count: Double
    private let integralOfFirst: Double
    private let integralOfAll: Double
    /// What lies closer to its rank than this is taken without a further look.
    private let acceptedDistance: Double

    init(count: UInt64) {
        self.count = Double(count)
        integralOfFirst = Self.integral(1.5) - 1
        integralOfAll = Self.integral(Double(count) + 0.5)
        acceptedDistance = 2 - Self.inverse(Self.integral(2.5) - Self.shape(2))
    }

    /// 0 is the rank that comes up most.
    @inline(__always)
    func draw(_ random: inout WyRand) -> UInt64 {
        while true {
            let uniform = Double(random.next() &>> 11) * 0x1p-53
            let area = integralOfAll + uniform * (integralOfFirst - integralOfAll)
            let place = Self.inverse(area)
            let rank = min(max((place + 0.5).rounded(.down), 1), count)
            if rank - place <= acceptedDistance || area >= Self.integral(rank + 0.5) - Self.shape(rank) {
                return UInt64(rank) &- 1
            }
        }
    }

    private static func shape(_ place: Double) -> Double { exp(-exponent * log(place)) }

    private static func integral(_ place: Double) -> Double {
        let logarithm = log(place)
        let power = (1 - exponent) * logarithm
        return (abs(power) > 1e-8 ? expm1(power) / power : 1 + power / 2) * logarithm
    }

    @inline(__always)
    private static func inverse(_ area: Double) -> Double {
        let power = max(area * (1 - exponent), -1)
        return exp((abs(power) > 1e-8 ? log1p(power) / power : 1 - power / 2) * area)
    }
}
