//! What the kernel did for a server: its share of the CPU time, how often the server slept, and what passed over loopback.

internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Counts since the process, or the machine, was started; or differences of two of them.
struct KernelWork: Sendable, Hashable {
    /// System time of all threads of the process.
    var systemSeconds: Double
    /// Voluntary context switches of all its threads: how often one had nothing to do and slept.
    var sleeps: Int
    /// Packets on the loopback interface, acknowledgements too, whoever sent them. A packet is sent once and received once;
    /// it is counted once.
    var packets: Int
    /// Bytes of these packets, with their headers.
    var bytes: Int

    /// nil if there is no such process.
    static func soFar(of process: Int32) -> KernelWork? {
        // Field 15, counted from behind the name in parentheses, which is field 2 (see proc_pid_stat(5)).
        guard let stat = contents(ofFile: "/proc/\(process)/stat"), let end = stat.lastIndex(of: ")"),
            let system = stat[end...].split(separator: " ").dropFirst(13).first.flatMap({ Int($0) })
        else { return nil }
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        let sleeps = threads.reduce(0) { sum, thread in
            sum
                + (field("voluntary_ctxt_switches", ofFile: "/proc/\(process)/task/\(thread)/status").flatMap {
                    Int($0)
                } ?? 0)
        }
        let loopback = loopback(contents(ofFile: "/proc/net/dev") ?? "")
        return KernelWork(
            systemSeconds: Double(system) / Double(sysconf(Int32(_SC_CLK_TCK))), sleeps: sleeps,
            packets: loopback.packets, bytes: loopback.bytes)
    }

    /// What was received, of `lo: bytes packets ...` in `/proc/net/dev`; zeros where there is no such line.
    static func loopback(_ devices: String) -> (bytes: Int, packets: Int) {
        for line in devices.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != " " }) == "lo" else { continue }
            let numbers = parts[1].split(separator: " ").prefix(2).compactMap { Int($0) }
            if numbers.count == 2 { return (numbers[0], numbers[1]) }
        }
        return (0, 0)
    }

    static func + (a: Self, b: Self) -> Self {
        KernelWork(
            systemSeconds: a.systemSeconds + b.systemSeconds, sleeps: a.sleeps + b.sleeps,
            packets: a.packets + b.packets, bytes: a.bytes + b.bytes)
    }

    static func - (a: Self, b: Self) -> Self {
        KernelWork(
            systemSeconds: a.systemSeconds - b.systemSeconds, sleeps: a.sleeps - b.sleeps,
            packets: a.packets - b.packets, bytes: a.bytes - b.bytes)
    }
}
