//! What the commands for data directories share.

internal import ArgumentParser
internal import Foundation
internal import WriteAheadLog

struct DataDirectoryOptions: ParsableArguments {
    @Option(
        help: """
            The data directory of the server. (default: what NEEDLETAIL_LOG_DIRECTORY says, or ./needletail-data, as for \
            serve)
            """)
    var dataDir: String?

    var path: String {
        dataDir ?? ProcessInfo.processInfo.environment["NEEDLETAIL_LOG_DIRECTORY"] ?? "./needletail-data"
    }
}

/// Runs `body`, and ends the command with a line where a directory cannot be used.
func withDataDirectories<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as LogToolError {
        throw ExitStatus.failure("\(error)")
    } catch let error as LogStorageError {
        throw ExitStatus.failure("\(error)")
    }
}
