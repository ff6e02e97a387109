internal import Histogram
internal import Testing
internal import Timing

@testable internal import needletail_load

/// The delay in front of a store, over real connections.
@Suite struct DelayProxyTests {
    /// `*1`, `PING`.
    private static let command = Array("*1\r\n$4\r\nPING\r\n".utf8)
    private static let cores = CoreSet.current()

    /// Sends commands at once and takes replies, as many as commands.
    /// - Returns: the replies, and how long all of them took.
    private static func exchange(_ address: Address, _ commands: [[UInt8]]) throws -> (replies: [UInt8], millis: Double)
    {
        let socket = try Socket.connect(to: address)
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: 20)
        let outgoing = ByteQueue(capacity: 65_536)
        let incoming = ByteQueue(capacity: 65_536)
        let start = Clock.system.now()
        for command in commands { outgoing.append(command.span) }
        #expect(try outgoing.send(to: socket))
        var count = 0
        var end = 0
        while count < commands.count {
            guard let received = try incoming.receive(from: socket, room: 65_536), received > 0 else { break }
            while let next = try incoming.withBytes({ try passRESPValue($0, from: end) }) {
                end = next
                count += 1
            }
        }
        let millis = Double(Clock.system.now().nanoseconds(since: start)) / 1e6
        return (incoming.withBytes { $0.array(0..<$0.count) }, millis)
    }

    @Test("pipelined commands are delayed at the same time, none is lost, and no reply leaves early")
    func pipelining() async throws {
        try await onOwnThread {
            let store = try FakeServer(requestSize: Self.command.count, answer: Array("+PONG\r\n".utf8))
            let proxy = try DelayProxy(
                to: store.address, LogNormal(medianMillis: 200, sigma: 0), seed: 1, on: Self.cores)
            defer { _ = try? proxy.stop() }
            let (replies, millis) = try Self.exchange(proxy.address, Array(repeating: Self.command, count: 50))
            #expect(replies == Array(repeatElement(Array("+PONG\r\n".utf8), count: 50).joined()))
            #expect(millis >= 200)
            // One after the other they would take ten seconds.
            #expect(millis < 5_000)
            let figures = try proxy.stop()
            #expect(figures.replies == 50)
            #expect(figures.overshoot.totalCount == 50)
        }
    }

    @Test(
        "delays are drawn: some replies wait for others, and the order is Redis'",
        .enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func order() async throws {
        try await onOwnThread {
            let redis = try ServerProcess(ServerPlan(.redis), on: nil)
            defer { redis.stop() }
            let proxy = try DelayProxy(
                to: redis.address, LogNormal(medianMillis: 3, sigma: 0.5), seed: 1, on: Self.cores)
            defer { _ = try? proxy.stop() }
            // Replies of many sizes, the larger of which come in pieces.
            let words = (0..<200).map { String(repeating: "x", count: $0 * $0) + "\($0)" }
            let commands = words.map { Array("*2\r\n$4\r\nECHO\r\n$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
            let expected = words.map { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
            let (replies, _) = try Self.exchange(proxy.address, commands)
            #expect(replies == Array(expected.joined()))
            #expect(try proxy.stop().replies == 200)
        }
    }

    @Test("when the store goes, its connections go; the proxy ends when it is told")
    func closing() async throws {
        try await onOwnThread {
            let store = try FakeServer(requestSize: Self.command.count, answer: [])
            let proxy = try DelayProxy(
                to: store.address, LogNormal(medianMillis: 1, sigma: 0), seed: 1, on: Self.cores)
            let socket = try Socket.connect(to: proxy.address)
            defer { socket.closeDescriptor() }
            socket.setTimeout(seconds: 20)
            let queue = ByteQueue(capacity: 1_024)
            try proxy.stop()
            try proxy.stop()
            #expect((try? queue.receive(from: socket, room: 1_024)) ?? 0 == 0)
        }
    }
}
