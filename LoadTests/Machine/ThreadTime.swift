//! The calling thread: its CPU time, what an operation takes of it, and sleeping.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum ThreadTime {
    /// User and system time of the calling thread.
    static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Batches are of a millisecond or more, so that asking for the time does not count.
    private static let batchNanosecondsMin: Int64 = 1_000_000

    /// CPU time of one operation, over about so many milliseconds of them. The batches that find how many of them make a
    /// batch warm up.
    /// - Parameters:
    ///   - cycle: a batch is a multiple of so many operations.
    ///   - batch: does so many operations.
    @inline(__always)
    static func nanosecondsPerOperation(
        milliseconds: Double, cycle: Int = 1, _ batch: (_ operations: Int) throws -> Void
    ) rethrows -> Double {
        func time(_ operations: Int) throws -> Int64 {
            let start = nanoseconds()
            try batch(operations)
            return nanoseconds() - start
        }
        var operations = cycle
        while try time(operations) < batchNanosecondsMin { operations *= 2 }
        var spent: Int64 = 0
        var done = 0
        while Double(spent) < milliseconds * 1e6 {
            spent += try time(operations)
            done += operations
        }
        return Double(spent) / Double(done)
    }

    /// Sleeps, or a little less where a signal comes.
    static func sleep(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        unsafe nanosleep(&time, nil)
    }
}
