//! What a person, or a log, is told while the data is loaded: a bar on a terminal, otherwise a line every few seconds; and one
//! line at the end.
//!
//! Threads: the loading one.

internal import Logging
internal import MemoryEngine
internal import SystemPackage
internal import Timing
internal import WriteAheadLog

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

final class LoadingMessages {
    private static let barMillis: Int64 = 100
    private static let lineMillis: Int64 = 5_000
    private static let barColumns = 40

    private let clock: Clock
    private let logger: Logger
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var last: MonotonicTime
    private var hasBar = false

    init(clock: Clock, logger: Logger) {
        self.clock = clock
        self.logger = logger
        last = clock.now()
    }

    /// Shows how far the loading is, if it is time for that.
    func progress(_ progress: RecoveryProgress) {
        let now = clock.now()
        guard last.advanced(byMilliseconds: isTerminal ? Self.barMillis : Self.lineMillis) <= now else { return }
        last = now
        let percent = Int(progress.fraction * 100)
        guard isTerminal else {
            return logger.info(
                "loading", metadata: ["percent": "\(percent)", "records": .stringConvertible(progress.records)])
        }
        let done = Int(progress.fraction * Double(Self.barColumns))
        let bar = String(repeating: "#", count: done) + String(repeating: " ", count: Self.barColumns - done)
        write("\rloading [\(bar)] \(percent)%  \(progress.records) records")
        hasBar = true
    }

    /// Takes the bar away.
    func clear() {
        if hasBar { write("\r\u{1b}[K") }
        hasBar = false
    }

    /// Says what was loaded, and what was not.
    func finish(_ report: RecoveryReport, _ replay: MemoryReplay) {
        clear()
        logger.info(
            "recovered",
            metadata: [
                "records": .stringConvertible(report.records), "entries": .stringConvertible(report.entries),
                "bytes": .stringConvertible(report.bytes), "seconds": "\(report.seconds)",
                "recordsPerSecond": .stringConvertible(Int(report.recordsPerSecond)),
            ])
        if let tail = report.tail {
            logger.warning(
                "cut the end of the log, which was being written when the last run ended; none of it had been acknowledged as synced",
                metadata: [
                    "file": "\(tail.file)", "offset": .stringConvertible(tail.offset),
                    "bytes": .stringConvertible(tail.bytes), "records": .stringConvertible(tail.records),
                ])
        }
        for loss in report.losses {
            logger.error("salvaged a damaged log", metadata: ["damage": "\(loss)", "lost": "\(loss.loss)"])
        }
        if case let bytes = replay.bytesOverLimit, bytes > 0 {
            logger.warning(
                "what was loaded is more than memory.maxMemory: writes are refused until there is room",
                metadata: ["bytesOver": .stringConvertible(bytes)])
        }
    }

    private func write(_ text: String) { _ = try? FileDescriptor.standardError.writeAll(text.utf8) }
}
