//! The one lock type: a `Mutex` that counts how often it was found held by another thread.
//!
//! Taken and released by two calls rather than a closure, because an atomic batch holds a number of locks that is known
//! only at run time, and because keys are spans, which closures may not capture. Every `lock()` is followed by a
//! `defer { unlock() }` or by a loop that releases what it took; only the right to write the log is held from one call to
//! another (`WriteAheadLog.beginGroup`).
//!
//! ThreadSanitizer does not understand the futex inside a contended `Mutex` and reports a race where there is none; the
//! annotations tell it what the lock orders. They are no-ops in other builds.

package import CIntrinsics
package import Synchronization

/// Mutual exclusion, held for nanoseconds (by a replay, which only statistics wait for, for a block of records; the right to
/// write or sync the log for as long as that takes, or a group of calls); nothing else is called out to under it.
package final class Lock: Sendable {
    @usableFromInline
    package let mutex = Mutex<Void>(())
    private let contended = Atomic<Int>(0)

    package init() {}

    /// How often `lock()` found the lock held.
    package var contendedCount: Int { contended.load(ordering: .relaxed) }

    @inlinable
    @inline(__always)
    package func lock() {
        if !(mutex._unsafeTryLock()) { lockContended() }
        tellAcquired()
    }

    /// Takes the lock if nobody holds it.
    package func tryLock() -> Bool {
        guard mutex._unsafeTryLock() else { return false }
        tellAcquired()
        return true
    }

    @inlinable
    @inline(__always)
    package func unlock() {
        tellReleased()
        mutex._unsafeUnlock()
    }

    @inline(never)
    @usableFromInline
    package func lockContended() {
        contended.wrappingAdd(1, ordering: .relaxed)
        mutex._unsafeLock()
    }

    @inlinable
    @inline(__always)
    package func tellAcquired() { unsafe nt_tsan_acquire(address) }

    @inlinable
    @inline(__always)
    package func tellReleased() { unsafe nt_tsan_release(address) }

    /// Names the lock to the sanitizer; never dereferenced.
    @inlinable
    @inline(__always)
    package var address: nt_lock_name { unsafe Unmanaged.passUnretained(self).toOpaque() }
}
