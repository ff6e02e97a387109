// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Greeter",
    products: [.library(name: "Greeter", targets: ["Greeter"])],
    dependencies: [
        .package(name: "needletail", path: "../../.."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The IDL, the Swift that is generated from it at each build, and what answers the calls.
        .target(
            name: "Greeter",
            dependencies: [
                .product(name: "NeedletailRPC", package: "needletail"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            // Generated code reads requests where they lie, which needs this flag.
            swiftSettings: [.enableExperimentalFeature("Lifetimes")],
            plugins: [.plugin(name: "ThriftGenPlugin", package: "needletail")]),
        .executableTarget(
            name: "GreeterServer",
            dependencies: [
                "Greeter",
                .product(name: "NeedletailRPC", package: "needletail"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "Greet",
            dependencies: ["Greeter", .product(name: "NeedletailRPC", package: "needletail")]),
        .testTarget(
            name: "GreeterTests",
            dependencies: [
                "Greeter",
                .product(name: "NeedletailRPC", package: "needletail"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
    ]
)
