//! `needletail log verify` and `needletail log dump`: look at a data directory without changing it.

internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import Timing
internal import WriteAheadLog

struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at a data directory.", subcommands: [Verify.self, Dump.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read all of a data directory and say whether it holds.",
            discussion: """
                Changes nothing, and may run beside a server. Prints a line for each file that a start would read. Exits \
                with 0 if the log is whole, with 1 if it is damaged, with 3 if it cannot be read. A torn end, which a \
                kill or a crash leaves, is no damage.
                """)
        @Argument(help: "The data directory, or a backup.") var directory: String
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let found = try withDataDirectories {
                try LogVerification.run(FileLogStorage(directory: directory, create: false))
            }
            let report = VerificationReport(found)
            if json { try report.printJSON() } else { report.printText() }
            if !report.isWhole { throw ExitCode(ExitStatus.damaged.rawValue) }
        }
    }

    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every change in a data directory as a line of JSON.",
            discussion: """
                Changes nothing, and may run beside a server. The entries of the newest snapshot come first, then the \
                changes after it in their order; those of an atomic batch have one offset and LSN. Keys and values that are no \
                text are printed in base 64, as keyBase64 and valueBase64. Damage is passed by, said on standard error, \
                and makes the exit status 1.
                """)
        @Argument(help: "The data directory, or a backup.") var directory: String

        func run() throws {
            var output = LineOutput()
            let damages = try withDataDirectories {
                try LogDump.run(FileLogStorage(directory: directory, create: false)) { change in
                    // What is in it are texts and numbers: it can be encoded.
                    if let line = try? JSONLine(change).encoded() { output.add(line) }
                }
            }
            output.flush()
            guard damages.isEmpty else { throw ExitStatus.damaged(damages.lines) }
        }
    }
}

extension [LogDamage] {
    /// One line each.
    var lines: String { map { "damaged: \($0)" }.joined(separator: "\nneedletail: ") }
}

extension JSONLine {
    fileprivate init(_ change: DumpedChange) {
        self.init()
        set("file", change.file)
        set("offset", change.offset)
        set("lsn", change.lsn)
        if change.isInBatch { set("batch", true) }
        set("kind", "\(change.change)")
        set("key", bytes: ByteBuffer(bytes: change.key))
        if change.change == .put { set("value", bytes: ByteBuffer(bytes: change.value)) }
        if change.expiry != .distantFuture { set("expiresAtMillis", change.expiry.milliseconds) }
    }
}
