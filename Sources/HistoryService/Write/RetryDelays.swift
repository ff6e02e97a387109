/// How long a write waits that met another one, before it tries again: anything up to a bound that doubles, so that writers
/// who met once do not meet again.
struct RetryDelays {
    /// How often one period is tried. Of writers who meet one gets on each time, but not each of them equally often: where
    /// eight write to one owner without pause, on more loops than cores, one of them came second 40 times in a row. A call's
    /// deadline may come before this bound.
    static let attemptsMax = 200
    /// The bound of the first wait, nanoseconds: 0.5 ms.
    private static let firstBound: Int64 = 500_000
    /// How often the bound doubles: to 16 ms.
    private static let doublings = 5

    private var random: any RandomNumberGenerator

    init(_ random: any RandomNumberGenerator) { self.random = random }

    /// Nanoseconds to wait after the attempt with this number, which counts from 1.
    mutating func next(after attempt: Int) -> Int64 {
        let bound = Self.firstBound << Int64(min(attempt - 1, Self.doublings))
        return Int64(random.next() % UInt64(bound))
    }
}
