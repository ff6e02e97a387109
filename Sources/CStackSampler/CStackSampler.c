// The signal's handler and its ring.
//
// The handler follows frame pointers. It reads memory by `process_vm_readv`, which fails where a load would fault, so no
// stack, whatever is in it, can end the process; it costs some 300 ns a frame. Libc's own code keeps no frame pointers:
// from there the stack is scanned for the address that it returns to in the program.
//
// The ring: a slot is free, being written, or full. A handler claims the next slot if it is free, or drops its stack; the
// collector frees full ones. Nobody waits for anybody.
//
// A handler may be held up for any time, until after the profile that it was called for. So each time has a number, which
// the handler reads once and leaves in its slot: the collector throws away what is of another time. What is known of the
// code may then be that of the next time, in part even; it only decides where a stack is read that is thrown away.

#define _GNU_SOURCE
#include "CStackSampler.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NTS_THREAD_SANITIZER 1
#endif
#endif

enum { slot_free, slot_writing, slot_full };

struct slot {
    _Atomic int state;
    uint32_t time;
    struct nts_stack stack;
};

struct range {
    _Atomic uint64_t start, end;
};

static struct slot ring[NTS_STACKS_MAX];
static _Atomic uint64_t next_slot;
static _Atomic uint64_t dropped;
/// The time whose stacks are taken; 0: none are.
static _Atomic uint32_t active_time;
/// The last time, as the collector counts them.
static uint32_t last_time;
static uint64_t take_position;
static struct range frameless[NTS_FRAMELESS_MAX];
static _Atomic int frameless_count;
static struct range program;
static _Atomic pid_t process;

/// Words of a stack that are looked at for where code without frame pointers returns to.
#define SCAN_WORDS 160

static size_t read_words(uint64_t address, uint64_t *words, size_t count) {
    struct iovec to = {words, count * sizeof(uint64_t)};
    struct iovec from = {(void *)address, count * sizeof(uint64_t)};
    // By number: libc's wrapper could be a point of cancellation. The numbers are long, or the last one, which is passed in
    // memory, would have anything in its upper half.
    long bytes = syscall(SYS_process_vm_readv, process, &to, 1UL, &from, 1UL, 0UL);
    return bytes < 0 ? 0 : (size_t)bytes / sizeof(uint64_t);
}

static int is_in(const struct range *range, uint64_t address) {
    return atomic_load_explicit(&range->start, memory_order_relaxed) <= address &&
           address < atomic_load_explicit(&range->end, memory_order_relaxed);
}

static void set_range(struct range *range, uint64_t start, uint64_t end) {
    atomic_store_explicit(&range->start, start, memory_order_relaxed);
    atomic_store_explicit(&range->end, end, memory_order_relaxed);
}

static int is_frameless(uint64_t address) {
    int count = atomic_load_explicit(&frameless_count, memory_order_relaxed);
    for (int i = 0; i < count; i++) {
        if (is_in(&frameless[i], address)) return 1;
    }
    return 0;
}

/// Writes what code without frame pointers returns to, if it is found, and gives the frame to go on with.
static uint64_t leave_frameless(uint64_t sp, uint64_t fp, struct nts_stack *stack) {
    uint64_t words[SCAN_WORDS];
    size_t count = read_words(sp, words, SCAN_WORDS);
    int has_frame = fp >= sp && fp - sp < (8 << 20) && fp % 8 == 0;
    size_t end = has_frame && (fp - sp) / 8 < count ? (fp - sp) / 8 : count;
    size_t i = 0;
    while (i < end && !is_in(&program, words[i])) i++;
    if (i < end) stack->frames[stack->count++] = words[i++];
    if (has_frame) return fp;
    // Libc used the register for something else: a saved one of the program stands before an address in the program.
    for (; i + 1 < count; i++) {
        uint64_t place = sp + i * 8;
        if (words[i] > place && words[i] - place < (1 << 20) && words[i] % 16 == 0 && is_in(&program, words[i + 1])) {
            return place;
        }
    }
    return 0;
}

static void walk(const ucontext_t *context, struct nts_stack *stack) {
#if defined(__x86_64__)
    uint64_t pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    uint64_t fp = (uint64_t)context->uc_mcontext.gregs[REG_RBP];
    uint64_t sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    uint64_t pc = context->uc_mcontext.pc;
    uint64_t fp = context->uc_mcontext.regs[29];
    uint64_t sp = context->uc_mcontext.sp;
#else
    uint64_t pc = 0, fp = 0, sp = 0;
#endif
    stack->frames[0] = pc;
    stack->count = 1;
    if (is_frameless(pc)) fp = leave_frameless(sp, fp, stack);
    uint64_t low = sp;
    while (stack->count < NTS_FRAMES_MAX && fp >= low && fp % 8 == 0) {
        uint64_t link[2];
        if (read_words(fp, link, 2) < 2 || link[1] < 4096) break;
        stack->frames[stack->count++] = link[1];
        low = fp + 16;
        fp = link[0];
    }
}

static void handle(int signal, siginfo_t *info, void *context) {
    (void)signal;
    uint32_t time = atomic_load_explicit(&active_time, memory_order_acquire);
    if (time == 0) return;
    int error = errno;
    uint64_t place = atomic_fetch_add_explicit(&next_slot, 1, memory_order_relaxed) % NTS_STACKS_MAX;
    struct slot *slot = &ring[place];
    int state = slot_free;
    if (atomic_compare_exchange_strong_explicit(
            &slot->state, &state, slot_writing, memory_order_acquire, memory_order_relaxed)) {
        slot->time = time;
        slot->stack.thread = nts_thread();
        // The kernel looks at timers of CPU time at its own ticks: of those that expired meanwhile one signal comes.
        slot->stack.weight = info->si_code == SI_TIMER && info->si_overrun > 0 ? 1 + (uint32_t)info->si_overrun : 1;
        walk((const ucontext_t *)context, &slot->stack);
        atomic_store_explicit(&slot->state, slot_full, memory_order_release);
    } else {
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
    }
    errno = error;
}

const char *nts_unavailable(void) {
#ifdef NTS_THREAD_SANITIZER
    return "ThreadSanitizer keeps signals back until a thread's next call of libc, where its stack is another";
#elif !defined(__x86_64__) && !defined(__aarch64__)
    return "stacks are taken on x86-64 and 64-bit Arm only";
#else
    uint64_t word = 0, copy;
    process = getpid();
    if (read_words((uint64_t)&word, &copy, 1) < 1) return "the system forbids process_vm_readv";
    return NULL;
#endif
}

void nts_add_frameless(uint64_t start, uint64_t end) {
    int count = atomic_load_explicit(&frameless_count, memory_order_relaxed);
    if (count == NTS_FRAMELESS_MAX) return;
    set_range(&frameless[count], start, end);
    atomic_store_explicit(&frameless_count, count + 1, memory_order_relaxed);
}

void nts_set_program(uint64_t start, uint64_t end) { set_range(&program, start, end); }

void nts_forget_code(void) {
    atomic_store_explicit(&frameless_count, 0, memory_order_relaxed);
    set_range(&program, 0, 0);
}

int nts_start(void) {
    process = getpid();
    struct sigaction present;
    if (sigaction(SIGPROF, NULL, &present) != 0) return errno;
    int is_ours = (present.sa_flags & SA_SIGINFO) && present.sa_sigaction == handle;
    if (!is_ours) {
        if ((present.sa_flags & SA_SIGINFO) || (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN)) {
            return EBUSY;
        }
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = handle;
        // On the thread's signal stack, if it has one; what it interrupts goes on.
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action.sa_mask);
        if (sigaction(SIGPROF, &action, NULL) != 0) return errno;
    }
    // After a wrap 0 would be no time.
    if (++last_time == 0) last_time = 1;
    // Frees what late signals of the last time have filled.
    struct nts_stack stack;
    while (nts_take(&stack)) {}
    atomic_store(&dropped, 0);
    atomic_store_explicit(&active_time, last_time, memory_order_release);
    return 0;
}

void nts_stop(void) { atomic_store(&active_time, 0); }

int64_t nts_arm(int32_t thread, int hz) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
    event.sigev_notify_thread_id = thread;
    // The kernel's name for the clock of a thread's CPU time (man 3 pthread_getcpuclockid; include/linux/posix-timers.h).
    clockid_t clock = (~(clockid_t)thread << 3) | 6;
    // By number: libc hides the kernel's timer behind a pointer for those that it makes threads for.
    int timer;
    if (syscall(SYS_timer_create, clock, &event, &timer) != 0) return -1;
    long interval = 1000000000L / hz;
    struct itimerspec times = {
        {interval / 1000000000L, interval % 1000000000L}, {interval / 1000000000L, interval % 1000000000L}};
    if (syscall(SYS_timer_settime, timer, 0, &times, NULL) != 0) {
        syscall(SYS_timer_delete, timer);
        return -1;
    }
    return timer;
}

void nts_disarm(int64_t timer) { syscall(SYS_timer_delete, (int)timer); }

int nts_interrupt(int32_t thread) { return syscall(SYS_tgkill, process, thread, SIGPROF) == 0 ? 0 : errno; }

int nts_take(struct nts_stack *stack) {
    for (int i = 0; i < NTS_STACKS_MAX; i++) {
        struct slot *slot = &ring[take_position++ % NTS_STACKS_MAX];
        if (atomic_load_explicit(&slot->state, memory_order_acquire) != slot_full) continue;
        int is_of_this_time = slot->time == last_time;
        if (is_of_this_time) *stack = slot->stack;
        atomic_store_explicit(&slot->state, slot_free, memory_order_release);
        if (is_of_this_time) return 1;
    }
    return 0;
}

uint64_t nts_dropped(void) { return atomic_load_explicit(&dropped, memory_order_relaxed); }

int32_t nts_thread(void) { return (int32_t)syscall(SYS_gettid); }
