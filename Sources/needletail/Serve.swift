internal import ArgumentParser
internal import Logging
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import ServiceLifecycle
internal import StorageServer
internal import UnixSignals

/// `needletail serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the service.",
        discussion: """
            Without any flag the service listens on 127.0.0.1:7400 for Thrift and MessagePack-RPC, and on \
            127.0.0.1:7401 for health, metrics and figures over HTTP. A flag beats the environment, which beats the \
            file, which beats the default.
            """)

    /// The flags are those of the table of configuration keys, which reads them itself.
    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Flags, see below.", valueName: "flags"))
    var arguments: [String] = []

    /// Every flag, as the table of keys knows them.
    private static var help: String {
        """
        \(configuration.abstract)

        USAGE: needletail serve [--config FILE] [flags]

        \(configuration.discussion)

        FLAGS:
          --config FILE
                A YAML file with settings, as config/needletail.yaml.

        \(ConfigurationLoader.flagsHelp)
        """
    }

    func run() async throws {
        if arguments.contains("--help") || arguments.contains("-h") { return print(Self.help) }
        if arguments.contains("--version") { return print(needletailVersion) }
        let loaded = try loadConfiguration(arguments)
        let configuration = loaded.server
        let certificates = try ServerCertificates(loaded)
        let logger = LogOutput.start(configuration.logging)
        LibraryMetrics.bootstrap()
        for warning in loaded.warnings { logger.warning("\(warning)") }
        do {
            let server = try await makeServer(loaded, certificates, logger)
            var group = ServiceGroupConfiguration(
                services: [
                    .init(
                        service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: LogOutput.quiet(logger))
            if certificates.areUsed {
                certificates.announce("certificates were read", logger)
                // From here on the signal does not end the process any more.
                let hangups = await UnixSignalsSequence(trapping: .sighup)
                group.services.append(
                    .init(service: CertificateReload(certificates: certificates, hangups: hangups, logger: logger)))
            }
            // The server keeps to its own timeout; this bounds a page on the admin port that never ends.
            group.maximumGracefulShutdownDuration = .milliseconds(configuration.rpc.shutdownTimeoutMillis) + .seconds(2)
            try await ServiceGroup(configuration: group).run()
        } catch let error as StartError {
            throw ExitStatus.failure(error.description)
        } catch let error as BindError {
            throw ExitStatus.failure(error.description)
        }
    }
}

/// The server of the configuration; who posts its spans is let go of if there is none.
private func makeServer(
    _ loaded: LoadedConfiguration, _ certificates: ServerCertificates, _ logger: Logger
) async throws -> any Service {
    let configuration = loaded.server
    let spans = SpanPost(configuration.tracing)
    do {
        switch configuration.engine.kind {
        case .memory:
            return try StorageServer.embedded(
                configuration, security: certificates.ports, options: loaded.resolved, spans: spans, logger: logger)
        case .redis:
            return try StorageServer.distributed(
                configuration, security: certificates.ports, nodeSecurity: try NodeSecurity.load(loaded),
                options: loaded.resolved, spans: spans, logger: logger)
        }
    } catch {
        await spans?.close()
        throw error
    }
}

/// The configuration that `arguments`, the environment and a file make together.
func loadConfiguration(_ arguments: [String]) throws -> LoadedConfiguration {
    do {
        return try ConfigurationLoader.load(arguments: arguments)
    } catch {
        throw ExitStatus.usage(error.lines.joined(separator: "\nneedletail: "))
    }
}

/// `needletail config print`.
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the configuration.", subcommands: [Print.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration, and where each value came from.",
            discussion: "Takes --config FILE and every flag of `serve`.")

        @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Flags, as for serve.", valueName: "flags"))
        var arguments: [String] = []

        func run() async throws {
            if arguments.contains("--help") || arguments.contains("-h") { throw CleanExit.helpRequest(Self.self) }
            let loaded = try loadConfiguration(arguments)
            for warning in loaded.warnings { printError("needletail: \(warning)") }
            print(loaded.rendered(container: .current()), terminator: "")
        }
    }
}
