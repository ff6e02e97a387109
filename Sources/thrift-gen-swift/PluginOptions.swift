internal import ArgumentParser
internal import ThriftIDL

/// Which plugin writes the files, if one does.
struct PluginOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Have this program write the files instead: it reads the checked syntax tree as JSON on standard input.",
            discussion: "A path, or the name of a program on PATH.", valueName: "executable"))
    var plugin: String?

    @Option(
        name: .customLong("plugin-option"), parsing: .singleValue,
        help: ArgumentHelp("Pass this on to the plugin.", valueName: "name=value"))
    var options: [PluginOption] = []

    @Option(
        name: .customLong("plugin-time-limit"),
        help: ArgumentHelp("How long the plugin may take.", valueName: "seconds"))
    var timeLimit = 60

    func validate() throws {
        guard timeLimit > 0 else { throw ValidationError("--plugin-time-limit must be at least 1 second") }
        guard plugin != nil || options.isEmpty else { throw ValidationError("--plugin-option needs a --plugin") }
        if plugin == "" { throw ValidationError("--plugin needs the path of a program") }
    }

    /// What the plugin makes of `program`; nil if there is none.
    /// - Throws: `Failure`.
    func files(for program: Program) throws -> [GeneratedFile]? {
        guard let plugin else { return nil }
        let request = PluginRequest(program, options: options.map(\.pair))
        return try Plugin(plugin, timeLimitSeconds: timeLimit).files(for: request)
    }
}

/// `name=value`; without a value it is empty.
struct PluginOption: ExpressibleByArgument {
    let pair: PluginRequest.Option

    init?(argument: String) {
        let name = argument.prefix { $0 != "=" }
        if name.isEmpty { return nil }
        pair = PluginRequest.Option(name: String(name), value: String(argument.dropFirst(name.count + 1)))
    }
}
