//! `needletail-load codecs`: our encoders and decoders beside those of C++ and a naive one.

internal import ArgumentParser

struct CodecsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codecs",
        abstract: "Compare Needletail's codecs with Apache Thrift C++, msgpack-cxx and a naive one, and print a table.",
        discussion: """
            No server: CPU time of encoding and decoding a small struct, a list of keys and a tree, taking turns on one \
            core. The C++ programs are compiled first, from LoadTests/Codecs; a library that is not installed is left \
            out, by name.
            """)

    @Option(help: "Rounds; publish five or more.")
    var rounds = 7

    @Option(help: "How long one contender is measured in one round, half of it encoding.")
    var milliseconds = 100.0

    @Option(
        help: ArgumentHelp(
            "The folder that holds codecs.thrift and the peers' sources.", valueName: "folder"))
    var sources = "LoadTests/Codecs"

    @Option(help: ArgumentHelp("The C++ compiler.", valueName: "command"))
    var compiler = "c++"

    @OptionGroup var output: JSONOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let milliseconds = 1.0...60_000
    }

    func validate() throws {
        try check(rounds, Bounds.rounds, "--rounds")
        try check(milliseconds, Bounds.milliseconds, "--milliseconds")
        guard contents(ofFile: "\(sources)/codecs.thrift") != nil else {
            throw ValidationError(
                "there is no \(sources)/codecs.thrift; run this in the repository, or name the folder with --sources")
        }
    }

    func run() throws {
        let cores = CorePlan()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        var skipped: [String] = []
        var versions = [CodecContest.ours: ServerKind.version(of: ServerKind.needletail.find() ?? "needletail")]
        let folder = try TemporaryDirectory()
        try CodecContest.writeMessages(to: folder)
        var peers: [CodecPeerProgram] = []
        for peer in CodecPeer.allCases {
            Console.progress("compiling \(peer.title)")
            do {
                let program = try CodecPeerProgram(
                    peer, sources: sources, compiler: compiler, in: folder, on: cores.server)
                try CodecContest.check(program)
                versions[peer.title] = program.version
                peers.append(program)
            } catch let missing as MissingCodecPeer {
                Console.endProgress()
                skipped.append("\(missing)")
                Console.line("skipped: \(missing)")
            }
        }
        // Only now: a compiler may use all cores. The peers are started on the same one, and wait for nobody.
        cores.server?.apply()
        var contest = try CodecContest(peers: peers)
        let interruption = try Interruption.caught {
            for round in 1...rounds {
                Console.progress("round \(round) of \(rounds)")
                try contest.runRound(milliseconds: milliseconds)
            }
        }
        Console.endProgress()
        let report = CodecReport(
            contest, command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: versions, milliseconds: milliseconds, skipped: skipped)
        if let interruption, report.rounds == 0 { throw interruption }
        Console.line()
        for line in report.markdown { Console.line(line) }
        if let interruption { throw interruption }
        try output.write(report)
    }
}
