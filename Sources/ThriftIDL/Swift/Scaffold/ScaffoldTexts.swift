/// The files of a new package that say the same of every service.
struct ScaffoldTexts {
    let name: String
    let service: String
    let dependency: ServiceScaffold.Dependency

    private var needletail: String {
        switch dependency {
        case .released(let url, let version): ".package(url: \"\(url)\", from: \"\(version)\")"
        case .folder(let path): ".package(name: \"needletail\", path: \"\(path)\")"
        }
    }

    var manifest: String {
        """
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "\(name)",
            products: [.library(name: "\(name)", targets: ["\(name)"])],
            dependencies: [
                \(needletail),
                .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
            ],
            targets: [
                // The IDL, the Swift that is generated from it at each build, and what answers the calls.
                .target(
                    name: "\(name)",
                    dependencies: [
                        .product(name: "NeedletailRPC", package: "needletail"),
                        .product(name: "NIOCore", package: "swift-nio"),
                    ],
                    // Generated code reads requests where they lie, which needs this flag.
                    swiftSettings: [.enableExperimentalFeature("Lifetimes")],
                    plugins: [.plugin(name: "ThriftGenPlugin", package: "needletail")]),
                .executableTarget(
                    name: "\(name)Server",
                    dependencies: [
                        "\(name)",
                        .product(name: "NeedletailRPC", package: "needletail"),
                        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                    ]),
                .testTarget(
                    name: "\(name)Tests",
                    dependencies: [
                        "\(name)",
                        .product(name: "NeedletailRPC", package: "needletail"),
                        .product(name: "NIOCore", package: "swift-nio"),
                    ]),
            ]
        )

        """
    }

    var main: String {
        """
        import \(name)
        import NeedletailRPC
        import UnixSignals

        // Before anything is served, so that no signal is missed.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)

        let implementation = \(service)Implementation()
        let server = try await RPCServer.start(RPCServerConfiguration(port: 7500)) { _, eventLoop in
            \(service)AsyncService(implementation, on: eventLoop)
        }
        print("serving \(service) on 127.0.0.1:\\(server.port)")

        for await _ in signals { break }
        await server.shutDown(within: .seconds(10))

        """
    }

    var readme: String {
        """
        # \(name)

        ```sh
        swift run \(name)Server     # serves \(service) on port 7500, over Thrift and MessagePack-RPC
        swift test
        ```

        The calls are answered in `Sources/\(name)/\(service)Implementation.swift`. The types, the client and the server's side of
        the connection are generated from the `.thrift` files of `Sources/\(name)` at each build.

        """
    }
}
