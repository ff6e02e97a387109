//! The engine's one lock type: a `Mutex` that counts how often it was found held by another thread.
//!
//! Taken and released by two calls rather than a closure, because an atomic batch holds a number of locks that is known
//! only at run time, and because keys are spans, which closures may not capture. Every `lock()` in this target is
//! followed by a `defer { unlock() }` or by a loop that releases what it took.
//!
//! ThreadSanitizer does not understand the futex inside a contended `Mutex` and reports a race where there is none; the
//! annotations tell it what the lock orders. They are no-ops in other builds.

internal import CIntrinsics
internal import Synchronization

/// Mutual exclusion for one shard (or for the page pool, or for the list of sessions). Held for nanoseconds; nothing is
/// called out to under it.
final class ShardLock: Sendable {
    private let mutex = Mutex<Void>(())
    private let contended = Atomic<Int>(0)

    /// How often `lock()` found the lock held.
    var contendedCount: Int { contended.load(ordering: .relaxed) }

    @inline(__always)
    func lock() {
        if !(mutex._unsafeTryLock()) { lockContended() }
        unsafe nt_tsan_acquire(address)
    }

    @inline(__always)
    func unlock() {
        unsafe nt_tsan_release(address)
        mutex._unsafeUnlock()
    }

    @inline(never)
    private func lockContended() {
        contended.wrappingAdd(1, ordering: .relaxed)
        mutex._unsafeLock()
    }

    /// Names the lock to the sanitizer; never dereferenced.
    @inline(__always)
    private var address: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }
}
