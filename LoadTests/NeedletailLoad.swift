//! The load harness's command: parse, run, say what came out.

internal import ArgumentParser
internal import InstructionCounts

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

@main
struct NeedletailLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail-load",
        abstract: "Put load on Needletail, Redis or memcached, and measure what they do with it.",
        discussion: """
            Without a subcommand: one workload, against a server that is started for it and ended after it; its options \
            are those of `needletail-load workload --help`. Every \
            figure is printed with the loop that it comes from: in a closed loop a connection sends its next request \
            when an answer has come, in an open loop requests leave on a schedule, whether answers come or not.
            """,
        subcommands: [
            WorkloadCommand.self, RunCommand.self, SearchCommand.self, PeersCommand.self, CompareCommand.self,
            RecoveryCommand.self, SnapshotCommand.self, OverloadCommand.self, SoakCommand.self, SelfCheckCommand.self,
            CodecsCommand.self, MicroCommand.self, ScaleCommand.self, CaseStudyCommand.self, ServeNaiveCommand.self,
        ],
        defaultSubcommand: WorkloadCommand.self)

    /// Runs the command and exits: 0; 1 errors, wrong answers, or a run that does not count; 2 wrong usage; 3 a server
    /// or connection failed.
    static func main() {
        Interruption.install()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Console.endProgress()
            switch error {
            case is SystemError, is ServerError, is RunFailure, is WrongAnswer, is MalformedAnswer, is CountingFailure:
                Console.note("needletail-load: \(error)")
                exit(error is WrongAnswer || error is MalformedAnswer ? ExitStatus.wrong : ExitStatus.failure)
            case is CodecMismatch:
                Console.note("needletail-load: \(error)")
                exit(ExitStatus.wrong)
            case is Interrupted:
                Console.note("needletail-load: interrupted; what was started has been ended")
                exit(ExitStatus.interrupted)
            default:
                guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
                Console.note(fullMessage(for: error))
                exit(ExitStatus.usage)
            }
        }
    }

    private static func exit(_ status: ExitStatus) -> Never {
        #if canImport(Glibc)
            Glibc.exit(status.rawValue)
        #else
            Musl.exit(status.rawValue)
        #endif
    }
}

/// What the command's exit status says.
enum ExitStatus: Int32 {
    case wrong = 1
    case usage = 2
    case failure = 3
    /// As a shell has it for SIGINT.
    case interrupted = 130
}
