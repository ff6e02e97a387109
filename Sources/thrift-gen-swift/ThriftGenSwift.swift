//! The compiler's command: read, check, generate, write. Everything is made in memory first; a file is written only when
//! nothing is wrong with any of them.

internal import ArgumentParser
internal import Foundation
internal import ThriftIDL

@main
struct ThriftGenSwift: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thrift-gen-swift",
        abstract: "Writes Swift, or whatever a plugin makes, from Thrift IDL.",
        usage: """
            thrift-gen-swift FILE... [-I DIR]... --output DIR [--strict]
            thrift-gen-swift FILE... [-I DIR]... --output DIR --plugin EXECUTABLE [--plugin-option NAME=VALUE]...
            thrift-gen-swift FILE [-I DIR]... --output DIR --scaffold NAME
            """,
        discussion: """
            Writes DIR/<name>.thrift.swift for every <name>.thrift, and for those that it includes of the same Swift \
            module ('namespace swift'). With --plugin, the plugin's files are written instead; \
            with --scaffold, a new package.

            Nothing is written if anything is wrong. A file that would not change is not touched.

            Exit status: 0 done; 1 errors in the IDL, in reading or writing, or of the plugin; 2 wrong usage.
            """,
        version: thriftGenVersion)

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("The folder to write to; made if it is not there.", valueName: "dir"))
    var output: String

    @OptionGroup(title: "Plugin options") var plugin: PluginOptions

    @OptionGroup(title: "Scaffold options") var scaffold: ScaffoldOptions

    func validate() throws {
        if plugin.plugin != nil, scaffold.scaffold != nil {
            throw ValidationError("--plugin and --scaffold are two things to do: choose one")
        }
        if output.isEmpty { throw ValidationError("--output needs a folder") }
    }

    func run() throws {
        let program = try input.program()
        let folder = OutputFolder(path: output)
        if let files = try plugin.files(for: program) { return try folder.write(files) }
        // What a package is begun with must compile as well.
        let swift = try input.swift(of: program)
        guard let package = try scaffold.files(for: program) else { return try folder.write(swift) }
        try folder.checkIsNew(package)
        try folder.write(package)
    }

    /// Runs the command and exits: 0, 1 errors, 2 wrong usage.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            exit(withStatusOf: error)
        }
    }

    private static func exit(withStatusOf error: any Error) -> Never {
        if let failure = error as? Failure {
            if !failure.message.isEmpty { printError(failure.message) }
            Foundation.exit(1)
        }
        let code = exitCode(for: error)
        guard code == .validationFailure else { exit(withError: error) }
        printError(fullMessage(for: error))
        Foundation.exit(2)
    }
}

/// What to read, and how to judge it.
struct InputOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The files to compile.", valueName: "file"))
    var files: [String]

    @Option(
        name: .customShort("I", allowingJoined: true), parsing: .singleValue,
        help: ArgumentHelp("Where to look for included files, after the including file's folder.", valueName: "dir"))
    var includeDirectories: [String] = []

    @Flag(help: "Make every warning an error.")
    var strict = false

    /// The files and all that they include, checked; warnings are said.
    /// - Throws: `Failure`, where there are errors, which are said.
    func program() throws -> Program {
        let compiler = IDLCompiler(includeDirectories: includeDirectories, isStrict: strict)
        let (program, diagnostics) = compiler.load(files, from: FileSources())
        try report(diagnostics)
        guard let program else { throw Failure("the files cannot be compiled") }
        return program
    }

    /// The Swift of `program`.
    /// - Throws: `Failure`, where it cannot be written as Swift, which is said.
    func swift(of program: Program) throws -> [GeneratedFile] {
        let (files, diagnostics) = SwiftGenerator(program: program).generate()
        try report(diagnostics)
        return files
    }

    /// Says what there is to say.
    /// - Throws: `Failure`, where there are errors among it.
    func report(_ diagnostics: [Diagnostic]) throws {
        if !diagnostics.isEmpty { printError(diagnostics.rendered()) }
        let isFailed = diagnostics.contains { strict || $0.severity == .error }
        if isFailed { throw Failure("") }
    }
}

/// Why there is no output.
struct Failure: Error {
    /// Empty where everything has been said.
    let message: String

    init(_ message: String) { self.message = message.isEmpty ? "" : "thrift-gen-swift: \(message)" }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}
