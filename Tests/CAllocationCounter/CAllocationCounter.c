// A definition of malloc in the executable is the one that every library gets; glibc's own stay reachable under their
// internal names.

#include "CAllocationCounter.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#undef NT_COUNT_ALLOCATIONS
#endif
#endif

#ifdef NT_COUNT_ALLOCATIONS

#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// In the executable's own thread block, so that reading it never allocates.
static _Thread_local bool is_counted __attribute__((tls_model("initial-exec")));
static _Atomic uint64_t allocations;
static _Atomic int traces_left;

enum { frames_max = 40, own_frames = 2 };

static __attribute__((noinline)) void trace(size_t size) {
    is_counted = false;
    void *frames[frames_max];
    int count = backtrace(frames, frames_max);
    dprintf(STDERR_FILENO, "allocation of %zu bytes\n", size);
    if (count > own_frames) backtrace_symbols_fd(frames + own_frames, count - own_frames, STDERR_FILENO);
    is_counted = true;
}

static inline void note(size_t size) {
    if (__builtin_expect(!is_counted, 1)) return;
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    if (atomic_load_explicit(&traces_left, memory_order_relaxed) > 0
        && atomic_fetch_sub_explicit(&traces_left, 1, memory_order_relaxed) > 0) trace(size);
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    note(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    note(size);
    void *new_block = __libc_memalign(alignment, size);
    if (new_block == NULL) return ENOMEM;
    *block = new_block;
    return 0;
}

bool nt_counts_allocations(void) { return true; }

void nt_count_this_thread(bool counts) { is_counted = counts; }

uint64_t nt_allocation_count(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

void nt_trace_allocations(int count) {
    // The first backtrace loads a library, which allocates.
    void *frame;
    backtrace(&frame, 1);
    atomic_store_explicit(&traces_left, count, memory_order_relaxed);
}

#else

bool nt_counts_allocations(void) { return false; }
void nt_count_this_thread(bool counts) { (void)counts; }
uint64_t nt_allocation_count(void) { return 0; }
void nt_trace_allocations(int count) { (void)count; }

#endif
