//! What the thread of a `DelayProxy` does: waits in one place for bytes and for replies that are due, and passes them on.
//!
//! Commands are passed on at once; what is held back are the replies (`DelayLine`). Redis' own time is within the delay,
//! as long as it is the shorter of the two.

internal import Histogram
internal import Timing

struct ProxyLoop: ~Copyable {
    /// Received at a time.
    private static let receiveSize = 65_536
    /// How long to wait before looking whether to stop.
    private static let waitNanosecondsMax: Int64 = 20_000_000

    private let poller: Poller
    private let listener: Socket
    private let store: Address
    private let delay: LogNormal
    private var random: WyRand
    private var connections: [ProxyConnection?] = []
    private let clock = Clock.system
    private(set) var figures = DelayFigures()

    init(_ listener: Socket, _ store: Address, _ delay: LogNormal, seed: UInt64) throws {
        let poller = try Poller()
        try poller.add(listener, tag: Tag.listener)
        self.poller = poller
        self.listener = listener
        self.store = store
        self.delay = delay
        random = WyRand(seed: seed)
    }

    deinit {
        for connection in connections { connection?.close() }
    }

    /// What a socket was added to the poller with.
    private enum Tag {
        static let listener = 0
        static func client(_ index: Int) -> Int { index * 2 + 1 }
        static func store(_ index: Int) -> Int { index * 2 + 2 }
    }

    /// Waits once and handles what is there.
    mutating func pass() throws {
        let nextDue = connections.lazy.compactMap { $0?.line.nextDueNanoseconds }.min()
        let wait = nextDue.map { $0 - clock.now().nanoseconds } ?? Self.waitNanosecondsMax
        let count = try poller.wait(timeoutNanoseconds: min(wait, Self.waitNanosecondsMax))
        for position in 0..<count {
            let event = poller.event(position)
            if event.tag == Tag.listener {
                try accept()
            } else {
                try handle(event, (event.tag - 1) / 2)
            }
        }
        try sendDue()
    }

    private mutating func accept() throws {
        guard let client = try listener.accept() else { return }
        guard let target = try? Socket.connect(to: store) else { return client.closeDescriptor() }
        target.makeNonBlocking()
        let index = connections.count
        connections.append(ProxyConnection(client, target))
        try poller.add(client, tag: Tag.client(index))
        try poller.add(target, tag: Tag.store(index))
    }

    private mutating func handle(_ event: Poller.Event, _ index: Int) throws {
        guard var connection = connections[index] else { return }
        connections[index] = nil
        do {
            if event.isReadable {
                if event.tag == Tag.client(index) {
                    try takeCommands(&connection)
                } else {
                    try takeReplies(&connection)
                }
            }
            try flush(&connection, index)
            connections[index] = connection
        } catch is SystemError {
            // Either side has gone; then the other goes, too.
            connection.close()
        }
    }

    private mutating func takeCommands(_ connection: inout ProxyConnection) throws {
        let queue = connection.fromClient
        guard let count = try queue.receive(from: connection.client, room: Self.receiveSize) else { return }
        guard count > 0 else { throw SystemError(call: "receive", number: 0) }
        let now = clock.now().nanoseconds
        let toStore = connection.toStore
        var commands = 0
        let end = try queue.withBytes { bytes throws -> Int in
            var end = 0
            while let next = try passRESPValue(bytes, from: end) {
                commands += 1
                end = next
            }
            toStore.append(bytes.extracting(0..<end))
            return end
        }
        queue.consume(end)
        for _ in 0..<commands {
            connection.line.noteCommand(at: now, delayNanoseconds: delay.nanoseconds(&random))
        }
    }

    private mutating func takeReplies(_ connection: inout ProxyConnection) throws {
        let queue = connection.fromStore
        guard let count = try queue.receive(from: connection.store, room: Self.receiveSize) else { return }
        guard count > 0 else { throw SystemError(call: "receive", number: 0) }
        let now = clock.now().nanoseconds
        while let end = try queue.withBytes({ try passRESPValue($0, from: connection.heldSize) }) {
            let isLate = try connection.line.noteReply(size: end - connection.heldSize, at: now)
            connection.heldSize = end
            figures.replies += 1
            if isLate { figures.late += 1 }
        }
    }

    private mutating func sendDue() throws {
        for index in connections.indices {
            guard let due = connections[index]?.line.nextDueNanoseconds, due <= clock.now().nanoseconds,
                var connection = connections[index]
            else { continue }
            connections[index] = nil
            let now = clock.now().nanoseconds
            while let reply = connection.line.leave(at: now) {
                connection.release(reply.size)
                figures.overshoot.record(nanoseconds: now - reply.dueNanoseconds)
            }
            do {
                try flush(&connection, index)
                connections[index] = connection
            } catch is SystemError {
                connection.close()
            }
        }
    }

    /// Sends what the sockets take; the rest when they take bytes again.
    private func flush(_ connection: inout ProxyConnection, _ index: Int) throws {
        let isStoreFull = try !connection.toStore.send(to: connection.store)
        if isStoreFull != connection.awaitsStore {
            connection.awaitsStore = isStoreFull
            try poller.change(connection.store, tag: Tag.store(index), wantsWritable: isStoreFull)
        }
        let isClientFull = try !connection.toClient.send(to: connection.client)
        if isClientFull != connection.awaitsClient {
            connection.awaitsClient = isClientFull
            try poller.change(connection.client, tag: Tag.client(index), wantsWritable: isClientFull)
        }
    }
}

/// A connection of the server, and the one to the store that belongs to it.
private struct ProxyConnection {
    private static let capacity = 65_536

    let client: Socket
    let store: Socket
    var line = DelayLine()
    /// The beginning of a command whose rest has not come.
    let fromClient = ByteQueue(capacity: capacity)
    let toStore = ByteQueue(capacity: capacity)
    /// Replies that are held back, and behind them the beginning of the next one.
    let fromStore = ByteQueue(capacity: capacity)
    /// Bytes of `fromStore` that are whole replies.
    var heldSize = 0
    let toClient = ByteQueue(capacity: capacity)
    /// Whether the poller tells when the sockets take bytes again.
    var awaitsStore = false
    var awaitsClient = false

    init(_ client: Socket, _ store: Socket) {
        self.client = client
        self.store = store
    }

    /// Lets the first reply leave.
    mutating func release(_ size: Int) {
        let toClient = toClient
        fromStore.withBytes { toClient.append($0.extracting(0..<size)) }
        fromStore.consume(size)
        heldSize -= size
    }

    func close() {
        client.closeDescriptor()
        store.closeDescriptor()
    }
}
