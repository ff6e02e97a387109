//! Takes stacks of the process's own threads, by a signal. Blocks the thread that calls it, which is none of an event loop,
//! and is not itself looked at. One at a time in a process: whoever comes second is refused.
//!
//! What bounds it: samples wait in a ring of the handler's, stacks that are equal are one, of those that differ there are
//! at most `distinctStacksMax`, and threads beyond `threadsMax` are not looked at.

internal import CStackSampler
internal import Synchronization
internal import Timing

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Why there are no stacks.
package enum ProfilerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A profile is being made already.
    case busy
    /// The machine, or this build, does not allow it.
    case unavailable(String)

    package var description: String {
        switch self {
        case .busy: "stacks are being taken already; one at a time"
        case .unavailable(let reason): "stacks cannot be taken here: \(reason)"
        }
    }
}

/// Stacks of threads: the innermost frame first.
struct Stack: Hashable, Sendable {
    let thread: Int32
    let frames: [UInt64]
}

/// Takes stacks.
package enum StackSampler {
    /// Of a profile.
    package static let secondsRange = 1...60
    /// Samples in each second of CPU time that a thread uses.
    package static let hertzRange = 1...999
    /// 99 and not 100, so that work that is done every 10 ms is not always met, or never.
    package static let hertzDefault = 99
    /// Threads that are looked at.
    static let threadsMax = 1_024
    /// Stacks of a profile that differ; what comes after them is lost, and counted.
    static let distinctStacksMax = 10_000
    /// How often the ring is emptied, milliseconds. It has room for a hundred times what comes meanwhile.
    private static let drainMillis = 20
    /// How often new threads are looked for, in drains.
    private static let drainsPerScan = 5
    /// How long a thread may take to show its stack. A thread that is in the kernel and does not hear signals never does.
    private static let answerMillisMax = 500

    private static let isBusy = Atomic<Bool>(false)

    /// Whether stacks can be taken in this process.
    package static var isAvailable: Bool { unsafe nts_unavailable() == nil }

    /// Where the CPU time of all threads goes.
    /// - Parameters:
    ///   - milliseconds: how long to look.
    ///   - isCancelled: asked often; true ends the profile early.
    package static func profile(
        milliseconds: Int, hertz: Int, isCancelled: () -> Bool = { false }
    ) throws(ProfilerError) -> StackProfile {
        precondition(hertzRange.contains(hertz))
        try begin()
        defer { end() }
        var samples: [Stack: Int] = [:]
        var names: [Int32: String] = [:]
        var timers: [Int32: Int64] = [:]
        var unplaced = 0
        let deadline = now() + milliseconds
        var drains = 0
        while now() < deadline, !isCancelled() {
            if drains % drainsPerScan == 0 {
                for thread in ProcessThreads.all(max: threadsMax) where thread != nts_thread() && timers[thread] == nil
                {
                    let timer = nts_arm(thread, Int32(hertz))
                    if timer >= 0 { timers[thread] = timer }
                    names[thread] = ProcessThreads.name(of: thread)
                }
            }
            drains += 1
            pause(min(drainMillis, deadline - now()))
            drain(into: &samples, &unplaced)
        }
        for timer in timers.values { nts_disarm(timer) }
        nts_stop()
        drain(into: &samples, &unplaced)
        return Symbolizer().profile(samples, threadNames: names, lost: unplaced + Int(nts_dropped()))
    }

    /// What every thread but this one is doing now.
    package static func threads() throws(ProfilerError) -> [ThreadStack] {
        try begin()
        defer { end() }
        var waiting = Set(ProcessThreads.all(max: threadsMax))
        waiting.remove(nts_thread())
        let all = waiting
        for thread in all where nts_interrupt(thread) != 0 { waiting.remove(thread) }
        var samples: [Stack: Int] = [:]
        var lost = 0
        let deadline = now() + answerMillisMax
        while !waiting.isEmpty, now() < deadline {
            pause(1)
            drain(into: &samples, &lost)
            for stack in samples.keys { waiting.remove(stack.thread) }
        }
        nts_stop()
        return Symbolizer().threads(all.sorted(), Array(samples.keys))
    }

    private static func begin() throws(ProfilerError) {
        if let reason = unsafe nts_unavailable() { throw .unavailable(unsafe String(cString: reason)) }
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .busy }
        nts_forget_code()
        for mapping in MemoryMap.current().executable {
            if mapping.isProgram { nts_set_program(mapping.start, mapping.end) }
            if mapping.isFrameless { nts_add_frameless(mapping.start, mapping.end) }
        }
        let error = nts_start()
        guard error == 0 else {
            isBusy.store(false, ordering: .releasing)
            throw .unavailable(
                error == EBUSY ? "somebody else handles SIGPROF" : "the signal cannot be handled: error \(error)")
        }
    }

    private static func end() {
        nts_stop()
        isBusy.store(false, ordering: .releasing)
    }

    private static func drain(into samples: inout [Stack: Int], _ unplaced: inout Int) {
        var raw = nts_stack()
        while unsafe nts_take(&raw) != 0 {
            let count = min(Int(raw.count), Int(NTS_FRAMES_MAX))
            let frames = unsafe withUnsafeBytes(of: raw.frames) {
                unsafe Array($0.bindMemory(to: UInt64.self).prefix(count))
            }
            let (stack, weight) = (Stack(thread: raw.thread, frames: frames), Int(raw.weight))
            if let known = samples[stack] {
                samples[stack] = known + weight
            } else if samples.count < distinctStacksMax {
                samples[stack] = weight
            } else {
                unplaced += weight
            }
        }
    }

    /// Milliseconds.
    private static func now() -> Int { Int(Clock.system.now().nanoseconds / 1_000_000) }

    private static func pause(_ milliseconds: Int) {
        if milliseconds > 0 { usleep(UInt32(milliseconds * 1_000)) }
    }
}
