/// Counts what chosen threads allocate, by standing in for the allocator in the executable that this is linked into.
/// Only in release builds without a sanitizer, which has an allocator of its own; elsewhere nothing is replaced.
#ifndef NEEDLETAIL_CALLOCATIONCOUNTER_H
#define NEEDLETAIL_CALLOCATIONCOUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Whether allocations are counted in this build.
bool nt_counts_allocations(void);

/// From now on the calling thread's allocations are counted, or no longer.
void nt_count_this_thread(bool counts);

/// Allocations of all counted threads so far. A reallocation that asks for another block counts as one.
uint64_t nt_allocation_count(void);

/// Writes the stacks of the next `count` counted allocations to standard error.
void nt_trace_allocations(int count);

#endif
