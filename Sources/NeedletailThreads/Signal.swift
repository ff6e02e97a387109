//! How one thread waits for others: a flag with a condition. Raised by any thread, taken by one.
//!
//! Unsafe inside: a POSIX mutex and condition variable need an address of their own, which the class allocates and frees.
//! `Mutex` has no condition.

package import Timing

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A flag that a thread sleeps on.
@safe
package final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isRaised = false

    package init() {
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Lets other threads run, one of which does what this one needs in a moment.
    package static func yield() { sched_yield() }

    /// Wakes the waiting thread, or has its next wait return at once.
    package func raise() {
        unsafe pthread_mutex_lock(mutex)
        let wasRaised = isRaised
        isRaised = true
        unsafe pthread_mutex_unlock(mutex)
        if !wasRaised { unsafe pthread_cond_signal(condition) }
    }

    /// Returns when the flag is up, which it takes down, or at `deadline`.
    /// - Returns: false at the deadline.
    @discardableResult
    package func wait(until deadline: MonotonicTime) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var time = timespec(
            tv_sec: time_t(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        while !isRaised {
            if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
        }
        defer { isRaised = false }
        return isRaised
    }
}
