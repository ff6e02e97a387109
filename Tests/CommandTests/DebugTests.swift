//! `/debug` of a real server, idle and under load.

internal import Foundation
internal import FoundationXML
internal import Testing

/// `text`, which must be a JSON list of objects.
private func list(_ text: String) throws -> [[String: JSONValue]] {
    try JSONDecoder().decode([[String: JSONValue]].self, from: Data(text.utf8))
}

extension CommandTests {
    @Suite struct Debug {
        @Test("/debug lists what is below it, and all of that answers")
        func listing() throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                let listing = try HTTPAnswer.get("/debug/", port: server.adminPort)
                #expect(listing.status == 200)
                let paths = listing.body.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
                #expect(paths.count == 8)
                for path in paths where path != "/debug/profile" {
                    #expect(try HTTPAnswer.get(path, port: server.adminPort).status == 200, "\(path)")
                }
            }
        }

        @Test("/debug/options says where each value came from, and hides secrets")
        func options() throws {
            let arguments = ["--event-loops", "2", "--engine-password", "hush"]
            try RunningServer.with(arguments, environment: ["NEEDLETAIL_ADMIN_HOST": "127.0.0.1"]) { server throws in
                let body = try HTTPAnswer.get("/debug/options", port: server.adminPort).body
                let options = try Dictionary(
                    uniqueKeysWithValues: list(body).map { ($0["name"]?.string ?? "", $0) })
                #expect(options["rpc.eventLoops"]?["value"] == .string("2"))
                #expect(options["rpc.eventLoops"]?["origin"]?.string?.contains("--event-loops") == true)
                #expect(options["admin.host"]?["origin"]?.string?.contains("NEEDLETAIL_ADMIN_HOST") == true)
                #expect(options["rpc.backlog"]?["origin"] == .string("default"))
                #expect(options["engine.password"]?["value"] == .string("(hidden)"))
                #expect(!body.contains("hush"))
            }
        }

        @Test("/debug/shards and /debug/heap account for the entries")
        func shards() throws {
            try RunningServer.with(["--memory-shards", "4"]) { server throws in
                for index in 0..<8 { #expect(try server.run(["put", "key \(index)", "value"]).status == 0) }
                let shards = try list(HTTPAnswer.get("/debug/shards", port: server.adminPort).body)
                #expect(shards.count == 4)
                #expect(shards.reduce(0) { $0 + ($1["entries"]?.integer ?? 0) } == 8)
                let heap = try JSONValue.object(HTTPAnswer.get("/debug/heap", port: server.adminPort).body)
                let store = heap["store"]?.object ?? [:]
                let bytes = shards.reduce(0) { $0 + ($1["entryBytes"]?.integer ?? 0) }
                #expect(bytes > 0)
                #expect(store["entryBytes"] == .integer(bytes))
                #expect(store["shards"]?.array?.count == 4)
                let allocator = heap["allocator"]?.object ?? [:]
                #expect(allocator["usedBytes"]?.integer ?? 0 > 10_000)
                #expect(allocator["arenas"]?.array?.isEmpty == false)
            }
        }

        @Test("/debug/connections shows an open connection with its calls, and /debug/pools every loop")
        func connections() throws {
            try RunningServer.with(["--event-loops", "2"]) { server throws in
                let client = try RawSocket.connect(port: server.port)
                try client.send(RawProtocol.messagePack.put(id: 0, size: 50))
                #expect(try !client.receive().isEmpty)
                try client.send(RawProtocol.messagePack.put(id: 1, size: 50))
                #expect(try !client.receive().isEmpty)
                let loops = try list(HTTPAnswer.get("/debug/connections", port: server.adminPort).body)
                #expect(loops.compactMap { $0["frozen"] } == [.bool(false), .bool(false)])
                let open = loops.flatMap { $0["answer"]?.object?["shown"]?.array ?? [] }.compactMap(\.object)
                #expect(open.count == 1)
                #expect(open.first?["calls"] == .integer(2))
                #expect(open.first?["inFlight"] == .integer(0))
                #expect(open.first?["protocol"]?.string?.lowercased().contains("messagepack") == true)
                #expect(open.first?["peer"]?.string?.contains("127.0.0.1") == true)
                #expect(try list(HTTPAnswer.get("/debug/pools", port: server.adminPort).body).count == 2)
            }
        }

        @Test("/debug/threads shows the event loops, waiting")
        func threads() throws {
            try RunningServer.with(["--event-loops", "2"]) { server throws in
                let answer = try HTTPAnswer.get("/debug/threads", port: server.adminPort)
                #expect(answer.status == 200)
                let loops = answer.body.split(separator: "\n\n").filter { $0.hasPrefix("NIO-ELT") }
                #expect(loops.count >= 3)
                #expect(loops.filter { $0.contains("SelectableEventLoop.run") }.count >= 2, "\(answer.body)")
            }
        }

        @Test("a profile of a loaded server names our functions, and calls are answered meanwhile")
        func profile() throws {
            try RunningServer.with(["--event-loops", "1"]) { server throws in
                var (folded, svg) = ("", "")
                // They fail unless they are answered all the time.
                try Bystander.watch(server) {
                    let path = "/debug/profile?seconds=3&hz=500&format=folded"
                    folded = try HTTPAnswer.get(path, port: server.adminPort).body
                    let answer = try HTTPAnswer.get("/debug/profile?seconds=1", port: server.adminPort)
                    #expect(answer.headers["content-type"]?.hasPrefix("image/svg+xml") == true)
                    svg = answer.body
                }
                let lines = folded.split(separator: "\n")
                #expect(lines.allSatisfy { $0.wholeMatch(of: /.+;.+ [0-9]+/) != nil })
                let ours = lines.filter { $0.hasPrefix("NIO-ELT") }
                #expect(ours.contains { $0.contains("RPCLoop.") && $0.contains("RPCConnection.") }, "\(folded)")
                #expect(ours.contains { $0.contains("MemoryEngine.") }, "\(folded)")
                #expect(XMLParser(data: Data(svg.utf8)).parse())
                #expect(svg.contains("NIO-ELT"))
            }
        }

        @Test("a second profile is refused, and so are parameters out of bounds")
        func bounds() throws {
            try RunningServer.with { server throws in
                for query in ["seconds=0", "seconds=61", "hz=1000", "hz=x", "format=png"] {
                    let answer = try HTTPAnswer.get("/debug/profile?\(query)", port: server.adminPort)
                    #expect(answer.status == 400, "\(query)")
                }
                let port = server.adminPort
                // Until it has begun, the others may be first.
                let first = Thread {
                    while (try? HTTPAnswer.get("/debug/profile?seconds=30", port: port).status) == 429 {}
                }
                first.start()
                var status = 0
                for _ in 0..<20 where status != 429 {
                    Thread.sleep(forTimeInterval: 0.1)
                    status = try HTTPAnswer.get("/debug/profile?seconds=1", port: port).status
                }
                #expect(status == 429)
                // The profile of half a minute does not hold up the end.
                server.send(SIGTERM)
                #expect(try server.wait() == 0)
            }
        }

        @Test("a profile ends when its client has left, and the next may begin")
        func leaving() throws {
            try RunningServer.with { server throws in
                var client: RawSocket? = try RawSocket.connect(port: server.adminPort)
                try client?.send(Array("GET /debug/profile?seconds=60 HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                func status() throws -> Int {
                    try HTTPAnswer.get("/debug/profile?seconds=1", port: server.adminPort).status
                }
                let end = Date().addingTimeInterval(30)
                var hasBegun = false
                while !hasBegun, Date() < end { hasBegun = try status() == 429 }
                #expect(hasBegun)
                client = nil
                var next = 0
                while next != 200, Date() < end { next = try status() }
                #expect(next == 200)
            }
        }

        @Test("with admin.debug false there is nothing below /debug")
        func off() throws {
            try RunningServer.with(["--admin-debug", "false"]) { server throws in
                for path in ["/debug", "/debug/options", "/debug/profile"] {
                    #expect(try HTTPAnswer.get(path, port: server.adminPort).status == 404)
                }
            }
        }
    }
}
