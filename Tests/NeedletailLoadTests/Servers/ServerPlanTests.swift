internal import Testing

@testable internal import needletail_load

/// How servers are started.
@Suite struct ServerPlanTests {
    private static func arguments(_ kind: ServerKind, _ persistence: Persistence) -> [String] {
        ServerPlan(kind, persistence: persistence).arguments(port: 7, in: "/data")
    }

    /// What stands behind an option.
    private static func value(_ option: String, in arguments: [String]) -> String? {
        arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
    }

    @Test("Needletail gets the durability that the row is about, and its directory", arguments: Persistence.allCases)
    func needletail(_ persistence: Persistence) {
        let arguments = Self.arguments(.needletail, persistence)
        #expect(arguments.first == "serve")
        #expect(Self.value("--durability", in: arguments) == "\(persistence)")
        #expect(Self.value("--data-dir", in: arguments) == "/data")
        #expect(Self.value("--port", in: arguments) == "7")
        #expect(Self.value("--log-snapshot-interval", in: arguments) == (persistence == .memory ? nil : "0s"))
    }

    @Test("a server with a naive decoder is our own executable, with the flags of any other")
    func naive() throws {
        var plan = ServerPlan(.needletail)
        let flags = plan.arguments(port: 7, in: "/data").dropFirst()
        plan.decodesNaively = true
        #expect(plan.arguments(port: 7, in: "/data").first == ServeNaiveCommand.name)
        #expect(plan.arguments(port: 7, in: "/data").dropFirst() == flags)
        #expect(try plan.findExecutable().hasSuffix("/needletail-load"))
    }

    @Test("Redis keeps no file, or one of commands that it never rewrites")
    func redis() {
        let memory = Self.arguments(.redis, .memory)
        #expect(Self.value("--appendonly", in: memory) == "no")
        for (persistence, appendfsync) in [(Persistence.logged, "everysec"), (.synced, "always")] {
            let arguments = Self.arguments(.redis, persistence)
            #expect(Self.value("--appendonly", in: arguments) == "yes")
            #expect(Self.value("--appendfsync", in: arguments) == appendfsync)
            #expect(Self.value("--auto-aof-rewrite-percentage", in: arguments) == "0")
            #expect(Self.value("--aof-use-rdb-preamble", in: arguments) == "no")
            #expect(Self.value("--save", in: arguments) == "")
            #expect(Self.value("--dir", in: arguments) == "/data")
        }
    }

    @Test("memcached takes part where nothing persists")
    func memcached() {
        #expect(ServerPlan(.memcached).isPossible)
        #expect(!ServerPlan(.memcached, persistence: .logged).isPossible)
        #expect(!ServerPlan(.memcached, persistence: .synced).isPossible)
    }

    @Test("a server that persists does not get a directory in memory")
    func directoryInMemory() throws {
        let memory = "/dev/shm"
        try #require(FileSystem.isInMemory(memory))
        #expect {
            try ServerPlan(.redis, persistence: .synced, parent: memory).makeDirectory()
        } throws: {
            "\($0)".contains("--disk")
        }
        let directory = try ServerPlan(.redis, parent: memory).makeDirectory()
        #expect(FileSystem.isFolder(directory.path("data")))
    }
}
