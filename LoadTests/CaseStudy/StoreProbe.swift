//! Asks a Redis for what it holds, one command at a time.

struct StoreProbe: ~Copyable {
    private static let answerSecondsMax = 5
    private static let receiveSize = 65_536
    /// Values whose lengths are asked for.
    private static let samples = 33

    private let socket: Socket
    private let queue = ByteQueue(capacity: receiveSize)

    init(_ address: Address) throws {
        socket = try Socket.connect(to: address)
        socket.setTimeout(seconds: Self.answerSecondsMax)
    }

    deinit { socket.closeDescriptor() }

    func keyCount() throws -> Int { try number(["DBSIZE"]) }

    /// The median length of some values, in bytes.
    func valueSize() throws -> Int {
        let sizes = try (0..<Self.samples).map { _ -> Double in
            let reply = try ask([Array("RANDOMKEY".utf8)])
            // `$`, the length, the key: bytes, not text.
            guard let line = reply.firstIndex(of: UInt8(ascii: "\n")) else { throw WrongAnswer("no key") }
            return Double(try number([Array("STRLEN".utf8), Array(reply[(line + 1)...].dropLast(2))]))
        }
        return Int(median(sizes) ?? 0)
    }

    private func number(_ words: [String]) throws -> Int { try number(words.map { Array($0.utf8) }) }

    private func number(_ words: [[UInt8]]) throws -> Int {
        let reply = try ask(words)
        guard reply.first == UInt8(ascii: ":"),
            let number = Int(String(decoding: reply.dropFirst().dropLast(2), as: UTF8.self))
        else { throw WrongAnswer("Redis answered \(text(reply))") }
        return number
    }

    private func ask(_ words: [[UInt8]]) throws -> [UInt8] {
        var command = Array("*\(words.count)\r\n".utf8)
        for word in words { command += Array("$\(word.count)\r\n".utf8) + word + Array("\r\n".utf8) }
        queue.append(command.span)
        guard try queue.send(to: socket) else { throw ServerError("Redis took no command") }
        while true {
            guard let count = try queue.receive(from: socket, room: Self.receiveSize), count > 0 else {
                throw ServerError("Redis did not answer")
            }
            guard let end = try queue.withBytes({ try passRESPValue($0, from: 0) }) else { continue }
            let reply = queue.withBytes { $0.array(0..<end) }
            queue.consume(end)
            return reply
        }
    }
}
