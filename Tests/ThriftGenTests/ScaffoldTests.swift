internal import Foundation
internal import Testing

extension ThriftGenTests {
    @Suite("new packages")
    struct Scaffold {
        private static let example = Workshop.repository.appending(path: "Tests/Examples/Greeter")
        /// What a user of the example has written; all else is as it was made.
        private static let written = [
            "Package.swift", "Sources/Greet/main.swift", "Sources/Greeter/GreeterImplementation.swift",
            "Tests/GreeterTests/GreeterTests.swift",
        ]

        @Test("the example, which CI builds, is what the compiler makes of its IDL")
        func example() throws {
            let workshop = try Workshop()
            let idl = Self.example.appending(path: "Sources/Greeter/greeter.thrift").path
            let result = try workshop.compile(
                idl, "--scaffold", "Greeter", "--output", "greeter", "--needletail-path", "../../..")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            let files = workshop.files(in: "greeter")
            #expect(files.count == 7)
            for file in files {
                let expected = try String(contentsOf: Self.example.appending(path: file), encoding: .utf8)
                let made = try workshop.contents("greeter/\(file)")
                if !Self.written.contains(file) { #expect(made == expected, "\(file)") }
                if file == "Package.swift" {
                    #expect(Set(made.split(separator: "\n")).isSubset(of: expected.split(separator: "\n")))
                }
            }
        }

        @Test("a new package depends on a release, unless told otherwise")
        func release() throws {
            let workshop = try Workshop(["a.thrift": "service S { void m() }\n"])
            let result = try workshop.compile("a.thrift", "--scaffold", "Mine", "--output", "o")
            #expect(result.status == 0, "\(result.errors)")
            let version = try workshop.compile("--version").output.trimmingCharacters(in: .newlines)
            let dependency = ".package(url: \"https://github.com/needletail/needletail.git\", from: \"\(version)\")"
            #expect(try workshop.contents("o/Package.swift").contains(dependency))
        }

        @Test("every kind of method has a body and a test, all of which parse")
        func methods() throws {
            let workshop = try Workshop(["idl/zoo.thrift": Self.zoo, "idl/shared/base.thrift": Self.base])
            let result = try workshop.compile("idl/zoo.thrift", "--scaffold", "Zoo", "--output", "o")
            #expect(result.status == 0, "\(result.errors)")
            #expect(
                workshop.files(in: "o/Sources") == [
                    "Zoo/KeeperImplementation.swift", "Zoo/shared/base.thrift", "Zoo/zoo.thrift",
                    "ZooServer/main.swift",
                ])
            #expect(try workshop.contents("o/Sources/Zoo/KeeperImplementation.swift") == Self.implementation)
            let tests = try workshop.contents("o/Tests/ZooTests/KeeperTests.swift")
            for line in [
                "try await client.ping()", "_ = try await client.feed(animal: Animal(name: \"\"), food: Food.hay)",
                "_ = try await client.find(Animal(name: \"\"))", "try await client.post(text: \"\")",
                "@Test(\"find is answered\", .disabled(",
            ] {
                #expect(tests.contains(line), "\(line) in \(tests)")
            }
            let swift = workshop.files(in: "o").filter { $0.hasSuffix(".swift") }.map { "o/\($0)" }
            let parsed = try workshop.run(URL(filePath: "/usr/bin/env"), ["swiftc", "-parse"] + swift)
            #expect(parsed.status == 0, "\(parsed.errors)")
        }

        @Test(
            "a new package builds, and its tests pass (TEST_SCALE=full: some minutes)",
            .enabled(if: ProcessInfo.processInfo.environment["TEST_SCALE"] == "full"))
        func builds() throws {
            let workshop = try Workshop(["idl/zoo.thrift": Self.zoo, "idl/shared/base.thrift": Self.base])
            let result = try workshop.compile(
                "idl/zoo.thrift", "--scaffold", "Zoo", "--output", "o", "--needletail-path", Workshop.repository.path)
            #expect(result.status == 0, "\(result.errors)")
            let tested = try workshop.run(
                URL(filePath: "/usr/bin/env"), ["swift", "test", "--package-path", "o"], secondsMax: 1_800)
            #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
        }

        @Test("nothing that is there is replaced")
        func existing() throws {
            let workshop = try Workshop(["a.thrift": "service S { void m() }\n", "o/README.md": "mine"])
            let result = try workshop.compile("a.thrift", "--scaffold", "Mine", "--output", "o")
            #expect(result.status == 1 && result.errors.contains("'o/README.md' is there already"), "\(result.errors)")
            #expect(workshop.files(in: "o") == ["README.md"])
        }

        @Test("what cannot become a package is refused, with a reason")
        func refusals() throws {
            let workshop = try Workshop([
                "types.thrift": "struct A {}\n", "empty.thrift": "service S {}\n",
                "module.thrift": "namespace swift Other\nservice S { void m() }\n",
                "sub/up.thrift": "include \"../types.thrift\"\nservice S { void m() }\n",
                "fine.thrift": "service S { void m() }\n",
            ])
            let cases = [
                ("types.thrift", "there is no service in"), ("empty.thrift", "no method"),
                ("module.thrift", "'namespace swift Other'"), ("sub/up.thrift", "outside of the folder"),
            ]
            for (file, message) in cases {
                let result = try workshop.compile(file, "--scaffold", "Mine", "--output", "o")
                #expect(result.status == 1 && result.errors.contains(message), "\(result.errors)")
            }
            for name in ["", "a b", "1a", "Ä", "class", "NIOCore", "a/b"] {
                let result = try workshop.compile("fine.thrift", "--scaffold", name, "--output", "o")
                #expect(result.status == 2 && result.errors.contains("'\(name)' cannot be"), "\(result.errors)")
            }
            let both = try workshop.compile("fine.thrift", "--scaffold", "A", "--plugin", "p", "--output", "o")
            #expect(both.status == 2)
            let path = try workshop.compile("fine.thrift", "--needletail-path", "p", "--output", "o")
            #expect(path.status == 2)
            #expect(workshop.files(in: "o").isEmpty)
        }

        private static let base = """
            exception Gone { 1: string why }
            service Base { void ping() }

            """

        private static let zoo = """
            include "shared/base.thrift"
            enum Food { HAY = 1, FISH = 2 }
            exception Closed {}
            struct Animal { 1: required string name (vt.min_size = "1"), 2: optional i32 age }
            union Place { 1: i32 cage }
            service First { void unused() }
            service Keeper extends base.Base {
              /** Feeds it. */
              i32 feed(1: Animal animal, 2: Food food) throws (1: base.Gone gone, 2: Closed closed),
              Animal find(1: Animal animal) throws (1: base.Gone gone),
              map<string, binary> all(),
              Place place(1: list<i64> ids),
              oneway void post(1: string text),
            }

            """

        private static let implementation = """
            import NIOCore
            import NeedletailRPC

            /// Answers the calls of service `Keeper`, each in a task of its own. One value answers for all connections.
            public struct KeeperImplementation: KeeperAsyncHandler {
                public init() {}

                public func ping(_ context: CallContext) async {
                    // To be written.
                }

                /// Feeds it.
                public func feed(
                    animal: Animal, food: Food, _ context: CallContext
                ) async throws(KeeperMethods.Feed.Failure) -> Int32 {
                    // To be written.
                    0
                }

                public func find(_ animal: Animal, _ context: CallContext) async throws(Gone) -> Animal {
                    // To be written.
                    Animal(name: "")
                }

                public func all(_ context: CallContext) async -> [String: ByteBuffer] {
                    // To be written.
                    [:]
                }

                public func place(ids: [Int64], _ context: CallContext) async -> Place {
                    // To be written.
                    Place.unrecognized(id: 0)
                }

                public func post(text: String, _ context: CallContext) async {
                    // To be written.
                }
            }

            """
    }
}
