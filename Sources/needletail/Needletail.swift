//! The command: parse, build, wait; nothing else.

internal import ArgumentParser
internal import Foundation
internal import StorageServer

@main
struct Needletail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail",
        abstract: "A key-value storage service for services that read many keys under a deadline.",
        version: needletailVersion,
        subcommands: [Serve.self, Config.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Client commands",
                subcommands: [
                    Get.self, Put.self, Remove.self, MultiGet.self, Increment.self, Touch.self, Scan.self, Ping.self,
                    Stats.self,
                ]),
            CommandGroup(name: "Data directories", subcommands: [Log.self, Backup.self, Restore.self]),
        ])

    /// Runs the command and exits: 0, 1 not found, not applied or damaged, 2 wrong usage, 3 server or connection error.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withStatusOf: error)
        }
    }

    private static func exit(withStatusOf error: any Error) -> Never {
        let code = exitCode(for: error)
        guard code == .validationFailure else { exit(withError: error) }
        printError(fullMessage(for: error))
        Foundation.exit(ExitStatus.usage.rawValue)
    }
}

/// What the command's exit status says.
enum ExitStatus: Int32 {
    case notFoundOrNotApplied = 1
    case usage = 2
    case failure = 3

    /// A log does not hold.
    static var damaged: Self { .notFoundOrNotApplied }

    /// Ends the command with `line` on standard error.
    func callAsFunction(_ line: String) -> ExitCode {
        printError("needletail: \(line)")
        return ExitCode(rawValue)
    }
}
