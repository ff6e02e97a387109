//! Clients that behave badly with nothing wrong in what they send: probes, a client that never reads, five thousand that
//! never say anything.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct HostileClients {
        @Test("port probes, closed or reset, are no event")
        func probes() throws {
            let server = try RunningServer()
            try Bystander.watch(server) {
                for number in 0..<400 {
                    let socket = try RawSocket.connect(port: server.port)
                    if number.isMultiple(of: 2) { try socket.resetAtClose() }
                }
            }
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let log = try server.completeLog().map(JSONValue.object)
            #expect(log.allSatisfy { $0["level"] == .string("info") }, "\(log)")
        }

        /// Bytes by which a server may grow for a client that does not read: what the kernel and the watermark hold.
        private static let unreadGrowthMax = 32 << 20
        private static let valueSize = 64 << 10
        private static let unreadCallsMax = 5_000_000

        @Test("a client that never reads its answers is not read from, and holds bounded memory")
        func neverReads() throws {
            try RunningServer.with { server throws in
                let put = RawProtocol.messagePack.put(
                    id: 0, key: "big", value: Array(repeating: 0x78, count: Self.valueSize - 1))
                let writer = try RawSocket.connect(port: server.port)
                try writer.send(put)
                #expect(try !writer.receive().isEmpty)
                let before = try server.residentBytes()
                try Bystander.watch(server) {
                    let socket = try RawSocket.connect(port: server.port)
                    let get: [UInt8] =
                        [0x94, 0, 7, 0xa3] + Array("get".utf8) + [0x91, 0x81, 1, 0xa3] + Array("big".utf8)
                    let calls = Array(repeating: get, count: 4_096).flatMap(\.self)
                    var sent = 0
                    var stalls = 0
                    // At the limit the answers would be 300 GiB, were they made.
                    while sent < Self.unreadCallsMax * get.count, stalls < 50 {
                        let count = try socket.sendWhatFits(calls[(sent % calls.count)...])
                        sent += count
                        stalls = count == 0 ? stalls + 1 : 0
                        // An answer on the admin port is the pause: the server has had its turn then.
                        if count == 0 { #expect(try server.residentBytes() - before < Self.unreadGrowthMax) }
                    }
                    #expect(sent < Self.unreadCallsMax * get.count, "the server stops reading")
                }
                #expect(try server.residentBytes() - before < Self.unreadGrowthMax)
            }
        }

        private static let idleCount = 5_000
        /// Bytes that an idle connection may take, in a debug build too.
        private static let idleBytesMax = 16 << 10

        @Test(
            "five thousand idle connections",
            .enabled(if: Surroundings.raiseOpenFiles(to: idleCount + 200), "the limit on open files is too low"))
        func idle() throws {
            try RunningServer.with(["--rpc-max-connections", "\(Self.idleCount + 100)"]) { server throws in
                try Bystander.watch(server) {}
                let before = try server.residentBytes()
                var sockets: [RawSocket] = []
                try Bystander.watch(server) {
                    for _ in 0..<Self.idleCount { sockets.append(try RawSocket.connect(port: server.port)) }
                    // The last one is served: all before it were accepted.
                    #expect(try sockets[Self.idleCount - 1].ping())
                }
                let silent = try server.residentBytes() - before
                for socket in sockets { #expect(try socket.ping()) }
                let spoken = try server.residentBytes() - before
                print(
                    "resident memory of an idle connection: \(silent / Self.idleCount) bytes silent,",
                    "\(spoken / Self.idleCount) bytes after a call")
                #expect(spoken / Self.idleCount < Self.idleBytesMax)
            }
        }
    }
}

extension RawSocket {
    /// Calls `ping` in MessagePack-RPC; whether the answer came.
    fileprivate func ping() throws -> Bool {
        try send([0x94, 0, 7, 0xa4] + Array("ping".utf8) + [0x90])
        return try receive().count == 9
    }
}
