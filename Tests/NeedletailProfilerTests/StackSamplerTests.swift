//! Stacks of threads whose work is known. Serial, since only one profile may be made at a time.

import Glibc
import NeedletailProfiler
import NeedletailThreads
import Synchronization
import Testing
import Timing

/// A thread that uses its CPU until it is told to stop, in a function that a profile must name.
private final class BusyThread: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let sum = Atomic<UInt64>(0)
    /// CPU time that the thread has used.
    private let nanoseconds = Atomic<UInt64>(0)

    func start() -> DedicatedThread { DedicatedThread("busy-bee") { self.gatherNectar() } }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    var cpuSeconds: Double { Double(nanoseconds.load(ordering: .relaxed)) / 1e9 }

    @inline(never)
    private func gatherNectar() {
        while !isStopped.load(ordering: .relaxed) {
            var time = timespec()
            unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            nanoseconds.store(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec), ordering: .relaxed)
            sum.wrappingAdd(visitFlower(sum.load(ordering: .relaxed)), ordering: .relaxed)
        }
    }

    @inline(never)
    private func visitFlower(_ seed: UInt64) -> UInt64 {
        var value = seed
        for _ in 0..<10_000 { value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
        return value
    }
}

@Suite(.serialized, .enabled(if: StackSampler.isAvailable, "this build or machine has no profiles"))
struct StackSamplerTests {
    @Test func aProfileNamesTheFunctionsOfABusyThread() throws {
        let bee = BusyThread()
        let thread = bee.start()
        defer {
            bee.stop()
            thread.join()
        }
        let profile = try StackSampler.profile(milliseconds: 1_000, hertz: 200)
        let lines = profile.lines.filter { $0.thread == "busy-bee" }
        let frames = lines.map { $0.frames.joined(separator: ";") }
        #expect(frames.contains { $0.contains("BusyThread.gatherNectar;") && $0.contains("BusyThread.visitFlower") })
        // Several processes may share the machine's cores, so not every tick of the second is the thread's.
        #expect(lines.reduce(0) { $0 + $1.count } >= 20)
        #expect(profile.folded.contains("busy-bee;"))
        #expect(profile.lost == 0)
    }

    /// The kernel looks at timers of CPU time at its own ticks, of which most have 250 a second.
    @Test func samplesAreCountedAlsoWhereTheKernelsTickIsSlower() throws {
        let bee = BusyThread()
        let thread = bee.start()
        defer {
            bee.stop()
            thread.join()
        }
        let before = bee.cpuSeconds
        let profile = try StackSampler.profile(milliseconds: 1_000, hertz: 999)
        let expected = (bee.cpuSeconds - before) * 999
        let counted = profile.lines.filter { $0.thread == "busy-bee" }.reduce(0) { $0 + $1.count }
        #expect(Double(counted) > expected / 2, "\(counted) of \(expected)")
        #expect(Double(counted) < expected * 2, "\(counted) of \(expected)")
    }

    @Test func sleepingThreadsShowTheirStacks() throws {
        let signal = Signal()
        let thread = DedicatedThread("sleepy-head") {
            signal.wait(until: Clock.system.now().advanced(byMilliseconds: 60_000))
        }
        defer {
            signal.raise()
            thread.join()
        }
        var found: ThreadStack?
        for _ in 0..<100 where found?.frames?.contains(where: { $0.contains("Signal.wait") }) != true {
            found = try StackSampler.threads().first { $0.name == "sleepy-head" }
        }
        let frames = try #require(found?.frames)
        #expect(frames.contains { $0.contains("Signal.wait") }, "\(frames)")
    }

    @Test func aSecondProfileIsRefusedAndTheFirstGoesOn() throws {
        let firstIsDone = Atomic<Bool>(false)
        let mayEnd = Atomic<Bool>(false)
        let hasBegun = Signal()
        let thread = DedicatedThread("profiler") {
            let profile = try? StackSampler.profile(milliseconds: 30_000, hertz: 10) {
                hasBegun.raise()
                return mayEnd.load(ordering: .acquiring)
            }
            firstIsDone.store(profile != nil, ordering: .releasing)
        }
        #expect(hasBegun.wait(until: Clock.system.now().advanced(byMilliseconds: 10_000)))
        #expect(throws: ProfilerError.busy) { try StackSampler.profile(milliseconds: 1, hertz: 10) }
        #expect(throws: ProfilerError.busy) { try StackSampler.threads() }
        mayEnd.store(true, ordering: .releasing)
        thread.join()
        let isDone = firstIsDone.load(ordering: .acquiring)
        #expect(isDone)
        _ = try StackSampler.profile(milliseconds: 1, hertz: 10)
    }

    @Test func profilesOneAfterAnotherLeaveNoTimersBehind() throws {
        let bee = BusyThread()
        let thread = bee.start()
        defer {
            bee.stop()
            thread.join()
        }
        for _ in 0..<20 { _ = try StackSampler.profile(milliseconds: 10, hertz: 999) }
        // Timers that were left would fill the ring with more than this profile's own.
        let profile = try StackSampler.profile(milliseconds: 500, hertz: 20)
        #expect(profile.lines.filter { $0.thread == "busy-bee" }.reduce(0) { $0 + $1.count } <= 15)
    }
}
