/// Stacks of running threads, taken by a signal. In C, because a signal's handler may neither allocate nor take a lock, and
/// Swift promises neither: a call may allocate metadata, a class may be initialised lazily.
///
/// Threads: `nts_start` to `nts_stop` belong to one collector thread; the handler runs on any.
#ifndef NEEDLETAIL_CSTACKSAMPLER_H
#define NEEDLETAIL_CSTACKSAMPLER_H

#include <stddef.h>
#include <stdint.h>

/// Frames that a stack is cut to.
#define NTS_FRAMES_MAX 96
/// Stacks that wait to be taken, at most: what 64 busy threads give in 60 ms at 999 Hz.
#define NTS_STACKS_MAX 4096
/// Parts of the address space without frame pointers, at most.
#define NTS_FRAMELESS_MAX 8

/// One stack, the innermost frame first; but for the first, addresses are those that calls return to.
struct nts_stack {
    int32_t thread;
    uint32_t count;
    /// Expirations of the thread's timer that it stands for.
    uint32_t weight;
    uint64_t frames[NTS_FRAMES_MAX];
};

/// Why stacks cannot be taken in this process; NULL if they can.
const char *nts_unavailable(void);

/// Says which code keeps no frame pointers, before `nts_start`. What is past the bound is ignored.
void nts_add_frameless(uint64_t start, uint64_t end);
/// Says where the code of the program itself is, which keeps them.
void nts_set_program(uint64_t start, uint64_t end);
/// Forgets both.
void nts_forget_code(void);

/// Installs the handler and takes stacks from now on. 0, or an error's number: EBUSY if somebody else handles the signal.
int nts_start(void);
/// Takes no more. The handler stays, as signals may be on their way whose default is to end the process.
void nts_stop(void);

/// Has a thread interrupted `hz` times in each second of CPU time that it uses, or once at each tick of the kernel's that
/// has it running, for several times at once. A timer to give to `nts_disarm`, or -1.
int64_t nts_arm(int32_t thread, int hz);
void nts_disarm(int64_t timer);
/// Interrupts a thread once, now. 0 or an error's number.
int nts_interrupt(int32_t thread);

/// Takes one stack out. 0 if there is none.
int nts_take(struct nts_stack *stack);
/// Stacks that found no room since the start.
uint64_t nts_dropped(void);

/// This thread's number, as the kernel knows it.
int32_t nts_thread(void);

/// The Swift runtime's demangler: a string to free, or NULL if `name` is no Swift name.
char *swift_demangle(const char *name, size_t length, char *buffer, size_t *size, uint32_t flags);

#endif
