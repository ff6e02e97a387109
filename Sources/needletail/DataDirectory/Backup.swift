//! `needletail backup` and `needletail restore`: a copy of a data directory, and the way back.

internal import ArgumentParser
internal import WriteAheadLog

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a data directory, also while a server runs on it.",
        discussion: """
            The copy holds every write that was acknowledged as SYNCED before the command began, and is consistent: \
            what it holds is the log up to one instant, with atomic batches whole. It is read again before the command \
            ends with 0, and is a data directory itself: `log verify` and `log dump` take it.
            """)
    @Argument(help: "Where to: an empty directory, or one that does not exist yet.") var directory: String
    @OptionGroup var options: DataDirectoryOptions

    func run() throws {
        let copied = try withDataDirectories {
            let source = try FileLogStorage(directory: options.path, create: false)
            return try LogBackup.copy(from: source, to: FileLogStorage(directory: directory, create: true))
        }
        print("copied to '\(directory)': \(copied.summary)")
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a data directory from a backup.",
        discussion: """
            The data directory must be empty or missing: move the old one out of the way first. No server may run on \
            it. The backup is read before anything is copied; a damaged one is refused.
            """)
    @Argument(help: "The backup.") var directory: String
    @OptionGroup var options: DataDirectoryOptions

    func run() throws {
        let copied = try withDataDirectories {
            let source = try FileLogStorage(directory: directory, create: false)
            return try LogBackup.restore(from: source, to: FileLogStorage(directory: options.path, create: true))
        }
        print("restored to '\(options.path)': \(copied.summary)")
    }
}

extension LogVerification {
    fileprivate var summary: String {
        let count = files.count == 1 ? "1 file" : "\(files.count) files"
        return "\(count), \(entries) changes, up to LSN \(lastLSN)"
    }
}
