//! A server that does nothing: it answers each request with the same answer, and only puts the request's id into it. It has
//! a thread of its own, and waits, receives and sends as the generator does. What is measured against it is the
//! generator's own time and the kernel's.
//!
//! The answer is one that a real server gave to such a call, so that it is as long and as much work to scan.

internal import Foundation
internal import Synchronization

final class NullServer: Sendable {
    let address: Address
    private let listener: Socket
    private let failure = Mutex<(any Error)?>(nil)
    private let isStopping = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Returns when connections are accepted. Whoever made it stops it.
    /// - Parameters:
    ///   - answer: a whole answer of MessagePack-RPC, whose id takes four bytes.
    ///   - cores: where its thread may run; nil: where we may.
    init(answering answer: [UInt8], on cores: CoreSet?) throws {
        guard answer.starts(with: NullLoop.answerHead) else {
            throw WrongAnswer("this is no answer with an id of four bytes: \(text(answer))")
        }
        let (listener, port) = try Socket.listen()
        self.listener = listener
        address = .loopback(port)
        Thread { [self] in
            cores?.apply()
            do {
                var loop = try NullLoop(listener, answer)
                while !isStopping.load(ordering: .relaxed) { try loop.pass() }
            } catch {
                failure.withLock { $0 = error }
            }
            hasEnded.signal()
        }.start()
    }

    /// Ends it, and all connections to it.
    /// - Throws: why it ended before.
    func stop() throws {
        if !isStopping.exchange(true, ordering: .relaxed) {
            hasEnded.wait()
            listener.closeDescriptor()
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// What `server` answers to a call of `shape`.
    static func recordAnswer(of server: Address, _ shape: CallShape, _ keys: KeySpace) throws -> [UInt8] {
        let socket = try Socket.connect(to: server)
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: answerSecondsMax)
        let driver = MessagePackDriver(shape, keys)
        let queue = ByteQueue(capacity: GeneratorLimits.receiveSize)
        let chooser = KeyChooser(.uniform, seed: 0, count: keys.count)
        var drawn = chooser
        // An id that takes four bytes, as those of the generator do in its requests.
        queue.append(driver.template, id: RequestTemplate.idMarker, &drawn)
        guard try queue.send(to: socket) else { throw ServerError("a call was not taken in time") }
        var scan = AnswerScan()
        while true {
            guard let count = try queue.receive(from: socket, room: GeneratorLimits.receiveSize), count > 0 else {
                throw ServerError("no answer came to record")
            }
            if try queue.withBytes({ bytes throws(MalformedAnswer) in try driver.scan(bytes, &scan) }) { break }
        }
        let answer = queue.withBytes { $0.array(0..<scan.offset) }
        try driver.verify(answer, chooser, shape, keys)
        return answer
    }

    private static let answerSecondsMax = 10
}

/// What the thread of a `NullServer` does.
private struct NullLoop: ~Copyable {
    /// `[1, id ...`, the id in four bytes.
    static let answerHead: [UInt8] = [0x94, 0x01, 0xce]
    private static let requestHead: [UInt8] = [0x94, 0x00, 0xce]
    private static let idSize = 4
    private static let receiveSize = 65_536
    /// How long to wait before looking whether to stop.
    private static let waitMillis: Int32 = 20
    private static let listenerTag = Int.max

    private struct Client {
        let socket: Socket
        let incoming = ByteQueue(capacity: receiveSize)
        let outgoing = ByteQueue(capacity: receiveSize)
        var awaitsRoom = false
    }

    private let poller: Poller
    private let listener: Socket
    /// Before the id, and behind it.
    private let head: [UInt8]
    private let tail: [UInt8]
    private var clients: [Client?] = []

    init(_ listener: Socket, _ answer: [UInt8]) throws {
        let poller = try Poller()
        try poller.add(listener, tag: Self.listenerTag)
        self.poller = poller
        self.listener = listener
        head = Array(answer.prefix(Self.answerHead.count))
        tail = Array(answer.dropFirst(Self.answerHead.count + Self.idSize))
    }

    deinit { for client in clients { client?.socket.closeDescriptor() } }

    /// Waits once and handles what is there.
    mutating func pass() throws {
        let count = try poller.wait(timeoutMillis: Self.waitMillis)
        for position in 0..<count {
            let event = poller.event(position)
            if event.tag == Self.listenerTag {
                guard let socket = try listener.accept() else { continue }
                try poller.add(socket, tag: clients.count)
                clients.append(Client(socket: socket))
            } else if let socket = clients[event.tag]?.socket {
                do {
                    let isThere = try !event.isReadable || answer(event.tag)
                    if isThere { try flush(event.tag) } else { drop(event.tag, socket) }
                } catch is SystemError {
                    drop(event.tag, socket)
                }
            }
        }
    }

    private mutating func drop(_ index: Int, _ socket: Socket) {
        socket.closeDescriptor()
        clients[index] = nil
    }

    /// - Returns: whether the client is still there.
    private func answer(_ index: Int) throws -> Bool {
        guard let client = clients[index] else { return false }
        guard let count = try client.incoming.receive(from: client.socket, room: Self.receiveSize) else { return true }
        guard count > 0 else { return false }
        let consumed = try client.incoming.withBytes { bytes throws(MalformedAnswer) -> Int in
            var start = 0
            while start < bytes.count, let end = try passMessagePackValue(bytes, from: start) {
                let id = start + Self.requestHead.count
                guard id + Self.idSize <= end, bytes[start] == Self.requestHead[0],
                    bytes[start + 1] == Self.requestHead[1], bytes[start + 2] == Self.requestHead[2]
                else { throw MalformedAnswer(expected: "a request with an id of four bytes") }
                client.outgoing.append(head.span)
                client.outgoing.append(bytes.extracting(id..<id + Self.idSize))
                client.outgoing.append(tail.span)
                start = end
            }
            return start
        }
        client.incoming.consume(consumed)
        return true
    }

    private mutating func flush(_ index: Int) throws {
        guard let client = clients[index] else { return }
        let isAllSent = try client.outgoing.send(to: client.socket)
        if isAllSent == client.awaitsRoom {
            clients[index]?.awaitsRoom = !isAllSent
            try poller.change(client.socket, tag: index, wantsWritable: !isAllSent)
        }
    }
}
