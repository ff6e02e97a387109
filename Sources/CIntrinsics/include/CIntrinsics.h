/// What Swift has no name for: cache prefetch, the allocator's own figures, epoll, the cores that a thread runs on.
/// Everything is `static inline`, so that a call costs what the instruction costs.
#ifndef NEEDLETAIL_CINTRINSICS_H
#define NEEDLETAIL_CINTRINSICS_H

#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
// Glibc's module leaves epoll out.
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Asks for the cache line at `address` for reading, to be kept in every level. Any address is allowed; none faults.
static inline void nt_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// Bytes that glibc holds for an allocation, its own chunk header included (8 bytes on 64-bit machines).
static inline size_t nt_allocated_size(void *allocation) {
    return malloc_usable_size(allocation) + sizeof(size_t);
}

/// At most `arenas` allocation arenas, so that a few threads do not spread the heap over 8 arenas a core.
static inline void nt_limit_arenas(int arenas) {
    mallopt(M_ARENA_MAX, arenas);
}

/// Bytes of the allocator: what it has handed out (mappings of their own included), what it holds free, and what of the
/// first it has mapped one by one. Walks the free lists of every arena under that arena's lock.
static inline void nt_allocator_bytes(size_t *used, size_t *free, size_t *mapped) {
    struct mallinfo2 info = mallinfo2();
    *used = info.uordblks + info.hblkhd;
    *free = info.fordblks;
    *mapped = info.hblkhd;
}

/// Gives the free pages of every arena back to the system; each arena's lock is held meanwhile. 1 if there were any.
static inline int nt_trim_allocator(void) {
    return malloc_trim(0);
}

/// Maps `size` bytes of zeroed memory at an address that is a multiple of `size` (a power of two), and asks for huge
/// pages: random reads over a large store otherwise miss the TLB as often as the cache. NULL if there is no memory.
static inline void *nt_map_aligned(size_t size) {
    char *start = (char *)mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == (char *)MAP_FAILED) return NULL;
    char *aligned = (char *)(((uintptr_t)start + size - 1) & ~(uintptr_t)(size - 1));
    if (aligned > start) munmap(start, (size_t)(aligned - start));
    munmap(aligned + size, (size_t)(start + size - aligned));
    madvise(aligned, size, MADV_HUGEPAGE);
    return aligned;
}

/// Gives a mapping back.
static inline void nt_unmap(void *start, size_t size) {
    munmap(start, size);
}

/// Gives the memory behind a part of a mapping back; the addresses stay, and read as zero.
static inline void nt_discard(void *start, size_t size) {
    madvise(start, size, MADV_DONTNEED);
}

/// Reads which cores the calling thread may run on: one bit each, from the first byte's lowest. -1 if that fails.
static inline int nt_get_cores(uint8_t *mask, size_t size) {
    return syscall(SYS_sched_getaffinity, 0, size, mask) < 0 ? -1 : 0;
}

/// Keeps the calling thread, and the children that it starts, on the cores whose bits are set. -1 if that fails.
static inline int nt_set_cores(const uint8_t *mask, size_t size) {
    return syscall(SYS_sched_setaffinity, 0, size, mask) < 0 ? -1 : 0;
}

/// Names the calling thread for `top` and debuggers: at most 15 bytes.
static inline void nt_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}

/// Gives the calling thread, and no other, this niceness.
static inline void nt_set_thread_nice(int nice) {
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice);
}

/// CRC32C (Castagnoli; RFC 3720, B.4) of `count` bytes, going on from `crc` (0 to begin): by the processor's instruction
/// where it has one.
uint32_t nt_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without the instruction, for tests.
uint32_t nt_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// Whether all bytes are zero.
int nt_is_zero(const void *bytes, size_t count);

/// What names a lock to ThreadSanitizer: any address of its own, never dereferenced.
typedef void *nt_lock_name;

#ifdef THREAD_SANITIZER
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#endif

/// Tells ThreadSanitizer (in builds with `-DTHREAD_SANITIZER`) that a lock at `address` was taken; else nothing.
static inline void nt_tsan_acquire(void *address) {
#ifdef THREAD_SANITIZER
    __tsan_acquire(address);
#else
    (void)address;
#endif
}

/// Tells ThreadSanitizer that a lock at `address` is about to be released; else nothing.
static inline void nt_tsan_release(void *address) {
#ifdef THREAD_SANITIZER
    __tsan_release(address);
#else
    (void)address;
#endif
}

#endif
