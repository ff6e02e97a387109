//! Messages that are cut off, flipped, endless, too deep, or none at all, sent to a running server beside clients that do
//! nothing wrong. Every connection is answered or closed; nobody else notices; the server ends with 0.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct SpoiledMessages {
        /// Bytes by which the server may grow meanwhile: buffers, and what the allocator keeps.
        private static let growthMax = 64 << 20

        /// Runs `body` against a server that must stay as it is.
        private func withServer(_ body: (RunningServer) throws -> Void) throws {
            try RunningServer.with { server throws in
                let before = try server.residentBytes()
                try Bystander.watch(server) { try body(server) }
                #expect(try server.residentBytes() - before < Self.growthMax)
            }
        }

        /// Sends `bytes`, ends the stream, and reads what comes to the end.
        @discardableResult
        private func send(_ bytes: [UInt8], to server: RunningServer, ends: Bool = true) throws -> [UInt8] {
            let socket = try RawSocket.connect(port: server.port)
            do {
                try socket.send(bytes)
                if ends { try socket.endSending() }
                return try socket.receiveToEnd()
            } catch let error as SocketError where [ECONNRESET, EPIPE, ENOTCONN].contains(error.number) {
                // It was closed while we were still sending.
                return []
            }
        }

        @Test("calls cut off at every byte", arguments: HostileMessages.wires)
        func truncated(wire: String) throws {
            try withServer { server in
                for call in try HostileMessages.calls(wire) {
                    for count in 0..<call.count {
                        #expect(try send(Array(call.prefix(count)), to: server).isEmpty, "after \(count) bytes")
                    }
                    #expect(try !send(call, to: server).isEmpty)
                }
            }
        }

        @Test("calls with each bit flipped", arguments: HostileMessages.wires)
        func flipped(wire: String) throws {
            try withServer { server in
                for call in try HostileMessages.calls(wire) {
                    for bit in stride(from: 0, to: call.count * 8, by: Surroundings.isFullScale ? 1 : 3) {
                        var message = call
                        message[bit / 8] ^= 1 << UInt8(bit % 8)
                        try send(message, to: server)
                    }
                }
            }
        }

        @Test("bytes without any order")
        func random() throws {
            var state: UInt64 = 20
            func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 33
            }
            try withServer { server in
                for _ in 0..<(Surroundings.isFullScale ? 20_000 : 400) {
                    try send((0..<1 + next() % 5_000).map { _ in UInt8(truncatingIfNeeded: next()) }, to: server)
                }
            }
        }

        @Test("a length of two gigabytes is refused by name before it has come", arguments: HostileMessages.wires)
        func endless(wire: String) throws {
            try withServer { server in
                let answer = try send(try HostileMessages.endless(wire), to: server, ends: false)
                #expect(String(decoding: answer, as: UTF8.self).contains("\(64 << 20)"), "the limit is named")
            }
        }

        @Test("a request ten thousand levels deep is refused by name", arguments: HostileMessages.wires)
        func deep(wire: String) throws {
            try withServer { server in
                let answer = try send(HostileMessages.deep(wire), to: server)
                #expect(String(decoding: answer, as: UTF8.self).contains("nested deeper than"))
            }
        }

        @Test("a call that comes byte by byte is served", arguments: HostileMessages.wires)
        func byteByByte(wire: String) throws {
            try withServer { server in
                let socket = try RawSocket.connect(port: server.port)
                try socket.sendAtOnce()
                for byte in try HostileMessages.file("multi-get", wire) { try socket.send([byte]) }
                try socket.endSending()
                #expect(try !socket.receiveToEnd().isEmpty)
            }
        }

        static let others = [("http", "HTTP/1"), ("http2", "HTTP/2"), ("tls", "TLS"), ("redis", "the Redis")]

        @Test("a client of another protocol is closed, and the log says which", arguments: others)
        func foreign(file: String, name: String) throws {
            try withServer { server in
                #expect(try send(try HostileMessages.file(file, "first-bytes"), to: server, ends: false).isEmpty)
                try server.waitForLog("it looks like \(name)")
            }
        }
    }
}
