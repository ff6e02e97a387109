//! User and system time, as the kernel counts it for processes.

internal import Foundation

enum CPUTime {
    /// Seconds that this process took.
    static func ofThisProcess() -> Double { seconds(of: RUSAGE_SELF) }

    /// Seconds that those children took that have ended.
    static func ofEndedChildren() -> Double { seconds(of: RUSAGE_CHILDREN) }

    private static func seconds(of who: __rusage_who) -> Double {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(who.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
